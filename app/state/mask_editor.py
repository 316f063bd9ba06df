"""The detail brush: strokes, shapes and commands that change a document's mask, and undo."""

from dataclasses import replace
from typing import Literal

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.state.brush import (
    HARDNESS_STEP,
    MAX_SIZE,
    MIN_SIZE,
    SIZE_STEP,
    Brush,
    Change,
    Effect,
    Floats,
    Point,
    changed,
    segment_coverage,
    segment_tile,
    strips,
)
from app.state.document import DocumentModel
from app.state.mask_history import MaskHistory, Patch, patch_of
from app.state.mask_places import grown_part, place_of, region, union, whole
from app.state.mask_shapes import Graduated, Radial, Shape
from liifgan_core.geometry import Size, Tile
from liifgan_core.images.detail_mask import ONE, DetailMask, stored

Tool = Literal["brush", "graduated", "radial"]


class MaskEditor(QObject):
    """Edits the mask of the open photo. Main thread.

    A stroke or a shape is one step of undo; a shape stays changeable until it is kept.
    """

    tool_changed = Signal()
    """Whether the tool is in use, which it is, the brush, or what it does."""
    shape_changed = Signal()
    """The shape that is being placed, or that there is none any more."""
    history_changed = Signal()
    """What can be undone and redone."""
    edited = Signal()
    """The user has changed the mask."""

    def __init__(self, document: DocumentModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.history = MaskHistory()
        self._is_active = False
        self._tool: Tool = "brush"
        self._brush, self._change = Brush(), Change()
        self._stroke = self._change
        """What the stroke that is being made does."""
        self._shape: Shape | None = None
        self._base: DetailMask | None = None
        """The mask before the stroke or shape that is being made."""
        self._coverage: Floats | None = None
        """Of the stroke so far, on all of the grid."""
        self._touched: Tile | None = None
        self._last: Point = (0.0, 0.0)
        document.photo_about_to_change.connect(self.settle)
        document.photo_changed.connect(self._begin_anew)

    # How it is set

    @property
    def is_active(self) -> bool:
        """Whether the mouse paints on the canvas."""
        return self._is_active

    @property
    def tool(self) -> Tool:
        """What the mouse makes."""
        return self._tool

    @property
    def brush(self) -> Brush:
        """The brush."""
        return self._brush

    @property
    def change(self) -> Change:
        """What strokes and shapes do."""
        return self._change

    @property
    def shape(self) -> Shape | None:
        """The shape that is being placed."""
        return self._shape

    @property
    def is_painting(self) -> bool:
        """Whether a stroke has begun and not ended."""
        return self._coverage is not None

    def set_active(self, is_active: bool) -> None:
        """Take the tool up or lay it down; a shape is kept then."""
        if is_active != self._is_active:
            self.settle()
            self._is_active = is_active
            self.tool_changed.emit()

    def set_tool(self, tool: Tool) -> None:
        """Choose what the mouse makes; a shape is kept then."""
        self.settle()
        self._tool = tool
        self.tool_changed.emit()

    def set_brush(self, brush: Brush) -> None:
        """Take another brush; its size is brought into its range."""
        size = min(max(brush.size, MIN_SIZE), MAX_SIZE)
        hardness, feather = (min(max(part, 0.0), 1.0) for part in (brush.hardness, brush.feather))
        self._brush = Brush(size, hardness, feather)
        self.tool_changed.emit()

    def set_change(self, change: Change) -> None:
        """Choose what strokes do; a shape that is being placed follows."""
        self._change = change
        self.tool_changed.emit()
        if self._shape is not None:
            self._draw_shape(self._shape)

    def resize_brush(self, steps: int) -> None:
        """Make the brush larger by steps of 19 %, or smaller."""
        self.set_brush(replace(self._brush, size=self._brush.size * SIZE_STEP**steps))

    def harden_brush(self, steps: int) -> None:
        """Make the brush harder by steps of a tenth, or softer."""
        hardness = round(self._brush.hardness + steps * HARDNESS_STEP, 3)
        self.set_brush(replace(self._brush, hardness=hardness))

    # Strokes

    def begin_stroke(self, at: Point, *, is_opposite: bool = False) -> None:
        """Set the brush down; `is_opposite` exchanges less and more for this stroke."""
        photo = self.document.photo
        if photo is None:
            return
        self.end_stroke()
        self._base = self._present(photo.image.size)
        self._coverage = np.zeros(self._base.values.shape, np.float32)
        self._touched, self._last = None, at
        opposite: dict[Effect, Effect] = {"less": "more", "more": "less", "value": "value"}
        effect = self._change.effect
        self._stroke = replace(self._change, effect=opposite[effect] if is_opposite else effect)
        self.extend_stroke(at)

    def extend_stroke(self, to: Point) -> None:
        """Draw the brush on in a straight line. Takes time by what the line covers.

        A place gets the largest coverage that any part of the stroke has given it, so to and fro
        over one place is as once.
        """
        photo, base, coverage = self.document.photo, self._base, self._coverage
        if photo is None or base is None or coverage is None:
            return
        size, grid = photo.image.size, base.size
        tile = segment_tile(self._brush, self._last, to, size, grid)
        if tile is not None:
            values = self._present(size).values.copy()
            seen: Tile | None = None
            for strip in strips(tile):
                new = segment_coverage(self._brush, self._last, to, size, grid, strip)
                part = grown_part(new, coverage[place_of(strip)], strip)
                if part is None:
                    continue  # nothing that the stroke had not covered so far
                place = place_of(part)
                np.maximum(coverage[place], new[place_of(part, strip)], out=coverage[place])
                values[place] = changed(base.values[place], coverage[place], self._stroke)
                seen = part if seen is None else union(seen, part)
            if seen is not None:
                self._touched = seen if self._touched is None else union(self._touched, seen)
                self._show(DetailMask(values), seen)
        self._last = to

    def end_stroke(self) -> None:
        """Lift the brush."""
        base, touched = self._base, self._touched
        if self._coverage is None:
            return
        self._coverage = None
        self._base = self._touched = None
        if base is not None and touched is not None:
            self._remember(base, touched)

    # Shapes

    def place_shape(self, shape: Shape) -> None:
        """Show a shape's effect, in the place of the one that was being placed."""
        photo = self.document.photo
        if photo is None:
            return
        if self._shape is None:
            self._base = self._present(photo.image.size)
        self._draw_shape(shape)

    def keep_shape(self) -> None:
        """End placing: what is shown stays."""
        base = self._base
        if self._shape is not None and base is not None:
            self._shape = self._base = None
            self._remember(base, whole(base.size))
            self.shape_changed.emit()

    def cancel_shape(self) -> None:
        """End placing: what was before is put back."""
        base = self._base
        if self._shape is not None and base is not None:
            self._shape = self._base = None
            self._show(base, whole(base.size))
            self.shape_changed.emit()

    def begin_shape(self, start: Point, to: Point) -> Shape:
        """Return the tool's shape as it is drawn from a place to another."""
        if self._tool == "graduated":
            return Graduated(start, to)
        return Radial(start, max(1.0, abs(to[0] - start[0])), max(1.0, abs(to[1] - start[1])))

    def _draw_shape(self, shape: Shape) -> None:
        photo, base = self.document.photo, self._base
        assert photo is not None
        assert base is not None
        tile = whole(base.size)
        values = np.empty_like(base.values)
        for strip in strips(tile):
            place = slice(strip.top, strip.bottom)
            coverage = shape.coverage(photo.image.size, base.size, strip)
            values[place] = changed(base.values[place], coverage, self._change)
        self._shape = shape
        self._show(DetailMask(values), tile)
        self.shape_changed.emit()

    # Commands

    def settle(self) -> None:
        """End what is being made; it stays."""
        self.end_stroke()
        self.keep_shape()

    def fill(self) -> None:
        """Give all of the mask what the change leads to: 0, 1.5 or the value, by its amount."""
        photo = self.document.photo
        if photo is not None:
            base = self._settled(photo.image.size)
            full = np.ones(base.values.shape, np.float32)
            self.replace_mask(DetailMask(changed(base.values, full, self._change)))

    def invert(self) -> None:
        """Let strengths s become 1 - s; those above 1 become 0."""
        photo = self.document.photo
        if photo is not None:
            values = self._settled(photo.image.size).values
            self.replace_mask(DetailMask((ONE - np.minimum(values, ONE)).astype(np.uint16)))

    def erase(self) -> None:
        """Take the mask away: 1 everywhere."""
        self.replace_mask(None)

    def replace_mask(self, mask: DetailMask | None) -> None:
        """Take another mask on the photo's grid, as one step of undo; None: 1 everywhere."""
        photo = self.document.photo
        if photo is None:
            return
        base = self._settled(photo.image.size)
        if mask is not None and mask.size != base.size:
            raise ValueError(f"the mask is {mask.size}, the photo's grid {base.size}")
        tile = whole(base.size)
        self._show(mask or DetailMask.filled(photo.image.size), tile)
        self._remember(base, tile)

    def undo(self) -> None:
        """Put back what was before the last step; a shape that is being placed is given up."""
        if self._shape is not None:
            self.cancel_shape()
            return
        self.end_stroke()
        patch = self.history.undo()
        if patch is not None:
            self._put_back(patch, is_undo=True)

    def redo(self) -> None:
        """Do the last undone step again."""
        if self._shape is not None or self.is_painting:
            return
        patch = self.history.redo()
        if patch is not None:
            self._put_back(patch, is_undo=False)

    # How it is done

    def _settled(self, photo: Size) -> DetailMask:
        """Return the mask after what is being made has ended."""
        self.settle()
        return self._present(photo)

    def _present(self, photo: Size) -> DetailMask:
        return self.document.mask or DetailMask.filled(photo)

    def _show(self, mask: DetailMask, tile: Tile) -> None:
        """Give the document a mask that differs in a tile of its grid."""
        photo = self.document.photo
        assert photo is not None, "only an open photo is painted on"
        self.document.set_mask(mask, region(tile, mask.size, photo.image.size))

    def _remember(self, base: DetailMask, tile: Tile) -> None:
        present = self.document.mask
        assert present is not None, "it was shown while it was made"
        patch = patch_of(base, present, tile)
        if not np.array_equal(patch.before, patch.after):
            self.history.add(patch)
        self._normalise()
        self.history_changed.emit()
        self.edited.emit()

    def _put_back(self, patch: Patch, *, is_undo: bool) -> None:
        photo = self.document.photo
        assert photo is not None, "its history is forgotten with it"
        values = patch.before if is_undo else patch.after
        self._show(self._present(photo.image.size).patched(patch.tile, values), patch.tile)
        self._normalise()
        self.history_changed.emit()
        self.edited.emit()

    def _normalise(self) -> None:
        """Let a mask of 1 everywhere be none: then layers need not be drawn apart."""
        mask = self.document.mask
        if mask is not None and bool((mask.values == stored(1.0)).all()):
            self.document.set_mask(None, None)

    def _begin_anew(self) -> None:
        self._shape = self._base = self._coverage = self._touched = None
        self.history.clear()
        self.shape_changed.emit()
        self.history_changed.emit()
