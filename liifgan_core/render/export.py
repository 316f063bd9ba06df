"""From an image to files of exact sizes, from one encoding and in bounded memory."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from liifgan_core.errors import GeometryError, LiifganError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import format_by_name
from liifgan_core.images.image import Image
from liifgan_core.images.metadata.enlarged import Consistent
from liifgan_core.losses import Loss, collected, tell
from liifgan_core.progress import CancelToken, Progress, no_progress, part
from liifgan_core.render.consistency import Consistency
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.encoded_tiles import largest_trunk_bytes
from liifgan_core.render.export_memory import feature_bytes, writer_bytes
from liifgan_core.render.export_options import ExportOptions, ExportOrder, ExportReport
from liifgan_core.render.file_drawing import FellBackError, FileDrawing
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.warp import Geometry, Warp

_log = logging.getLogger(__name__)

_MLP_ENCODE_SHARE, _FIELD_ENCODE_SHARE = 0.1, 0.95
"""Part of the progress bar that encoding fills: by LIIF's MLP 1.2 of 12.7 million multiply-adds at
x4; fields cost next to nothing beside their encoder."""


def export_image(
    image: Image,
    target: Path,
    size: Size,
    model: PlacedModel,
    options: ExportOptions,
    *,
    progress: Progress = no_progress,
    cancel: CancelToken | None = None,
    before_naming: Callable[[int, str], None] | None = None,
) -> ExportReport:
    """Render all of `image` at exactly `size`, write it to `target`, and return what it took.

    See `export_images`, whose errors are raised here.
    """
    order = ExportOrder(target, size, options, before_naming)
    [report] = export_images(image, [order], model, progress=progress, cancel=cancel)
    if isinstance(report, LiifganError):
        raise report
    return report


def export_images(
    image: Image,
    orders: Sequence[ExportOrder],
    model: PlacedModel,
    *,
    progress: Progress = no_progress,
    cancel: CancelToken | None = None,
) -> list[ExportReport | LiifganError]:
    """Write files of one photo, which is encoded once, and return what each took, or its error.

    Rows are streamed where the format allows it, and a file appears whole or not at all. Alpha is
    resampled bicubically with the same geometry. The colour profile, EXIF and XMP are carried over.
    With a geometry a file is what its frame shows, without a gain map and a display window, which
    are upright; GeometryError is the report where the photo cannot be drawn by it.
    More than 8 bits are drawn in float32, unless the model was loaded with a precision by name;
    where only some of the files have so many, the photo is encoded in both precisions.

    As long as the features fit into `memory_bytes`, the smallest of all orders, files are written
    one after the other. Else they are drawn side by side from top to bottom, so that each part of
    the photo still is encoded once, and all of them are held open; but warped ones, whose bands
    lie across the photo, are then drawn alone, and encode parts of it several times. Where half
    precision fails on the way, files that are not complete are begun anew: one precision draws all
    of one. An error of one file (memory, a disk that is full, a promise that is not kept) leaves
    the others. What does not come through is in a file's report, and logged. A detail mask is
    sampled at output pixels' centres; it is an error of the file where it is not for this photo.
    Raises Cancelled.
    """
    deepest = max((_depth(order) for order in orders if _is_picture(order)), default=8)
    losses: list[list[Loss]] = [[] for _ in orders]
    images = _images(image, orders, losses)
    groups: dict[tuple[PlacedModel, bool], list[int]] = {}
    for number, order in enumerate(orders):
        depth = _depth(order) if _is_picture(order) else deepest
        key = model.for_depth(depth), images[number].is_premultiplied
        groups.setdefault(key, []).append(number)
    reports: dict[int, ExportReport | LiifganError] = {}
    work = [order.size.num_pixels for order in orders]
    done = 0.0
    for (placed, _), numbers in groups.items():
        share = sum(work[number] for number in numbers) / sum(work)
        own = part(progress, done, min(1.0, done + share))
        of_group = [orders[number] for number in numbers]
        told = [losses[number] for number in numbers]
        group = _Group(images[numbers[0]], of_group, told, placed, own, cancel)
        reports |= zip(numbers, group.run(), strict=True)
        done += share
    return [reports[number] for number in range(len(orders))]


def _images(
    image: Image, orders: Sequence[ExportOrder], losses: Sequence[list[Loss]]
) -> list[Image]:
    """Return what each file is made from: EXR alone takes light that hides nothing behind it.

    That a picture loses such light is added to its losses.
    """
    divided = None
    images: list[Image] = []
    for order, of_file in zip(orders, losses, strict=True):
        target_format = format_by_name(order.options.format)
        if not image.is_premultiplied or target_format.is_linear:
            images.append(image)
            continue
        if _is_picture(order):
            with collected(of_file):
                tell("light-without-opacity", file=order.target, format=target_format.name.upper())
        divided = divided or image.divided()
        images.append(divided)
    return images


class _Bar:
    """A progress bar that encoding and rendering fill side by side; it never goes back."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._told = progress, -1.0
        self._encode_share = self._encoded = self._drawn = 0.0

    def begin(self, encode_share: float) -> None:
        """Begin with nothing done; encoding fills so much of the whole."""
        self._encode_share, self._encoded, self._drawn = encode_share, 0.0, 0.0

    def encode(self, fraction: float) -> None:
        """Take how much of the photo is encoded."""
        self._encoded = fraction
        self._tell()

    def draw(self, fraction: float) -> None:
        """Take how much of the result is drawn."""
        self._drawn = fraction
        self._tell()

    def _tell(self) -> None:
        share = self._encode_share
        told = share * self._encoded + (1.0 - share) * self._drawn
        if told > self._told:
            self._told = told
            self._progress(told)


class _Group:
    """Files that are made from one encoding."""

    def __init__(
        self,
        image: Image,
        orders: Sequence[ExportOrder],
        losses: Sequence[list[Loss]],
        model: PlacedModel,
        progress: Progress,
        cancel: CancelToken | None,
    ) -> None:
        self._image, self._orders, self._model = image, orders, model
        self._losses = losses
        self._bar, self._cancel = _Bar(progress), cancel
        self._warps: dict[Geometry, Warp] = {}
        self._reports: dict[int, ExportReport | LiifganError] = {}

    def run(self) -> list[ExportReport | LiifganError]:
        """Return the files' reports, in their order."""
        kept_bytes = self._kept_bytes()
        if kept_bytes is not None:
            while len(self._reports) < len(self._orders):  # twice at most: float32 stays
                self._write(kept_bytes)
        return [self._reports[number] for number in range(len(self._orders))]

    def _kept_bytes(self) -> int | None:
        """Return how much may be kept of the encoded photo; None where nothing can be written."""
        kept: list[int] = []
        for number, order in enumerate(self._orders):
            try:
                kept.append(self._bytes_beside(order))
            except LiifganError as error:
                self._reports[number] = error
        if not kept or self._image.size.num_pixels * self._model.feature_bytes <= min(kept):
            return min(kept, default=None)
        # Side by side: all of them are open at once, but for warped ones.
        upright = [
            number
            for number, order in enumerate(self._orders)
            if number not in self._reports and not _is_warped(order)
        ]
        if not upright:
            return min(kept)
        first, *others = (self._orders[number] for number in upright)
        try:
            return min(*kept, self._bytes_beside(first, sum(map(self._held_bytes, others))))
        except LiifganError as error:
            self._reports |= dict.fromkeys(upright, error)
            return min(kept) if len(self._reports) < len(self._orders) else None

    def _bytes_beside(self, order: ExportOrder, beside_bytes: int = 0) -> int:
        options, model = order.options, self._model
        if options.detail_mask is not None:
            options.detail_mask.check_fits(self._image.size)
        if options.shows == "invented" and not model.has_detail:
            raise LiifganError(
                f"the model {model.info.name!r} has no detail layer, so there is no map of what it "
                "invents; use a model that has one"
            )
        on_cpu = model.device.type == "cpu"
        self._warp(options.geometry)  # whatever is wrong with it is told before encoding
        consistency = _consistency(self._image, order, model)
        return feature_bytes(
            self._image,
            order.size,
            format_by_name(options.format),
            bit_depth=_depth(order),
            latent_bytes=model.feature_bytes,
            resident_bytes=model.resident_bytes,
            trunk_bytes=largest_trunk_bytes(model, self._image.size) if on_cpu else 0,
            has_pyramid=options.has_pyramid,
            is_warped=_is_warped(order),
            quality=options.quality,
            beside_bytes=beside_bytes + (consistency.held_bytes() if consistency else 0),
            memory_bytes=options.memory_bytes,
        )

    def _warp(self, geometry: Geometry) -> Warp | None:
        """Return the photo's map, made once; None where it stays as it is. Raises GeometryError."""
        if geometry.is_identity:
            return None
        if geometry not in self._warps:
            self._warps[geometry] = geometry.warp(self._image.size)
        return self._warps[geometry]

    def _held_bytes(self, order: ExportOrder) -> int:
        options = order.options
        consistency = _consistency(self._image, order, self._model)
        return (consistency.held_bytes() if consistency else 0) + writer_bytes(
            order.size,
            format_by_name(options.format),
            _depth(order),
            has_pyramid=options.has_pyramid,
            quality=options.quality,
        )

    def _write(self, kept_bytes: int) -> None:
        start_s = time.perf_counter()
        model = self._model
        self._bar.begin(_FIELD_ENCODE_SHARE if model.can_blend else _MLP_ENCODE_SHARE)
        picture = ContinuousImage.encode(
            self._image,
            model,
            memory_bytes=kept_bytes,
            progress=self._bar.encode,
            cancel=self._cancel,
        )
        numbers = [n for n in range(len(self._orders)) if n not in self._reports]
        drawings = {
            n: FileDrawing(
                self._image,
                self._orders[n],
                model,
                picture,
                self._warp(self._orders[n].options.geometry),
                _consistency(self._image, self._orders[n], model),
                self._losses[n],
                self._cancel,
            )
            for n in numbers
        }
        # The first file's report has what all of them needed.
        drawings[numbers[0]].spent_s = time.perf_counter() - start_s
        drawings[numbers[0]].encoding_s = picture.encoding_s
        try:
            self._draw(drawings)
        except FellBackError:
            _log.info("begun anew in %s", model.precision)
        finally:
            for drawing in drawings.values():
                drawing.close()

    def _draw(self, drawings: Mapping[int, FileDrawing]) -> None:
        work = {number: self._orders[number].size.num_pixels for number in drawings}
        left = dict(drawings)
        while left:
            number, drawing = next(iter(left.items()))
            if not drawing.picture.is_encoded:
                number = min(left, key=lambda n: _turn(self._orders[n], left[n]))
                drawing = left[number]
            try:
                is_complete = drawing.step()
            except LiifganError as error:
                self._reports[number] = error
                del left[number]
                continue
            if is_complete:
                self._reports[number] = drawing.report()
                del left[number]
            done = sum(work[n] * (drawings[n].fraction if n in left else 1.0) for n in work)
            self._bar.draw(done / sum(work.values()))


def _turn(order: ExportOrder, drawing: FileDrawing) -> tuple[bool, float]:
    """Return what orders files that are drawn side by side; warped ones come alone, at the end."""
    return (True, 0.0) if _is_warped(order) else (False, drawing.fraction)


def _is_warped(order: ExportOrder) -> bool:
    return not order.options.geometry.is_identity


def _is_picture(order: ExportOrder) -> bool:
    return order.options.shows == "picture"


def _depth(order: ExportOrder) -> int:
    return order.options.bit_depth or format_by_name(order.options.format).depths[0]


def _consistency(image: Image, order: ExportOrder, model: PlacedModel) -> Consistency | None:
    """Return what makes a result consistent; None where that is not asked for."""
    if not order.options.is_consistent or not _is_picture(order):
        return None
    if _is_warped(order):
        raise GeometryError(
            f"a photo that is warped ({order.options.geometry}) does not come back from its result "
            "when that is reduced: do not ask for consistency, or leave the geometry as it is"
        )
    kind: Consistent = "low frequencies" if model.info.cleans else "full"
    return Consistency(image.rgb, image.size, order.size, kind=kind, bit_depth=_depth(order))
