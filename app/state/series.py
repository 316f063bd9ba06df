"""The photos that were opened together: which is open, what was chosen for each."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.state.choices import Choices


class Series(QObject):
    """Several photos or a folder's; a single photo is none. Main thread."""

    changed = Signal()
    """Other photos make it up."""
    moved = Signal()
    """Another one of them is open, or none."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths: tuple[Path, ...] = ()
        self._places: dict[Path, int] = {}
        self._place: int | None = None
        self._choices: dict[Path, Choices] = {}

    @property
    def paths(self) -> tuple[Path, ...]:
        """The photos in their order, as absolute paths; empty or at least two."""
        return self._paths

    @property
    def place(self) -> int | None:
        """Which one is open, from 0; None where it is none of them."""
        return self._place

    def place_of(self, path: Path) -> int | None:
        """Return a photo's place; None for one that is not in it."""
        return self._places.get(path)

    def take(self, paths: Sequence[Path]) -> None:
        """Take other photos; a single one makes no series. What was chosen before is forgotten."""
        found = tuple(dict.fromkeys(path.absolute() for path in paths))
        found = found if len(found) > 1 else ()
        if found == self._paths:
            return
        self._paths, self._place = found, None
        self._places = {path: number for number, path in enumerate(found)}
        self._choices = {}
        self.changed.emit()

    def follow(self, path: Path | None) -> None:
        """Take note of the photo that is open."""
        place = None if path is None else self._places.get(path)
        if place != self._place:
            self._place = place
            self.moved.emit()

    def keep(self, path: Path | None, choices: Choices) -> None:
        """Keep what was chosen for a photo, if it is one of them."""
        if path in self._places:
            self._choices[path] = choices

    def choices_of(self, path: Path | None) -> Choices | None:
        """Return what was chosen for a photo; None where nothing was yet."""
        return None if path is None else self._choices.get(path)
