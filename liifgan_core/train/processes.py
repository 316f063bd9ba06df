"""One process or many: gradients are averaged by Lightning Fabric over torch.distributed.

`torchrun --nproc-per-node 4 -m liifgan_core train ...` starts one process per device; its
environment variables say so. Without them there is one process, and Fabric is not imported.
"""

import inspect
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import torch
from torch import nn

from liifgan_core.errors import DeviceError
from liifgan_core.render.devices import resolve_device

if TYPE_CHECKING:
    from lightning_fabric import Fabric

M = TypeVar("M", bound=nn.Module)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Processes:
    """This process' place among those that train together."""

    rank: int
    world_size: int
    device: torch.device
    fabric: "Fabric | None" = None

    @property
    def is_first(self) -> bool:
        """Whether this process writes files and reports progress."""
        return self.rank == 0

    def share(self, module: M) -> M:
        """Return the module to call: its gradients become the mean over all processes."""
        if self.fabric is None:
            return module.to(self.device)
        return cast("M", self.fabric.setup_module(module))

    def any(self, flag: bool) -> bool:
        """Return whether the flag is set in any process; all must call it."""
        if self.fabric is None:
            return flag
        total = self.fabric.all_reduce(torch.tensor(float(flag)), reduce_op="sum")
        return float(cast("torch.Tensor", total)) > 0.0

    def from_first(self, value: T) -> T:
        """Return the first process' value; all must call it."""
        if self.fabric is None:
            return value
        return self.fabric.broadcast(value)

    def wait(self) -> None:
        """Return when all processes have come here."""
        if self.fabric is not None:
            self.fabric.barrier()


def is_first_process() -> bool:
    """Return whether this process writes files and reports, by torchrun's environment."""
    return os.environ.get("RANK", "0") == "0"


def open_processes(device: str = "auto", *, has_resting_parameters: bool = False) -> Processes:
    """Return this process' place, as torchrun's environment says; alone without it.

    `device` is as in `render.devices.resolve_device`; with several processes each takes one device
    of that kind. `has_resting_parameters` says that some steps train only some of the parameters,
    which costs a search through each step's graph. Raises DeviceError.
    """
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    if world_size == 1:
        return Processes(0, 1, resolve_device(device))
    try:
        from lightning_fabric import Fabric
        from lightning_fabric.strategies.ddp import DDPStrategy
    except ImportError as error:
        raise DeviceError(
            "training on several devices needs lightning-fabric; install it with "
            "pip install 'liifgan[train]'"
        ) from error
    kind = resolve_device(device.partition(":")[0]).type
    # Buffers (batch norm's averages, spectral norm's vectors) need no exchange: the former are not
    # used in training, the latter are equal already.
    exchange: dict[str, Any] = {_buffer_exchange(): False}
    arguments: dict[str, Any] = {
        "accelerator": kind,
        "devices": int(os.environ.get("LOCAL_WORLD_SIZE", world_size)),
        "num_nodes": int(os.environ.get("GROUP_WORLD_SIZE", "1")),
        "strategy": DDPStrategy(find_unused_parameters=has_resting_parameters, **exchange),
    }
    fabric = Fabric(**arguments)
    fabric.launch()
    return Processes(fabric.global_rank, fabric.world_size, fabric.device, fabric)


def _buffer_exchange() -> str:
    """Return what torch calls the exchange of buffers before each step: newer ones renamed it."""
    known = inspect.signature(nn.parallel.DistributedDataParallel).parameters
    return "forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers"
