"""What a run has reported so far: curves from metrics.jsonl, validation crops from its pictures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.state.training_plan import METRICS_NAME, PICTURES_NAME

_COLUMNS = 4
"""A validation picture shows LR, structure, result and original side by side."""

Curve = list[tuple[int, float]]
"""(steps done, value), steps ascending."""


class TrainingLog:
    """Reads a run's metrics as they grow. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / METRICS_NAME
        self._offset = 0
        self._curves: dict[str, Curve] = {}

    @property
    def curves(self) -> Mapping[str, Curve]:
        """All values by name, such as "structure_l1" or "val/x4/psnr"."""
        return self._curves

    @property
    def step(self) -> int:
        """Steps that are done, as far as reported."""
        return max((curve[-1][0] for curve in self._curves.values()), default=0)

    def poll(self) -> bool:
        """Read what is new; whether there was any. A line that is not whole waits for its rest.

        After a resume, steps come again: what was beyond them is forgotten, as the trainer does.
        """
        try:
            with self._path.open("rb") as file:
                if file.seek(0, 2) < self._offset:
                    self._offset = 0
                    self._curves.clear()
                file.seek(self._offset)
                text = file.read()
        except OSError:
            return False
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            self._take(line)
        return bool(whole)

    def _take(self, line: bytes) -> None:
        try:
            values = json.loads(line)
            step = int(values.pop("step"))
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # cut off by a crash; the trainer leaves it out, too
        for name, value in values.items():
            if isinstance(value, int | float):
                curve = self._curves.setdefault(name, [])
                while curve and curve[-1][0] >= step:
                    curve.pop()
                curve.append((step, float(value)))


@dataclass(frozen=True, slots=True, eq=False)
class ValidationCrop:
    """A validation picture taken apart; all parts are 8-bit RGB (side, side, 3)."""

    name: str
    step: int
    lr: NDArray[np.uint8]
    """Enlarged by whole pixels."""
    structure: NDArray[np.uint8]
    result: NDArray[np.uint8]
    original: NDArray[np.uint8]

    @property
    def lr_pixels(self) -> NDArray[np.uint8]:
        """The LR picture at its own size."""
        factor = _repeats(self.lr)
        return np.ascontiguousarray(self.lr[::factor, ::factor])


def crop_files(folder: Path) -> tuple[int, Sequence[Path]]:
    """Return the newest step with validation pictures, and their files; (0, ()) without any."""
    try:
        steps = [path for path in (folder / PICTURES_NAME).iterdir() if path.name.isdigit()]
    except OSError:
        return 0, ()
    if not steps:
        return 0, ()
    newest = max(steps, key=lambda path: int(path.name))
    return int(newest.name), sorted(newest.glob("*.png"))


def read_crop(path: Path, step: int) -> ValidationCrop | None:
    """Return a picture taken apart; None while the trainer is still writing it."""
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        return None
    picture = cv2.imdecode(content, cv2.IMREAD_COLOR_RGB) if content.size else None
    if picture is None or picture.shape[1] % _COLUMNS:
        return None
    columns = [np.array(part, np.uint8, order="C") for part in np.split(picture, _COLUMNS, axis=1)]
    return ValidationCrop(path.stem, step, *columns)


def _repeats(picture: NDArray[np.uint8]) -> int:
    """Return by how much a picture was enlarged by repeating its pixels.

    Steps between neighbouring columns and rows lie at multiples of it.
    """
    steps = [
        *np.flatnonzero((picture[:, 1:] != picture[:, :-1]).any(axis=(0, 2))) + 1,
        *np.flatnonzero((picture[1:] != picture[:-1]).any(axis=(1, 2))) + 1,
    ]
    return int(np.gcd.reduce([*steps, picture.shape[0], picture.shape[1]]))
