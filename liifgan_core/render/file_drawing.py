"""One file while it is drawn: bands from top to bottom, through colours into a writer."""

import logging
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, TypeVar

import numpy as np
from numpy.typing import NDArray

from liifgan_core.files.failures import write_error
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.file_colours import file_colours
from liifgan_core.images.formats import Format, format_by_name
from liifgan_core.images.gain_map import GainMap
from liifgan_core.images.image import Image
from liifgan_core.images.metadata.enlarged import Enlargement
from liifgan_core.images.metadata.metadata import NO_METADATA, Metadata, result_metadata
from liifgan_core.images.target import check_target
from liifgan_core.images.windows import Windows
from liifgan_core.images.write import ImageWriter, open_writer
from liifgan_core.losses import Loss, collected, tell
from liifgan_core.progress import CancelToken
from liifgan_core.render.consistency import Consistency
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.export_alpha import Backdrop, is_gray_colour
from liifgan_core.render.export_options import ExportOptions, ExportOrder, ExportReport
from liifgan_core.render.invented import invented_map
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.sizing import factor_text
from liifgan_core.warp import Warp

_log = logging.getLogger(__name__)

Rows = NDArray[np.float32]
_Value = TypeVar("_Value")

_SPOOLED_BYTES = 4 << 20
"""Of a consistent result, read back at a time."""
_ROWS_BYTES = 4 << 20
"""Of rendered rows that are converted and written at once."""
_TOGETHER_LR_ROWS = 16
"""Height of bands in LR rows where several files are drawn side by side: those that lie farthest
apart still lie on two rows of tiles, which `EncodedTiles` keeps."""


class FellBackError(Exception):
    """Half precision has failed while a file was drawn, which says that it drew all of it."""


class FileDrawing:
    """A file that is drawn and written step by step. For one thread at a time."""

    def __init__(
        self,
        image: Image,
        order: ExportOrder,
        model: PlacedModel,
        picture: ContinuousImage,
        warp: Warp | None,
        consistency: Consistency | None,
        losses: list[Loss],
        cancel: CancelToken | None,
    ) -> None:
        """`picture` is the image encoded by `model`. Nothing is created before the first step.

        With a `warp` the file is what its frame shows, beyond the photo the order's background.
        `losses` takes what the file loses; the report has that, and what reading the photo lost.
        """
        self.picture = picture
        self.fraction = 0.0
        """How much has been drawn, from 0 to 1."""
        self.spent_s, self.encoding_s = 0.0, 0.0
        self._drawing_s = 0.0
        self._format = format_by_name(order.options.format)
        self._image, self._order, self._model = image, order, model
        self._consistency, self._losses, self._cancel = consistency, losses, cancel
        self._warp, self._frame = warp, image.size if warp is None else warp.size
        self._viewport = Viewport.whole(self._frame, order.size)
        self._precision = model.precision
        self._backdrop: Backdrop | None = None
        self._steps = self._run()

    def step(self) -> bool:
        """Draw and write some rows; return whether the file is complete and has its name.

        Raises the errors of rendering and writing, and FellBackError, after which nothing is left
        of the file.
        """
        start_s, encoded_s = time.perf_counter(), self.picture.encoding_s
        try:
            with collected(self._losses):
                next(self._steps)
        except StopIteration:
            return True
        finally:
            self.spent_s += time.perf_counter() - start_s
            self.encoding_s += self.picture.encoding_s - encoded_s
        return False

    def close(self) -> None:
        """Leave nothing of a file that is not complete."""
        self._steps.close()

    def report(self) -> ExportReport:
        """Return what the file took; only when it is complete."""
        consistency = self._consistency
        report = ExportReport(
            encoding_s=self.encoding_s,
            rendering_s=self._drawing_s,
            writing_s=self.spent_s - self.encoding_s - self._drawing_s,
            precision=self._model.precision,
            engine=self._model.engine,
            seconds=self.spent_s,
            consistent=consistency.kind if consistency else None,
            consistent_error=round(consistency.error, 4) if consistency else None,
            losses=(*self._image.losses, *self._losses),
        )
        _log.info(
            "%s: encoding %.2f s, rendering %.2f s, writing %.2f s, in %s by %s",
            self._order.target,
            report.encoding_s,
            report.rendering_s,
            report.writing_s,
            report.precision,
            report.engine,
        )
        return report

    def _run(self) -> Generator[None]:
        top = 0
        if self._consistency is None:
            with self._writer() as writer:
                for rows in self._rows():
                    self._put(writer, top, rows)
                    top += len(rows)
                    yield
            return
        # What the file says of the result's consistency stands in front, and is known at the end.
        with self._spool() as spool:
            for rows in self._consistency.rows(self._rows()):
                self._try(lambda rows=rows: spool.write(rows.tobytes()))
                yield
            self._consistency.check()
            self._try(lambda: spool.seek(0))
            size = self._order.size
            step = max(1, _SPOOLED_BYTES // (size.width * 12))
            with self._writer() as writer:
                for top in range(0, size.height, step):
                    num_rows = min(step, size.height - top)
                    data = self._try(lambda n=num_rows: spool.read(n * size.width * 12))
                    rows = np.frombuffer(data, np.float32).reshape(num_rows, size.width, 3)
                    self._put(writer, top, rows)
                    yield

    def _rows(self) -> Iterator[Rows]:
        """Yield what is to be written, (n, w, 3) in [0, 1], as the network gives it."""
        options, size = self._order.options, self._order.size
        is_map = options.shows == "invented"
        max_rows = None
        if not self.picture.is_encoded and self._warp is None:
            max_rows = max(1, int(_TOGETHER_LR_ROWS * self._viewport.scale[0]))
        began_s, seen_s = time.perf_counter(), self.picture.encoding_s
        bands = self.picture.render_bands(
            self._viewport,
            drawing=options.drawing,
            warp=self._warp,
            max_rows=max_rows,
            cancel=self._cancel,
        )
        for band in bands:
            encoding_s = self.picture.encoding_s - seen_s
            self._drawing_s += time.perf_counter() - began_s - encoding_s
            if self._model.precision != self._precision:
                raise FellBackError
            # Warped bands are high; what is done to their rows takes memory of its own.
            for part in band.slices(_ROWS_BYTES):
                self.fraction = part.tile.bottom / size.height
                strengths = options.strengths(
                    self._image.size, self._viewport, part.tile, warp=self._warp
                )
                rows = part.blend(strengths)
                if is_map:
                    assert part.detail is not None, "layers come apart"
                    blended = (rows * 255.0 + 0.5).astype(np.uint8)
                    heat = invented_map(blended, part.detail, strengths)
                    rows = heat.astype(np.float32) / 255.0
                yield rows
            began_s, seen_s = time.perf_counter(), self.picture.encoding_s

    def _put(self, writer: ImageWriter, top: int, rows: Rows) -> None:
        if self._backdrop is None:
            writer.write_rows(rows)
            return
        tile = Tile(top, 0, len(rows), self._order.size.width)
        writer.write_rows(*self._backdrop.with_opacity(rows, tile))

    def _writer(self) -> ImageWriter:
        image, order, chosen = self._image, self._order, self._format
        options, target, size = order.options, order.target, order.size
        bit_depth = options.bit_depth or chosen.depths[0]
        metadata = _metadata(image, self._frame, order, self._model, self._consistency)
        if options.shows == "invented":
            return open_writer(
                target,
                size,
                format=options.format,
                bit_depth=bit_depth,
                metadata=metadata,
                overwrite=options.overwrite,
                before_naming=order.before_naming,
            )
        kept_map = _kept_gain_map(image, target, options)
        colours = file_colours(image, chosen, bit_depth, name=str(target))
        backdrop = Backdrop(image, self._warp, self._viewport, options.background, colours.convert)
        self._backdrop = backdrop
        return open_writer(
            target,
            size,
            format=options.format,
            bit_depth=bit_depth,
            alpha=backdrop.has_alpha or (image.has_opaque_alpha and chosen.has_alpha),
            is_gray=image.is_gray and is_gray_colour(options.background),
            icc_profile=colours.icc_profile,
            metadata=metadata,
            quality=options.quality,
            has_pyramid=options.has_pyramid,
            windows=_windows(image, order, chosen),
            is_premultiplied=image.is_premultiplied,
            white_nits=colours.white_nits,
            gain_map=kept_map,
            gain_map_size=kept_map.size_for(image.size, size) if kept_map else None,
            overwrite=options.overwrite,
            before_naming=order.before_naming,
        )

    def _spool(self) -> IO[bytes]:
        """Return an unnamed file beside the target, which holds the result in the meantime."""
        order = self._order
        check_target(
            order.target,
            size=order.size,
            format=order.options.format,
            overwrite=order.options.overwrite,
        )
        folder = order.target.parent

        def opened() -> IO[bytes]:
            folder.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=folder)

        return self._try(opened)

    def _try(self, work: Callable[[], _Value]) -> _Value:
        try:
            return work()
        except OSError as error:
            raise write_error(self._order.target, error) from error


def _kept_gain_map(image: Image, target: Path, options: ExportOptions) -> GainMap | None:
    """Return the photo's gain map where the result keeps it; what becomes of it else is told."""
    if image.gain_map is None:
        return None
    if "gain map" not in format_by_name(options.format).carries:
        tell("gain-map-format", file=target)
    elif options.strip_metadata:
        tell("gain-map-stripped", file=target)
    elif not options.geometry.is_identity:
        tell("gain-map-warped", file=target)
    else:
        return image.gain_map
    return None


def _metadata(
    image: Image,
    frame: Size,
    order: ExportOrder,
    model: PlacedModel,
    consistency: Consistency | None,
) -> Metadata:
    options, size = order.options, order.size
    if options.strip_metadata:
        return Metadata(dpi=options.dpi) if options.dpi else NO_METADATA
    note = enlargement = None
    if options.software:
        drawn = f"{model.info.name}; {model.precision} by {model.engine}"
        note = f"{options.software}; model {drawn}; factor {factor_text(frame, size)}"
        if model.has_detail:
            note += f"; detail {options.detail:g}"
            if options.detail_mask is not None:
                note += f" times the mask {options.detail_mask.digest}"
        if not options.geometry.is_identity:
            note += f"; {options.geometry}"
        enlargement = Enlargement(
            program=options.software,
            model=model.info.name,
            model_sha256=model.info.sha256,
            factor_across=round(size.width / frame.width, 6),
            factor_down=round(size.height / frame.height, 6),
            source_width=image.size.width,
            source_height=image.size.height,
            precision=model.precision,
            detail=options.detail if model.has_detail else None,
            detail_mask=_mask_digest(options) if model.has_detail else None,
            geometry=str(options.geometry) or None,
            shows=options.shows,
            consistent=consistency.kind if consistency else None,
            consistent_error=round(consistency.error, 4) if consistency else None,
        )
    return result_metadata(
        image.metadata if options.shows == "picture" else NO_METADATA,
        size,
        note=note,
        dpi=options.dpi,
        name=str(order.target),
        carries=format_by_name(options.format).carries,
        source_size=frame,
        enlargement=enlargement,
        invents=options.detail != 0.0 if model.has_detail else model.info.is_gan,
    )


def _mask_digest(options: ExportOptions) -> str | None:
    return None if options.detail_mask is None else options.detail_mask.digest


def _windows(image: Image, order: ExportOrder, target_format: Format) -> Windows | None:
    if image.windows is None:
        return None
    if not order.options.geometry.is_identity:
        tell("display-window-warped", file=order.target)
        return None
    if "windows" not in target_format.carries:
        tell("display-window", file=order.target, format=target_format.name.upper())
    return image.windows.scaled(image.size, order.size)
