"""Steps per second, factored against plain, in one run: `python tests/benchmarks/training.py`.

One step is encoder and one decoder of EDSR-baseline-LIIF, forward and backward with Adam, on a
batch of random 48x48 inputs and 48x48 patches. Plain is the formula of `models.mlp_decoder` in
float32; factored is what the trainer runs, in the number format that it takes by rule.
The two alternate, so that other work on the machine hits both. Then both run again with freed
memory kept (`train.allocator`), as `liifgan train` does; that cannot be undone in a process, so
these come last. On a busy machine compare processor seconds, with OMP_NUM_THREADS=1: threads that
wait for each other spin.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

from liifgan_core.coords import axis_corners
from liifgan_core.models.config import LIIFConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.models.patch_axis import PatchAxis, stack_axes
from liifgan_core.render.devices import resolve_precision
from liifgan_core.train.allocator import keep_freed_memory
from liifgan_core.train.generator import Generator, as_channels_last

LR = 48


def _coords(rows: PatchAxis, cols: PatchAxis) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the same queries as (coord_BQ2, cell_BQ2)."""
    axes = []
    for axis in (rows, cols):
        place = axis.latent_BN[:, 0::2] + axis.rel_coord_BN[:, 0::2] / 2.0
        axes.append((2.0 * place + 1.0) / LR - 1.0)
    y, x = axes
    grid = (len(y), y.shape[1], x.shape[1])
    coord = torch.stack([y[:, :, None].expand(grid), x[:, None, :].expand(grid)], dim=-1)
    cell = (rows.cell_B / LR)[:, None, None].expand(len(y), grid[1] * grid[2], 2)
    return coord.flatten(1, 2), cell


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step took, in seconds."""

    wall_s: float
    cpu_s: float
    """Of all threads, in the program and in the kernel."""
    kernel_s: float

    @classmethod
    def of(cls, step: Callable[[], None]) -> "Cost":
        """Return the cost of a step."""
        start_s, start = time.perf_counter(), os.times()
        step()
        end_s, end = time.perf_counter(), os.times()
        kernel_s = end.system - start.system
        return cls(end_s - start_s, end.user - start.user + kernel_s, kernel_s)


def _alternate(kinds: Mapping[str, Callable[[], None]], repeats: int) -> dict[str, list[Cost]]:
    """Return the costs of each kind's steps, without the first."""
    costs: dict[str, list[Cost]] = {name: [] for name in kinds}
    for attempt in range(repeats + 1):
        for name, step in kinds.items():
            cost = Cost.of(step)
            if attempt > 0:
                costs[name].append(cost)
    return costs


def _print_table(costs: Mapping[str, list[Cost]], base: str) -> None:
    for name, steps in costs.items():
        wall_s = [statistics.median(cost.wall_s for cost in costs[kind]) for kind in (name, base)]
        cpu_s = [statistics.median(cost.cpu_s for cost in costs[kind]) for kind in (name, base)]
        kernel_s = statistics.median(cost.kernel_s for cost in steps)
        print(
            f"{name:40} {wall_s[0]:6.2f} s, {1.0 / wall_s[0]:.2f} steps/s, "
            f"best {min(cost.wall_s for cost in steps):.2f} s; "
            f"processor {cpu_s[0]:.2f} s, of it kernel {kernel_s:.2f} s; "
            f"x {wall_s[1] / wall_s[0]:.2f} by time, x {cpu_s[1] / cpu_s[0]:.2f} by processor"
        )


def main(batch: int, repeats: int, scale: float) -> None:
    """Print medians of a few steps of each kind, and how many times the plain ones' speed it is."""
    torch.manual_seed(0)
    starts = torch.rand(2, batch) * (LR - LR / scale)
    rows, cols = (
        stack_axes([axis_corners(float(s), LR / scale, LR, LR) for s in axis]) for axis in starts
    )
    coord, cell = _coords(rows, cols)
    lr = torch.rand(batch, 3, LR, LR)
    target = torch.rand(batch, 3, LR, LR)

    def plain_step() -> None:
        features = plain.encode(lr)
        colour = plain.query(features, coord, cell).structure_BQC
        _finish(colour.mT.unflatten(2, (LR, LR)), plain_optimiser)

    def factored_step(half: bool) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            patch, _ = factored(lr_last, rows, cols)
        _finish(patch, factored_optimiser)

    def _finish(patch: torch.Tensor, optimiser: torch.optim.Optimizer) -> None:
        optimiser.zero_grad()
        torch.nn.functional.l1_loss(patch, target).backward()
        optimiser.step()

    plain = LIIF(LIIFConfig())
    factored = Generator(as_channels_last(LIIF(LIIFConfig())))
    lr_last = lr.contiguous(memory_format=torch.channels_last)
    half = resolve_precision("auto", torch.device("cpu")) is torch.bfloat16
    plain_optimiser = torch.optim.Adam(plain.parameters(), 1e-4)
    factored_optimiser = torch.optim.Adam(factored.parameters(), 1e-4)
    kinds: dict[str, Callable[[], None]] = {
        "plain fp32": plain_step,
        f"factored {'bf16' if half else 'fp32'}": lambda: factored_step(half),
    }
    costs = _alternate(kinds, repeats)
    if keep_freed_memory():
        kept = _alternate(kinds, repeats)
        costs |= {f"{name}, memory kept": steps for name, steps in kept.items()}
    print(f"batch {batch} of {LR}x{LR}, x{scale:g}, {torch.get_num_threads()} threads")
    _print_table(costs, "plain fp32")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scale", type=float, default=2.5)
    arguments = parser.parse_args()
    main(arguments.batch, arguments.repeats, arguments.scale)
