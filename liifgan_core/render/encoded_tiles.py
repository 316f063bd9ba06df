"""The feature maps of one image, in tiles, encoded when first needed.

A tile's features equal those of the whole image: it is encoded with a halo of the encoder's
receptive radius, cut off where the image ends, so that zero padding happens at the image's border
and nowhere else. A trunk of residual dense blocks sees farther than its halo: there they are equal
within half a step of 8 bits in the picture, by measurement (`trunk_halo`).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
from torch import Tensor

from liifgan_core.errors import OutOfMemoryError
from liifgan_core.geometry import Size, Tile, split_evenly
from liifgan_core.images.image import Image
from liifgan_core.progress import Progress, no_progress, part
from liifgan_core.render.byte_lru import ByteLRU
from liifgan_core.render.devices import is_out_of_memory, release_cached_memory
from liifgan_core.render.drawing import AtPoints, Blended, Layer
from liifgan_core.render.placed_model import FeatureMap, PlacedModel

TILE = 256
"""LR pixels a side. A decoder's table of it is 64 MB at LIIF's size."""
_BLOCK_TILES = 2
"""Tiles a side that are encoded together: the halo of 35 pixels costs 1.3 times the work at 512
pixels a side, 1.6 times at 256."""
TRUNK_BYTES = 1280 * 2**20
"""What a model with a trunk may keep and take for that, so that the features of large photos fit
beside it into the default bound of an export; one tile is encoded at a time if two a side need
more."""
LOWEST_TILE = 48
"""LR rows of a tile below which it does not shrink so that a row of tiles fits into memory: the
halo of 35 rows on both sides more than doubles the work there."""
_LESS = Blended(-1.0)
"""Takes the structure's table away from that of a decoder that draws a picture of its own."""
_SMALLEST_PIECE = 16
"""LR pixels a side below which a tile is not split further when memory runs out."""


class EncodedTiles:
    """Features and decoder tables of one image, within a bound of memory."""

    def __init__(
        self,
        image: Image,
        model: PlacedModel,
        memory_bytes: int,
        *,
        block_tiles: int | None = None,
        progress: Progress = no_progress,
    ) -> None:
        """Encode so many tiles a side together; None: as many as suit the model.

        `progress` is told how much of the photo has been encoded, whenever it is, also within a
        block of tiles, but not for what is encoded once more.
        """
        self.size = image.size
        self._image = image
        self._model = model
        self._pixel_bytes = model.feature_bytes
        self._dtype = model.dtype
        self._progress = progress
        self._encoded: set[tuple[int, int]] = set()
        """The tiles that have been encoded, kept or not."""
        self._told = 0.0
        if block_tiles is None:
            block_tiles = default_block_tiles(model)
        line_bytes = self._pixel_bytes * self.size.width
        self.fits_in_memory = self.size.height * line_bytes <= memory_bytes
        tile_height = TILE
        if not self.fits_in_memory:
            # A band of output rows may lie on two rows of tiles, and several bands in turn do: both
            # stay, with all that was encoded beside them. Else they would push each other out.
            if (block_tiles + 1) * LOWEST_TILE * line_bytes > memory_bytes:
                block_tiles = 1
            fitting_height = memory_bytes // ((block_tiles + 1) * line_bytes)
            tile_height = min(TILE, max(LOWEST_TILE, fitting_height))
        self._block_tiles, self._tile_height = block_tiles, tile_height
        self._row_edges = split_evenly(self.size.height, tile_height)
        self._col_edges = split_evenly(self.size.width, TILE)
        kept_bytes = max(memory_bytes, (block_tiles + 1) * tile_height * line_bytes)
        self._features: ByteLRU[tuple[int, int], dict[FeatureMap, Tensor]] = ByteLRU(kept_bytes)
        # Tables get a quarter more, and what the features leave.
        left_bytes = max(0, memory_bytes - self.size.height * line_bytes)
        table_bytes = memory_bytes // 4 + left_bytes
        self._tables: ByteLRU[tuple[int, int, Layer | Blended | AtPoints], Tensor] = ByteLRU(
            table_bytes
        )
        self.encoding_s = 0.0
        """Seconds that encoding has taken so far."""
        self._blend: Blended | None = None
        """The last one that tables were made for."""
        with_rims = (1.0 + 2.0 / TILE) ** 2 * self.size.num_pixels
        self.tables_fit_in_memory = with_rims * model.table_bytes <= table_bytes
        """Whether the whole image's tables can be kept, each made once."""
        self.point_tables_fit_in_memory = with_rims * model.point_table_bytes <= table_bytes
        """Whether the whole image's tables for points can be kept."""
        with_blend_bytes = model.table_bytes + model.blend_bytes
        self._keeps_all_tables = with_rims * with_blend_bytes <= table_bytes
        """Whether those of a blend can be kept beside them."""

    def keys(self) -> list[tuple[int, int]]:
        """Return the (row, column) indices of all tiles."""
        num_rows, num_cols = len(self._row_edges), len(self._col_edges)
        return [(row, col) for row in range(num_rows) for col in range(num_cols)]

    def inner(self, key: tuple[int, int]) -> Tile:
        """Return the LR pixels that belong to a tile and to no other."""
        (top, height), (left, width) = self._row_edges[key[0]], self._col_edges[key[1]]
        return Tile(top, left, height, width)

    def covering(self, rows: tuple[int, int], cols: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Yield the tiles that hold latent codes first..last (inclusive) on both axes."""
        for key in self.keys():
            tile = self.inner(key)
            has_rows = tile.top <= rows[1] and rows[0] < tile.bottom
            if has_rows and tile.left <= cols[1] and cols[0] < tile.right:
                yield key

    def table(
        self, key: tuple[int, int], drawn: Layer | Blended, check: Callable[[], None]
    ) -> tuple[Tensor, tuple[int, int]]:
        """Return the decoder table for a tile and the image position of its first entry."""
        grown = self.inner(key).grown(1, self.size)
        if isinstance(drawn, Blended) and drawn != self._blend:
            self._forget_other_blends(drawn.strength)
            self._blend = drawn
        return self._table(key, drawn, check), (grown.top, grown.left)

    def _table(
        self, key: tuple[int, int], drawn: Layer | Blended, check: Callable[[], None]
    ) -> Tensor:
        # Where not all fit, a view that rests must not push out what a moving one needs.
        has_moved = self._blend is not None
        is_guest = not isinstance(drawn, Blended) and has_moved and not self._keeps_all_tables
        name = (*key, drawn)
        table = self._tables.peek(name) if is_guest else self._tables.get(name)
        if table is not None:
            return table

        def make(layer: Layer) -> Tensor:
            return self._model.prepare(layer, self._map(key, layer, check))

        table = self._made(
            drawn,
            find=lambda layer: self._table(key, layer, check),
            make=make,
            blend=self._model.blend,
        )
        if not is_guest:
            self._tables.put(name, table, table.nbytes)
        return table

    def strip(
        self,
        key: tuple[int, int],
        drawn: Layer | Blended,
        rows: tuple[int, int],
        check: Callable[[], None],
    ) -> tuple[Tensor, tuple[int, int]]:
        """Return the table of a tile's rows first..last (inclusive) only, and keep nothing.

        For renders from top to bottom, which need each row of latent codes about once and would
        push each other's whole tables out of memory.
        """
        grown = self.inner(key).grown(1, self.size)
        top = max(grown.top, rows[0] - 1)
        bottom = min(grown.bottom, rows[1] + 2)

        def make(layer: Layer) -> Tensor:
            whole = self._map(key, layer, check)
            return self._model.prepare(layer, whole[:, :, top - grown.top : bottom - grown.top])

        def find(wanted: Layer | Blended) -> Tensor:
            return self._made(wanted, find=find, make=make, blend=self._model.blend)

        return find(drawn), (top, grown.left)

    def point_table(
        self,
        key: tuple[int, int],
        drawn: Layer | Blended,
        check: Callable[[], None],
        *,
        rows: tuple[int, int] | None = None,
    ) -> tuple[Tensor, Tile]:
        """Return the table for points of a tile, and the LR pixels that it is of.

        Of its rows first..last (inclusive) only, and not kept, if `rows` are given.
        """
        inner, model = self.inner(key), self._model
        area = inner.grown(1, self.size)
        if rows is not None:
            top, bottom = max(inner.top, rows[0]), min(inner.bottom, rows[1] + 1)
            inner = Tile(top, inner.left, bottom - top, inner.width)

        def make(layer: Layer) -> Tensor:
            features = self._map(key, layer, check)
            return model.prepare_points(layer, features, area, inner, self.size)

        def find(wanted: Layer | Blended) -> Tensor:
            name = (*key, AtPoints(wanted))
            table = self._tables.get(name) if rows is None else None
            if table is None:
                table = self._made(wanted, find=find, make=make, blend=model.blend_points)
            if rows is None:
                self._tables.put(name, table, table.nbytes)
            return table

        if isinstance(drawn, Blended):
            self._forget_other_blends(drawn.strength)
        return find(drawn), inner

    def _forget_other_blends(self, strength: float) -> None:
        def is_other(name: tuple[int, int, Layer | Blended | AtPoints]) -> bool:
            drawn = name[2].drawn if isinstance(name[2], AtPoints) else name[2]
            return isinstance(drawn, Blended) and drawn.strength != strength

        self._tables.discard(is_other)

    def _made(
        self,
        drawn: Layer | Blended,
        *,
        find: Callable[[Layer], Tensor],
        make: Callable[[Layer], Tensor],
        blend: Callable[[Tensor, Tensor, Blended], Tensor],
    ) -> Tensor:
        """Return a table by `make`, of a layer's features, and `blend`, of others by `find`."""
        if isinstance(drawn, Blended):
            return blend(find("structure"), find("detail"), drawn)
        table = make(drawn)
        if drawn == "detail" and self._model.detail_is_picture:
            return blend(table, find("structure"), _LESS)
        return table

    def _map(self, key: tuple[int, int], layer: Layer, check: Callable[[], None]) -> Tensor:
        """Return what a layer's table is made of."""
        return self.features(key, check)[self._model.layer_maps[layer]]

    def has_features(self, key: tuple[int, int]) -> bool:
        """Whether a tile is encoded and still kept."""
        return self._features.get(key) is not None

    def forget_tables(self) -> None:
        """Drop all decoder tables."""
        self._tables.clear()

    def features(self, key: tuple[int, int], check: Callable[[], None]) -> dict[FeatureMap, Tensor]:
        """Return a tile's features with one more pixel on each side inside the image."""
        if self._model.dtype is not self._dtype:  # half precision has failed since
            self._forget_all()
        features = self._features.get(key)
        if features is not None:
            return features
        keys = self._block(key)
        first, last = self.inner(keys[0]), self.inner(keys[-1])
        block = Tile(first.top, first.left, last.bottom - first.top, last.right - first.left)
        block = block.grown(1, self.size)
        start_s = time.perf_counter()
        encoded = self._encode(block, check, self._progress_of(keys), area=self._area(block))
        self.encoding_s += time.perf_counter() - start_s
        if self._model.dtype is not self._dtype:  # half precision has failed on the way
            self._forget_all()
        self._encoded.update(keys)
        self._tell(self._num_pixels(self._encoded))
        # The asked tile goes in last, so that it is still there after the others.
        for member in sorted(keys, key=lambda other: other == key):
            grown = self.inner(member).grown(1, self.size)
            cut: dict[FeatureMap, Tensor] = {
                name: _cut(whole, block, grown) for name, whole in encoded.items()
            }
            # The rims of one pixel are not counted, so that what fits by its size fits.
            inner = self.inner(member)
            self._features.put(member, cut, inner.height * inner.width * self._pixel_bytes)
        features = self._features.get(key)
        assert features is not None
        return features

    def _progress_of(self, keys: Sequence[tuple[int, int]]) -> Progress:
        """Return what takes how far the encoding of some tiles has come."""
        before = self._num_pixels(self._encoded)
        num_new = self._num_pixels(set(keys) - self._encoded)
        return lambda fraction: self._tell(before + fraction * num_new)

    def _tell(self, num_pixels: float) -> None:
        told = num_pixels / self.size.num_pixels
        if told > self._told:  # where half precision fails, a block begins anew
            self._told = told
            self._progress(told)

    def _num_pixels(self, keys: Iterable[tuple[int, int]]) -> int:
        return sum(tile.height * tile.width for tile in map(self.inner, keys))

    def _forget_all(self) -> None:
        self._features.clear()
        self._tables.clear()
        self._dtype = self._model.dtype
        # Another engine may compute now, and take more at once.
        self._block_tiles = min(self._block_tiles, default_block_tiles(self._model))

    def _block(self, key: tuple[int, int]) -> list[tuple[int, int]]:
        """Return the tiles that are encoded together with a tile, itself included."""
        step = self._block_tiles
        row, col = key[0] - key[0] % step, key[1] - key[1] % step
        rows = range(row, min(row + step, len(self._row_edges)))
        cols = range(col, min(col + step, len(self._col_edges)))
        return [(r, c) for r in rows for c in cols]

    def _area(self, wanted: Tile) -> Tile:
        """Return what is read to encode `wanted`: a halo of the receptive radius on all sides.

        For a model that wants one shape it is the same for all blocks of a photo, moved inwards at
        the photo's end.
        """
        halo = self._model.receptive_radius
        area = wanted.grown(halo, self.size)
        if not self._model.wants_one_shape:
            return area
        rim = 2 * (halo + 1)
        height = min(self._block_tiles * self._tile_height + rim, self.size.height)
        width = min(self._block_tiles * TILE + rim, self.size.width)
        top = min(area.top, self.size.height - height)
        left = min(area.left, self.size.width - width)
        return Tile(top, left, height, width)

    def _encode(
        self,
        wanted: Tile,
        check: Callable[[], None],
        progress: Progress,
        *,
        area: Tile | None = None,
    ) -> dict[FeatureMap, Tensor]:
        """Return the features of exactly `wanted`; in halves where memory runs out.

        `area` is what is read; None: the halo of the receptive radius around it.
        """
        if area is None:
            area = wanted.grown(self._model.receptive_radius, self.size)
        try:
            encoded = self._model.encode(self._image.rgb(area), check, progress)
            return {name: _cut(whole, area, wanted) for name, whole in encoded.items()}
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        release_cached_memory(self._model.device)
        parts, axis = _halves(wanted)
        if parts is None:
            raise OutOfMemoryError(
                f"{self._model.device} has no memory left to encode {wanted.width}x{wanted.height} "
                "pixels; close other programs or use the CPU",
                remedy="cpu",
            )
        encoded_parts = [
            self._encode(half, check, part(progress, number / 2, (number + 1) / 2))
            for number, half in enumerate(parts)
        ]
        return {
            name: torch.cat([half[name] for half in encoded_parts], dim=axis)
            for name in encoded_parts[0]
        }


def default_block_tiles(model: PlacedModel) -> int:
    """Return how many tiles a side are encoded together."""
    trunk_bytes = model.trunk_bytes(_area_pixels(model, _BLOCK_TILES))
    is_too_much = trunk_bytes > 0 and model.resident_bytes + trunk_bytes > TRUNK_BYTES
    return 1 if is_too_much else _BLOCK_TILES


def largest_trunk_bytes(model: PlacedModel, size: Size) -> int:
    """Return the memory that the model's trunk takes at most at once for a photo."""
    num_pixels = min(size.num_pixels, _area_pixels(model, default_block_tiles(model)))
    return model.trunk_bytes(num_pixels)


def _area_pixels(model: PlacedModel, block_tiles: int) -> int:
    return (block_tiles * TILE + 2 * (model.receptive_radius + 1)) ** 2


def _cut(whole_1DHW: Tensor, area: Tile, wanted: Tile) -> Tensor:
    """Return the features of `wanted` from those of `area`, as a copy of its own."""
    top, left = wanted.top - area.top, wanted.left - area.left
    part = whole_1DHW[:, :, top : top + wanted.height, left : left + wanted.width]
    return part.clone(memory_format=torch.channels_last)


def _halves(tile: Tile) -> tuple[list[Tile] | None, int]:
    """Return the two halves along the longer side and its tensor dimension; None: too small."""
    if max(tile.height, tile.width) < 2 * _SMALLEST_PIECE:
        return None, 0
    if tile.height >= tile.width:
        pieces = split_evenly(tile.height, -(-tile.height // 2))
        return [Tile(tile.top + a, tile.left, n, tile.width) for a, n in pieces], 2
    pieces = split_evenly(tile.width, -(-tile.width // 2))
    return [Tile(tile.top, tile.left + a, tile.height, n) for a, n in pieces], 3
