"""One process or many: gradients are averaged by torch.distributed.

`torchrun --nproc-per-node 4 -m liifgan_core train ...` starts one process per device; its
environment variables say so. Without them there is one process, and no group.

What processes tell each other apart from gradients goes over gloo, from CPU to CPU, so that no
device is waited for.
"""

import inspect
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

import torch
import torch.distributed as dist
from torch import nn

from liifgan_core.errors import DeviceError, LiifganError
from liifgan_core.progress import Cancelled
from liifgan_core.render.devices import resolve_device

M = TypeVar("M", bound=nn.Module)
T = TypeVar("T")

_TIMEOUT = timedelta(hours=2)
"""How long a process waits for the others. The first one validates meanwhile: minutes for the
recipes' crops on a CPU, where torch's own ten minutes or half an hour may be too short."""
_GO_ON, _STOP, _FAIL = range(3)


@dataclass(frozen=True, slots=True)
class Processes:
    """This process' place among those that train together."""

    rank: int
    world_size: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether this process writes files and reports progress."""
        return self.rank == 0

    def share(self, module: M) -> M:
        """Return the module to call: its gradients become the mean over all processes."""
        module = module.to(self.device)
        if self.world_size == 1:
            return module
        devices = None if self.device.type == "cpu" else [self.device]
        # Buffers (batch norm's averages) need no exchange: they are not used in training.
        exchange: dict[str, Any] = {_buffer_exchange(): False}
        shared = nn.parallel.DistributedDataParallel(module, device_ids=devices, **exchange)
        return cast("M", shared)

    def from_first(self, value: T) -> T:
        """Return the first process' value; all must call it."""
        if self.world_size == 1:
            return value
        values = [value]
        dist.broadcast_object_list(values, src=0, device=torch.device("cpu"))
        return values[0]

    @contextmanager
    def together(self) -> Generator[None]:
        """Run a block without exchanges to its end in all processes, or end it in all.

        What a process raises, it raises; the others raise Cancelled if that was Cancelled, and
        LiifganError if it was anything else. All must come here.
        """
        error: Exception | None = None
        try:
            yield
        except Exception as raised:
            error = raised
        mine = _GO_ON if error is None else _STOP if isinstance(error, Cancelled) else _FAIL
        worst = self._worst(mine)
        if error is not None and mine == worst:
            raise error
        if worst == _FAIL:
            raise LiifganError("another process of this run failed; its own message says why")
        if worst == _STOP:
            raise Cancelled

    def _worst(self, outcome: int) -> int:
        if self.world_size == 1:
            return outcome
        found = torch.tensor(outcome)
        dist.all_reduce(found, op=dist.ReduceOp.MAX)
        return int(found)


def is_first_process() -> bool:
    """Return whether this process writes files and reports, by torchrun's environment."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def open_processes(device: str = "auto") -> Generator[Processes]:
    """Give this process' place, as torchrun's environment says; alone without it.

    `device` is as in `render.devices.resolve_device`; with several processes each takes one device
    of that kind. The group of processes is left at the end. Raises DeviceError.
    """
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    if world_size == 1:
        yield Processes(0, 1, resolve_device(device))
        return
    kind = resolve_device(device.partition(":")[0]).type
    chosen, backend = torch.device("cpu"), "gloo"
    if kind != "cpu":
        number = int(os.environ.get("LOCAL_RANK", "0"))
        if number >= torch.accelerator.device_count():
            raise DeviceError(
                f"there are more processes than devices of the kind {kind}: start at most "
                f"{torch.accelerator.device_count()} on this machine (--nproc-per-node)"
            )
        chosen = torch.device(kind, number)
        torch.accelerator.set_device_index(number)
        backend = f"cpu:gloo,{kind}:{dist.get_default_backend_for_device(kind)}"
    dist.init_process_group(backend, timeout=_TIMEOUT)
    try:
        yield Processes(dist.get_rank(), dist.get_world_size(), chosen)
    finally:
        dist.destroy_process_group()


def _buffer_exchange() -> str:
    """Return what torch calls the exchange of buffers before each step: newer ones renamed it."""
    known = inspect.signature(nn.parallel.DistributedDataParallel).parameters
    return "forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers"
