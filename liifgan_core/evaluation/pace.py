"""How long an evaluation still takes."""

import numpy as np


class Pace:
    """How long methods take, for the time that is left."""

    def __init__(self) -> None:
        self.todo: dict[str, int] = {}
        """Pictures that are left, by method."""
        self._seconds: dict[str, list[float]] = {}

    @property
    def num_done(self) -> int:
        """Pictures that were measured."""
        return sum(map(len, self._seconds.values()))

    @property
    def total(self) -> int:
        """Those and the ones that are left."""
        return self.num_done + sum(self.todo.values())

    @property
    def seconds_left(self) -> float:
        """By each method's mean; methods that had no turn yet count as all others' mean."""
        everything = [s for values in self._seconds.values() for s in values]
        return sum(
            count * float(np.mean(self._seconds.get(label) or everything or [0.0]))
            for label, count in self.todo.items()
        )

    def add(self, label: str, seconds: float) -> None:
        """Note a picture that was measured."""
        self._seconds.setdefault(label, []).append(seconds)
        self.todo[label] -= 1

    def leave_out(self, label: str) -> None:
        """Note a picture that cannot be."""
        self.todo[label] -= 1
