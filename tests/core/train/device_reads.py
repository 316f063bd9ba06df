"""Counts what makes a program wait for a device: reading a value, or a shape that one decides."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_WAITING = {
    "aten._local_scalar_dense.default",
    "aten.nonzero.default",
    "aten.bincount.default",
    "aten.masked_select.default",
    "aten.unique_consecutive.default",
}


class _Counter(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []
        self.is_paused = False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if not self.is_paused:
            if str(func) in _WAITING:
                self.reads.append(str(func))
            if str(func).startswith("aten.index") and any(
                isinstance(index, torch.Tensor) and index.dtype == torch.bool
                for argument in args[1:2]
                if isinstance(argument, list)
                for index in argument
            ):
                self.reads.append(str(func))
        return func(*args, **(kwargs or {}))


@contextmanager
def reads_of_the_device() -> Generator[list[str]]:
    """Give the list of such calls so far. Adam's own counters of steps lie in the CPU's memory
    whatever the device, so reading them is not counted."""
    counter = _Counter()
    step = torch.optim.Adam.step

    def uncounted(adam: torch.optim.Adam, *args: Any, **kwargs: Any) -> Any:
        counter.is_paused = True
        try:
            return step(adam, *args, **kwargs)
        finally:
            counter.is_paused = False

    with patch.object(torch.optim.Adam, "step", uncounted), counter:
        yield counter.reads
