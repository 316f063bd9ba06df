"""What was done to a mask, so that it can be undone: patches, as values in two stacks. No Qt."""

from dataclasses import dataclass

from liifgan_core.geometry import Tile
from liifgan_core.images.detail_mask import DetailMask, Values

MAX_BYTES = 128 * 2**20
"""Of all patches; what was done longest ago is forgotten. A stroke takes what it touches, twice."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A changed part of a mask's grid."""

    tile: Tile
    before: Values
    """(h, w) of the tile."""
    after: Values

    @property
    def num_bytes(self) -> int:
        """Both arrays'."""
        return self.before.nbytes + self.after.nbytes


def patch_of(before: DetailMask, after: DetailMask, tile: Tile) -> Patch:
    """Return what has changed in a tile of two masks on one grid."""
    rows, cols = slice(tile.top, tile.bottom), slice(tile.left, tile.right)
    return Patch(tile, before.values[rows, cols].copy(), after.values[rows, cols].copy())


class MaskHistory:
    """What was done to one photo's mask. Main thread."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._done: list[Patch] = []
        self._undone: list[Patch] = []

    @property
    def can_undo(self) -> bool:
        """Whether something was done."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether something was undone, and nothing else done since."""
        return bool(self._undone)

    def add(self, patch: Patch) -> None:
        """Take note of what was done; what was undone cannot be done again then."""
        self._undone.clear()
        self._done.append(patch)
        total = sum(kept.num_bytes for kept in self._done)
        while total > self._max_bytes and len(self._done) > 1:
            total -= self._done.pop(0).num_bytes

    def undo(self) -> Patch | None:
        """Return the last thing done, whose `before` is to be put back; None without any."""
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        return self._undone[-1]

    def redo(self) -> Patch | None:
        """Return the last thing undone, whose `after` is to be put back; None without any."""
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        return self._done[-1]

    def clear(self) -> None:
        """Forget everything: another photo."""
        self._done.clear()
        self._undone.clear()
