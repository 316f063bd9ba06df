"""An encoded photo that renders any region at any size: encode once, render often.

Long because it draws whole views, bands and tiles, upright or warped, in halves where memory fails.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from liifgan_core.coords import tile_pixels
from liifgan_core.errors import LiifganError, OutOfMemoryError
from liifgan_core.geometry import Size, Tile, Viewport, split_evenly
from liifgan_core.images.image import Image
from liifgan_core.progress import CancelToken, Progress, no_progress
from liifgan_core.render.devices import is_out_of_memory, release_cached_memory
from liifgan_core.render.drawing import APART, Blended, Drawing, Layer, at_strength
from liifgan_core.render.encoded_tiles import EncodedTiles
from liifgan_core.render.placed_model import PlacedModel, is_finite
from liifgan_core.render.warped import WarpedLayer
from liifgan_core.warp import Warp

FEATURE_BYTES = 512 * 2**20
"""Default bound for an image's features; those of 2 megapixels by `liif` fit. Tables take a quarter
more, and what the features leave."""
_BAND_BYTES = 4 * 2**20
"""Bound for one layer of a band of output rows; progress is reported band by band."""
_WHOLE_BYTES = 32 * 2**20
"""The same where the result is wanted whole, or warped, and the decoders' tables are kept."""
WARPED_BAND_BYTES = 128 * 2**20
"""Bound for one layer of a warped band where tables are not kept: a band that lies across the photo
reads many tiles, of which each makes its tables once a band."""
_FEWEST_QUERIES = 256

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RenderedTile:
    """A tile of a viewport's output, its layers apart so that a blend needs no rendering."""

    tile: Tile
    structure: NDArray[np.float32]
    """(h, w, 3) RGB in about [0, 1], not clipped."""
    detail: NDArray[np.float32] | None
    """(h, w, 3) increment to the structure; None where the model has no detail decoder, and where
    the structure has been drawn without it or has it in itself (`ContinuousImage.render_tile`)."""

    def slices(self, num_bytes: int) -> "Iterator[RenderedTile]":
        """Yield the tile in slices of whole rows, each layer of about so many bytes at most."""
        for top, height in split_evenly(
            self.tile.height, max(1, num_bytes // (12 * self.tile.width))
        ):
            rows = slice(top, top + height)
            part = Tile(self.tile.top + top, self.tile.left, height, self.tile.width)
            detail = None if self.detail is None else self.detail[rows]
            yield RenderedTile(part, self.structure[rows], detail)

    def blend(
        self,
        strength: float | NDArray[np.float32] = 1.0,
        *,
        out: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Return structure + strength * detail, (h, w, 3), clipped to [0, 1]; in `out` if given.

        `strength` is one number, or one per pixel (h, w).
        """
        if self.detail is None:
            return np.clip(self.structure, 0.0, 1.0, out=out)
        factor = np.atleast_2d(np.asarray(strength, np.float32))
        blended = np.multiply(factor[..., None], self.detail, out=out)
        blended += self.structure
        return np.clip(blended, 0.0, 1.0, out=blended)


@dataclass(frozen=True, slots=True)
class _Job:
    """What stays the same while a tile is taken apart because memory ran out."""

    viewport: Viewport
    drawn: Layer | Blended
    cancel: CancelToken
    keep_tables: bool
    """Whether the decoder's tables will be wanted again soon."""
    warp: Warp | None = None
    """None: the viewport is one of the photo itself."""


class ContinuousImage:
    """A photo as a function of continuous coordinates. For one thread at a time.

    Whatever draws takes a `warp`, made for the photo's size by `Geometry.warp`: then the viewport's
    region is one of the warp's frame in place of the photo, and every output pixel is drawn at its
    own place of the photo. What is beyond the photo is black; `warped_opacity` says where.
    """

    def __init__(self, tiles: EncodedTiles, model: PlacedModel) -> None:
        self._tiles = tiles
        self._model = model
        self._has_warned_of_memory = False

    @classmethod
    def encode(
        cls,
        image: Image,
        model: PlacedModel,
        *,
        memory_bytes: int = FEATURE_BYTES,
        progress: Progress = no_progress,
        cancel: CancelToken | None = None,
    ) -> "ContinuousImage":
        """Return the encoded image.

        Features of up to `memory_bytes` are computed now and kept. A larger image is encoded tile
        by tile while it is rendered; rendering it from top to bottom encodes each tile once, beside
        the halos around them. At least two rows of tiles are kept: 25 kB for each 64 channels of a
        column of the LR image.
        `progress` is told how much has been encoded, now and while it is rendered.
        Raises Cancelled, OutOfMemoryError.
        """
        check = (cancel or CancelToken()).check
        tiles = EncodedTiles(image, model, memory_bytes, progress=progress)
        if tiles.fits_in_memory:
            for key in tiles.keys():  # noqa: SIM118 - not a mapping
                tiles.features(key, check)
        return cls(tiles, model)

    @property
    def size(self) -> Size:
        """Size of the LR image."""
        return self._tiles.size

    @property
    def is_encoded(self) -> bool:
        """Whether all features are there, so that nothing is encoded while it is rendered."""
        return self._tiles.fits_in_memory

    @property
    def encoding_s(self) -> float:
        """Seconds that encoding has taken so far."""
        return self._tiles.encoding_s

    def forget_tables(self) -> None:
        """Drop the decoders' tables; they are made again when needed. Features are kept."""
        self._tiles.forget_tables()

    def encoded_tiles(
        self, viewport: Viewport, tile: Tile, *, warp: Warp | None = None
    ) -> list[tuple[int, int]]:
        """Return the keys of the encoded tiles that a tile of the viewport's output needs."""
        if warp is not None:
            job = _Job(viewport, "structure", CancelToken(), keep_tables=True, warp=warp)
            return self._warped_layer(job, warp, max_queries=1).keys(tile)
        pixels = tile_pixels(viewport, self._lr_shape, tile)
        decoders = [
            self._model.decoder(layer, self._model.dtype) for layer in self._model.layer_maps
        ]
        row_spans, col_spans = ([decoder.span(axis) for decoder in decoders] for axis in pixels)
        return list(self._tiles.covering(_union(row_spans), _union(col_spans)))

    def render(
        self,
        viewport: Viewport,
        *,
        detail: float | NDArray[np.float32] = 1.0,
        warp: Warp | None = None,
        cancel: CancelToken | None = None,
    ) -> NDArray[np.float32]:
        """Return the viewport's pixels, (h, w, 3) RGB in [0, 1], structure + detail blended.

        `detail` is one strength or one per pixel (h, w); it has no effect on a model without a
        detail decoder. Costs about 0.8 million multiply-adds per pixel and decoder where it is an
        MLP, and some 200 where it is a field.
        """
        height, width = viewport.size.height, viewport.size.width
        strength = np.broadcast_to(np.asarray(detail, np.float32), (height, width))
        result = np.empty((height, width, 3), np.float32)
        band_bytes = _WHOLE_BYTES if self._tiles.tables_fit_in_memory else _BAND_BYTES
        if warp is not None:
            band_bytes = self.warped_band_bytes
        # One strength for all pixels is blended before it is drawn, where the model can.
        drawing = at_strength(float(detail)) if np.ndim(detail) == 0 else APART
        bands = self._bands(viewport, band_bytes, cancel or CancelToken(), drawing, warp)
        for band in bands:
            rows = slice(band.tile.top, band.tile.bottom)
            band.blend(strength[rows], out=result[rows])
        return result

    def render_bands(
        self,
        viewport: Viewport,
        *,
        drawing: Drawing = APART,
        warp: Warp | None = None,
        max_rows: int | None = None,
        cancel: CancelToken | None = None,
    ) -> Iterator[RenderedTile]:
        """Yield the viewport in bands over its whole width, from top to bottom.

        Memory stays bounded whatever the viewport's size, so results can be streamed to a file.
        `drawing` is as in `render_tile`; `max_rows` bounds a band's height further.
        """
        band_bytes = _BAND_BYTES if warp is None else self.warped_band_bytes
        yield from self._bands(
            viewport, band_bytes, cancel or CancelToken(), drawing, warp, max_rows
        )

    @property
    def warped_band_bytes(self) -> int:
        """Size of one layer of a band of a warped view; there may be two layers."""
        return _WHOLE_BYTES if self._tiles.point_tables_fit_in_memory else WARPED_BAND_BYTES

    def _bands(
        self,
        viewport: Viewport,
        band_bytes: int,
        cancel: CancelToken,
        drawing: Drawing,
        warp: Warp | None,
        max_rows: int | None = None,
    ) -> Iterator[RenderedTile]:
        size = viewport.size
        keep_tables = self._tiles.tables_fit_in_memory
        if warp is not None:
            keep_tables = self._tiles.point_tables_fit_in_memory
        num_rows = max(1, band_bytes // (size.width * 12))
        for top, height in split_evenly(size.height, min(num_rows, max_rows or num_rows)):
            band = Tile(top, 0, height, size.width)
            yield self._rendered(
                viewport, band, drawing, cancel, keep_tables=keep_tables, warp=warp
            )

    def render_tiles(
        self, viewport: Viewport, *, tile: int = 256, cancel: CancelToken | None = None
    ) -> Iterator[RenderedTile]:
        """Yield the viewport in tiles of at most `tile` pixels a side, row by row."""
        for part in viewport.tiles(tile):
            yield self.render_tile(viewport, part, cancel=cancel)

    def render_tile(
        self,
        viewport: Viewport,
        tile: Tile,
        *,
        drawing: Drawing = APART,
        warp: Warp | None = None,
        cancel: CancelToken | None = None,
    ) -> RenderedTile:
        """Return one tile of the viewport's output; it equals that part of the whole render.

        Where only one detail strength is wanted, fields draw both layers as one, and without detail
        its layer is not drawn: then the result has no detail, and its structure is structure +
        strength * detail. A coarse blend, for views that move, lacks the finest detail at low
        factors (`PlacedModel.coarse_below`): more LR pixels are seen there, each of which costs
        time.

        Raises ValueError for a viewport that reaches beyond the image, or the warp's frame, and for
        a warp of another photo's size, Cancelled,
        OutOfMemoryError, and LiifganError when the model's output is not finite in float32 either.
        """
        return self._rendered(
            viewport, tile, drawing, cancel or CancelToken(), keep_tables=True, warp=warp
        )

    def _rendered(
        self,
        viewport: Viewport,
        tile: Tile,
        asked: Drawing,
        cancel: CancelToken,
        *,
        keep_tables: bool,
        warp: Warp | None = None,
    ) -> RenderedTile:
        if warp is not None and warp.photo != self.size:
            raise ValueError(f"a warp of {warp.photo} pixels is not for an image of {self.size}")
        frame = self.size if warp is None else warp.size
        if not viewport.region.is_within(frame):
            raise ValueError(f"{viewport.region} reaches beyond the image of {frame} pixels")
        with torch.inference_mode():
            drawing = self._model.possible(asked, max(viewport.scale))
            first = drawing if isinstance(drawing, Blended) else "structure"
            structure = self._layer(_Job(viewport, first, cancel, keep_tables, warp), tile)
            # (x + 1) / 2, bit for bit, in one pass.
            torch.add(structure.new_tensor(0.5), structure, alpha=0.5, out=structure)
            if drawing != APART or not self._model.has_detail:
                return RenderedTile(tile, structure.numpy(), None)
            detail = self._layer(_Job(viewport, "detail", cancel, keep_tables, warp), tile)
            return RenderedTile(tile, structure.numpy(), detail.mul_(0.5).numpy())

    def _layer(self, job: _Job, tile: Tile, max_queries: int | None = None) -> Tensor:
        """Return a layer of a tile in the network's range; in halves where memory runs out.

        (h, w, C), float32, on the CPU.
        """
        if max_queries is None:
            max_queries = self._model.decoder(job.drawn, self._model.dtype).max_queries
        try:
            return self._finite_layer(job, tile, max_queries)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        self.forget_tables()
        release_cached_memory(self._model.device)
        if max_queries <= _FEWEST_QUERIES:
            raise OutOfMemoryError(
                f"{self._model.device} has no memory left to render {tile.width}x{tile.height} "
                "pixels; close other programs or use the CPU",
                remedy="cpu",
            )
        if not self._has_warned_of_memory:
            _logger.warning("out of memory on %s: going on with smaller pieces", self._model.device)
            self._has_warned_of_memory = True
        pieces = split_evenly(tile.height, max(1, -(-tile.height // 2)))
        parts = [Tile(tile.top + a, tile.left, n, tile.width) for a, n in pieces]
        return torch.cat([self._layer(job, part, max_queries // 2) for part in parts])

    def _finite_layer(self, job: _Job, tile: Tile, max_queries: int) -> Tensor:
        # Half precision may be given up on the way, by the encoder, with a decoder at work.
        tried = self._model.dtype
        try:
            result = self._decode(job, tile, max_queries)
            is_failure = tried is not torch.float32 and not is_finite(result)
            if is_failure:
                self._model.fall_back("overflowed")
        except RuntimeError as error:
            if not self._model.falls_back(error, tried=tried):
                raise
            is_failure, result = True, torch.empty(0)
        if is_failure:
            self.forget_tables()
            result = self._decode(job, tile, max_queries)
        if not is_finite(result):
            raise LiifganError(
                f"the model {self._model.info.name!r} gives values that are not numbers; "
                "use another model"
            )
        return result

    def _warped_layer(self, job: _Job, warp: Warp, max_queries: int) -> WarpedLayer:
        return WarpedLayer(
            self._tiles, self._model, warp, job.viewport, job.drawn, max_queries, job.cancel.check
        )

    def _decode(self, job: _Job, tile: Tile, max_queries: int) -> Tensor:
        if job.warp is not None:
            layer = self._warped_layer(job, job.warp, max_queries)
            return layer.draw(tile, keep_tables=job.keep_tables)
        decoder = self._model.decoder(job.drawn, self._model.dtype)
        rows, cols = map(decoder.taps, tile_pixels(job.viewport, self._lr_shape, tile))
        check = job.cancel.check
        # NumPy's memory: it asks the system for large pages, which are there much sooner.
        black = np.zeros((tile.height, tile.width, 3), np.float32)
        out_hwC = torch.from_numpy(black).to(self._model.device)
        for key in self._tiles.covering(rows.span, cols.span):
            inner = self._tiles.inner(key)
            if job.keep_tables:
                table, origin = self._tiles.table(key, job.drawn, check)
            else:
                table, origin = self._tiles.strip(key, job.drawn, rows.span, check)
            decoder.add_colour(
                table,
                origin,
                rows.within(inner.top, inner.bottom),
                cols.within(inner.left, inner.right),
                out_hwC,
                max_queries=max_queries,
                check=check,
            )
        return out_hwC.cpu()

    @property
    def _lr_shape(self) -> tuple[int, int]:
        return self.size.height, self.size.width


def _union(spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return min(first for first, _ in spans), max(last for _, last in spans)
