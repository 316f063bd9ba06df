"""The metrics by name: what they are called in a table, which way is better, how they are computed.

A metric's name says exactly what was measured; nothing is called just "LPIPS".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from liifgan_core.errors import LiifganError
from liifgan_core.evaluation.grid_pattern import grid_pattern
from liifgan_core.evaluation.grid_pattern import least_side as least_grid_side
from liifgan_core.evaluation.metrics import SSIM_WINDOW, psnr, ssim
from liifgan_core.evaluation.perceptual import DistanceName, load_distance
from liifgan_core.evaluation.protocol import Pair, Protocol
from liifgan_core.evaluation.texture import LEAST_SIDE as LEAST_TEXTURE_SIDE
from liifgan_core.evaluation.texture import texture
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.resample import resample

Better = Literal["higher", "lower", "original"]
""""original": the nearer to the original's own."""
Value = Callable[[NDArray[np.float32], Pair], float]
"""Of a result (h, w, 3) in [0, 1] and its pair."""

SECONDS = "seconds-per-mp"
"""Wall clock per output megapixel, for this machine and its load."""
ORIGINAL = "original"
"""The row of the originals themselves: what they have of the metrics of a picture alone."""


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What a report says of a metric."""

    name: str
    title: str
    better: Better
    is_perceptual: bool = False
    is_of_picture: bool = False
    """Whether it is of a picture alone, so that the original has it too."""
    needs_whole_scale: bool = False
    decimals: int = 4

    def is_defined_at(self, scale: float) -> bool:
        """Whether there is such a thing at that scale."""
        return scale.is_integer() or not self.needs_whole_scale


METRICS = {
    info.name: info
    for info in (
        MetricInfo("psnr-rgb", "PSNR (RGB, dB)", "higher", decimals=2),
        MetricInfo("psnr-y", "PSNR (Y, dB)", "higher", decimals=2),
        MetricInfo("ssim-rgb", "SSIM (RGB)", "higher"),
        MetricInfo("ssim-y", "SSIM (Y)", "higher"),
        MetricInfo("st-lpips-alex", "ST-LPIPS (alex, ST0.0)", "lower", is_perceptual=True),
        MetricInfo("st-lpips-vgg", "ST-LPIPS (vgg, ST0.0)", "lower", is_perceptual=True),
        MetricInfo("lpips-alex", "LPIPS (alex, v0.1)", "lower", is_perceptual=True),
        MetricInfo("dists", "DISTS (piq)", "lower", is_perceptual=True),
        MetricInfo("lr-psnr", "LR-PSNR (RGB, dB)", "higher", decimals=2),
        MetricInfo(
            "texture-strength", "texture strength", "original", is_of_picture=True, decimals=2
        ),
        MetricInfo(
            "texture-coherence", "texture coherence", "original", is_of_picture=True, decimals=3
        ),
        MetricInfo(
            "grid-energy",
            "grid pattern, energy",
            "lower",
            is_of_picture=True,
            needs_whole_scale=True,
            decimals=3,
        ),
        MetricInfo(
            "grid-mean",
            "grid pattern, mean",
            "lower",
            is_of_picture=True,
            needs_whole_scale=True,
            decimals=3,
        ),
        MetricInfo(SECONDS, "seconds per output megapixel", "lower", decimals=2),
    )
}
_SHORT = {
    "st-lpips": ("st-lpips-alex",),
    "lpips": ("lpips-alex",),
    "texture": ("texture-strength", "texture-coherence"),
    "grid": ("grid-energy", "grid-mean"),
    "time": (SECONDS,),
}
_DISTANCES: tuple[DistanceName, ...] = ("st-lpips-alex", "st-lpips-vgg", "lpips-alex", "dists")
_LEAST_TRUNK_SIDE = 32
"""Below it AlexNet has no features left: its first layers take 11, then 3 and 3 pixels."""


def parse_metrics(names: Sequence[str], protocol: Protocol) -> tuple[MetricInfo, ...]:
    """Return the metrics of a user's names, each once, in their order.

    "psnr" and "ssim" mean those of the protocol's channels, "texture" and "grid" both figures.
    Raises LiifganError for unknown names.
    """
    short = _SHORT | {name: (f"{name}-{protocol.channels}",) for name in ("psnr", "ssim")}
    chosen: dict[str, MetricInfo] = {}
    for name in names:
        for full in short.get(name, (name,)):
            if full not in METRICS:
                known = ", ".join([*short, *METRICS])
                raise LiifganError(f"there is no metric {name!r}; use one of: {known}")
            chosen[full] = METRICS[full]
    if not chosen:
        raise LiifganError("no metric is asked for; give --metrics")
    return tuple(chosen.values())


def least_side(metric: str, protocol: Protocol, scale: float) -> int:
    """Return the pixels that an original needs at each side to be measured."""
    border = protocol.border(scale)
    if metric.startswith("psnr"):
        return 2 * border + 1
    if metric.startswith("ssim"):
        return 2 * border + SSIM_WINDOW
    if metric.startswith("texture"):
        return LEAST_TEXTURE_SIDE
    if metric.startswith("grid"):
        return least_grid_side(int(scale))
    return _LEAST_TRUNK_SIDE if METRICS[metric].is_perceptual else 1


def make_measure(metric: str, protocol: Protocol, device: torch.device) -> Value:
    """Return the function that measures a result; not for "seconds-per-mp", which is timed.

    PSNR and SSIM leave the protocol's border out, texture and grid figures 8 pixels a side, the
    others see the whole picture. Coherence is NaN for a picture without texture. Raises
    WeightsError when the weights of a perceptual distance cannot be had.
    """
    if metric == "texture-strength":
        return lambda sr, _pair: texture(sr).strength
    if metric == "texture-coherence":
        return lambda sr, _pair: texture(sr).coherence
    if metric == "grid-energy":
        return lambda sr, pair: grid_pattern(sr, int(pair.scale)).energy
    if metric == "grid-mean":
        return lambda sr, pair: grid_pattern(sr, int(pair.scale)).mean
    if metric == "lr-psnr":
        return _lr_psnr
    for name in _DISTANCES:
        if metric == name:
            distance = load_distance(name, device)
            return lambda sr, pair: distance(sr, pair.hr)
    function = {"psnr": psnr, "ssim": ssim}[metric.partition("-")[0]]
    on_luma = metric.endswith("-y")

    def value(sr: NDArray[np.float32], pair: Pair) -> float:
        return function(sr, pair.hr, border=protocol.border(pair.scale), on_luma=on_luma)

    return value


def _lr_psnr(sr: NDArray[np.float32], pair: Pair) -> float:
    """Return the PSNR of the reduced result against the LR input: does it contradict the input?"""
    lr_size = Size(*pair.lr.shape[:2])
    whole = Tile(0, 0, lr_size.height, lr_size.width)

    def read(tile: Tile) -> NDArray[np.float32]:
        return sr[tile.top : tile.bottom, tile.left : tile.right]

    reduced = resample(read, pair.size, Viewport.whole(pair.size, lr_size), whole)
    return psnr(reduced, pair.lr.astype(np.float32) / 255.0, border=0, on_luma=False)
