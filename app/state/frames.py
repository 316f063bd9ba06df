"""The pixels that have arrived for the current request, source by source, ready to be painted."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.look import Look, colours, opacity_bytes
from app.qimage import paint_rgb, qimage_from_rgb
from liifgan_core.geometry import Rect, Size, Tile
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.render.request import FrameTile, RenderRequest
from liifgan_core.render.tile_plan import lr_rect

_STRIP_PIXELS = 1 << 14
"""Three floats of each take 192 KB; some four such arrays are at work at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """An image and the part of the photo that it shows."""

    picture: QImage
    region: Rect
    """LR pixels."""
    is_final: bool


class _SourceFrame:
    def __init__(self, backdrop: Piece | None, backdrop_by: str | None) -> None:
        self.backdrop = backdrop
        self.backdrop_by = backdrop_by
        """What drew the backdrop."""
        self.tiles: list[FrameTile] = []
        self.pieces: list[Piece | None] = []
        """One for each tile; None: not yet painted in the present look."""
        self.flat: tuple[list[Piece | None], Piece] | None = None
        """A transparent picture in one piece, and the pieces that it was made of."""


class Frames:
    """One frame for each source. Main thread."""

    def __init__(self) -> None:
        self._request: RenderRequest | None = None
        self._is_finished = False
        self._frames: dict[str, _SourceFrame] = {}
        self._look = Look()
        self._mask: DetailMask | None = None
        self._photo = Size(1, 1)

    @property
    def request(self) -> RenderRequest | None:
        """The request whose pixels are collected."""
        return self._request

    @property
    def is_finished(self) -> bool:
        """Whether all final tiles of the request are here."""
        return self._is_finished

    def drawn_by(self, source: str) -> str | None:
        """Return what drew the pixels that a source has; None without any.

        Where some are of the source itself and others of what stands in for it, it is the latter.
        """
        frame = self._frames.get(source)
        if frame is None:
            return None
        names = dict.fromkeys(tile.drawn_by for tile in frame.tiles)
        return next(
            (name for name in names if name != source), next(iter(names), frame.backdrop_by)
        )

    def settled(self, source: str, other: str) -> set[Tile]:
        """Return the tiles of the request's output that both sources have drawn themselves."""
        return self._own_tiles(source) & self._own_tiles(other)

    def clear(self) -> None:
        """Forget everything: another photo."""
        self._request, self._is_finished = None, False
        self._frames.clear()

    def begin(self, request: RenderRequest) -> None:
        """Collect another request's pixels; what was there stays as backdrop until they come."""
        self._frames = {
            source: _SourceFrame(self.flat(source), self.drawn_by(source))
            for source in request.sources
        }
        self._request, self._is_finished = request, False

    def add(self, tile: FrameTile) -> bool:
        """Take a tile; False when it is not one of the current request."""
        if self._request is None or tile.request_id != self._request.id:
            return False
        frame = self._frames[tile.source]
        frame.tiles.append(tile)
        frame.pieces.append(None)
        return True

    def finish(self, request_id: int) -> None:
        """Drop coarse tiles and backdrops: the request's final tiles are complete."""
        if self._request is None or request_id != self._request.id:
            return
        self._is_finished = True
        for frame in self._frames.values():
            kept = [(t, p) for t, p in zip(frame.tiles, frame.pieces, strict=True) if t.is_final]
            frame.tiles = [tile for tile, _ in kept]
            frame.pieces = [piece for _, piece in kept]
            frame.backdrop = None

    def set_look(self, look: Look) -> None:
        """Blend anew from the layers that are there."""
        if look == self._look:
            return
        self._look = look
        for frame in self._frames.values():
            frame.pieces = [
                piece if tile.detail is None else None
                for tile, piece in zip(frame.tiles, frame.pieces, strict=True)
            ]

    def set_mask(self, mask: DetailMask | None, photo: Size, changed: Rect | None) -> None:
        """Blend anew by another detail mask: what lies in `changed`, LR pixels; None: all.

        `photo` is the whole photo's size. Takes time by the pixels that are seen of it.
        """
        self._mask, self._photo = mask, photo
        for frame in self._frames.values():
            for index, tile in enumerate(frame.tiles):
                piece = frame.pieces[index]
                if tile.detail is None or piece is None:
                    continue
                part = whole = tile.tile
                if changed is not None:
                    part = _part_within(changed, tile)
                if part is None:
                    continue
                if tile.alpha is not None:
                    frame.pieces[index] = None
                else:
                    for strip in _strips(part):
                        rgb = self._colours(tile, strip)
                        paint_rgb(piece.picture, rgb, _inner(strip, whole))

    def pieces(self, source: str, *, beside: str | None = None) -> Iterable[Piece]:
        """Yield what to paint for a source, in order: later pieces lie over earlier ones.

        `beside` is a source that this one is subtracted from: where both are still being refined, a
        final tile is kept back until the other's comes, since a difference of the two stages would
        be neither's.
        """
        frame = self._frames.get(source)
        if frame is None:
            return
        if frame.backdrop is not None:
            yield frame.backdrop
        kept_back = set[Tile]() if beside is None else self._kept_back(source, beside)
        for is_final in (False, True):
            for index, tile in enumerate(frame.tiles):
                if tile.is_final != is_final or (is_final and tile.tile in kept_back):
                    continue
                piece = frame.pieces[index] or self._painted(tile)
                frame.pieces[index] = piece
                yield piece

    def flat(self, source: str, *, beside: str | None = None) -> Piece | None:
        """Return the visible part of the current request in one piece; None without any pixels.

        `beside` is as in `pieces`.
        """
        frame, request = self._frames.get(source), self._request
        if frame is None or request is None:
            return None
        if not frame.tiles:
            return frame.backdrop
        part = request.visible
        has_alpha = frame.tiles[0].alpha is not None
        if frame.flat is not None and beside is None and frame.flat[0] == frame.pieces:
            return frame.flat[1]  # a moving wipe paints it 60 times a second
        kind = (
            QImage.Format.Format_ARGB32_Premultiplied if has_alpha else QImage.Format.Format_RGB32
        )
        picture = QImage(part.width, part.height, kind)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        for piece in self.pieces(source, beside=beside):
            paint_piece(painter, piece, request.viewport.scale, (-part.top, -part.left))
        painter.end()
        flat = Piece(picture, lr_rect(request.viewport, part), is_final=False)
        if has_alpha and beside is None:
            frame.flat = list(frame.pieces), flat
        return flat

    def _own_tiles(self, source: str) -> set[Tile]:
        """Return the final tiles that a source has drawn itself."""
        frame = self._frames.get(source)
        tiles = [] if frame is None else frame.tiles
        return {tile.tile for tile in tiles if tile.is_final and tile.drawn_by == source}

    def _kept_back(self, source: str, beside: str) -> set[Tile]:
        """Return the final tiles of a source that wait for those of another; see `pieces`."""
        is_refining = [
            any(not tile.is_final for tile in frame.tiles)
            for frame in (self._frames.get(source), self._frames.get(beside))
            if frame is not None
        ]
        return self._own_tiles(source) - self._own_tiles(beside) if all(is_refining) else set()

    def _painted(self, tile: FrameTile) -> Piece:
        rgb = self._colours(tile, tile.tile)
        alpha = None if tile.alpha is None else opacity_bytes(tile.alpha)
        return Piece(qimage_from_rgb(rgb, alpha), lr_rect(tile.viewport, tile.tile), tile.is_final)

    def _colours(self, tile: FrameTile, part: Tile) -> NDArray[np.uint8]:
        """Return the colours of a part of a tile, both in the viewport's output pixels."""
        top, left = _inner(part, tile.tile)
        rows, cols = slice(top, top + part.height), slice(left, left + part.width)
        if tile.detail is None:
            return colours(tile.structure[rows, cols], None, self._look)
        strengths = None
        if self._mask is not None:
            strengths = self._mask.strengths(self._photo, tile.viewport, part)
        return colours(tile.structure[rows, cols], tile.detail[rows, cols], self._look, strengths)


def _inner(part: Tile, whole: Tile) -> tuple[int, int]:
    """Return where a part begins in the whole, (row, column)."""
    return part.top - whole.top, part.left - whole.left


def _strips(part: Tile) -> Iterable[Tile]:
    """Yield a part in strips of rows that a processor's cache holds."""
    step = max(1, _STRIP_PIXELS // part.width)
    for top in range(part.top, part.bottom, step):
        yield Tile(top, part.left, min(step, part.bottom - top), part.width)


def _part_within(region: Rect, tile: FrameTile) -> Tile | None:
    """Return the output pixels of a tile that a region of the photo reaches; None without any."""
    down, across = tile.viewport.scale
    own, whole = tile.tile, tile.viewport.region
    top = max(own.top, math.floor((region.top - whole.top) * down))
    left = max(own.left, math.floor((region.left - whole.left) * across))
    bottom = min(own.bottom, math.ceil((region.top + region.height - whole.top) * down))
    right = min(own.right, math.ceil((region.left + region.width - whole.left) * across))
    return Tile(top, left, bottom - top, right - left) if top < bottom and left < right else None


def paint_piece(
    painter: QPainter, piece: Piece, scale: tuple[float, float], origin: tuple[int, int]
) -> None:
    """Paint a piece where it lies in an output of `scale` that begins at `origin`, both (y, x).

    A piece of exactly that scale is copied pixel by pixel, any other one is stretched.
    """
    region = piece.region
    height, width = region.height * scale[0], region.width * scale[1]
    top, left = origin[0] + region.top * scale[0], origin[1] + region.left * scale[1]
    drift = abs(height - piece.picture.height()) + abs(width - piece.picture.width())
    if drift < 1e-3 and abs(top - round(top)) + abs(left - round(left)) < 1e-3:
        painter.drawImage(QPoint(round(left), round(top)), piece.picture)
    else:
        target = QRectF(left, top, width, height)
        painter.drawImage(target, piece.picture, QRectF(piece.picture.rect()))
