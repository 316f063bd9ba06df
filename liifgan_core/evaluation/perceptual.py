"""Perceptual distances by name, each made when it is first asked for.

ST-LPIPS needs nothing beyond this package. Plain LPIPS and DISTS are those of the packages `lpips`
and `piq`; both need torchvision and its trunk's ImageNet weights, which they download themselves.
"""

import contextlib
import importlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from liifgan_core.errors import WeightsError
from liifgan_core.evaluation.st_lpips import load_st_lpips

DistanceName = Literal["st-lpips-alex", "st-lpips-vgg", "lpips-alex", "dists"]
Distance = Callable[[NDArray[np.floating], NDArray[np.floating]], float]
"""Of a result and its original, RGB (h, w, 3) in [0, 1]; 0 for equal pictures."""


def load_distance(name: DistanceName, device: torch.device) -> Distance:
    """Return the distance, with its published weights.

    Raises WeightsError when a package or weights cannot be had.
    """
    if name == "st-lpips-alex":
        return load_st_lpips("alex", device=device).distance
    if name == "st-lpips-vgg":
        return load_st_lpips("vgg", device=device).distance
    return _packaged(_PACKAGED[name], device)


def _lpips_alex(lpips: Any) -> torch.nn.Module:
    # Version 0.1 on AlexNet is the variant of published tables.
    return lpips.LPIPS(net="alex", version="0.1", verbose=False)


def _dists(piq: Any) -> torch.nn.Module:
    return piq.DISTS(reduction="mean")


@dataclass(frozen=True, slots=True)
class _Packaged:
    package: str
    make: Callable[[Any], torch.nn.Module]
    """From the imported package to the network of two batches."""
    low: float
    """Values run from here to 1."""


_PACKAGED: dict[DistanceName, _Packaged] = {
    "lpips-alex": _Packaged("lpips", _lpips_alex, low=-1.0),
    "dists": _Packaged("piq", _dists, low=0.0),
}


def _packaged(wanted: _Packaged, device: torch.device) -> Distance:
    module = _import(wanted.package)
    try:
        # Both print while they download, and call torchvision by a deprecated argument.
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            network = wanted.make(module).to(device).eval()
    except (OSError, RuntimeError) as error:
        raise WeightsError(
            f"the weights of {wanted.package} cannot be had ({_first_line(error)}); put them into "
            f"{torch.hub.get_dir()}/checkpoints, or leave this metric out"
        ) from error

    def batch(rgb: NDArray[np.floating]) -> Tensor:
        rgb_hwC = torch.from_numpy(np.ascontiguousarray(rgb, np.float32)).to(device)
        return wanted.low + (1.0 - wanted.low) * rgb_hwC.permute(2, 0, 1)[None]

    def distance(sr: NDArray[np.floating], hr: NDArray[np.floating]) -> float:
        with torch.inference_mode():
            return float(network(batch(sr), batch(hr)))

    return distance


def _import(package: str) -> Any:
    try:
        return importlib.import_module(package)
    # A torchvision that was built for another torch fails with a RuntimeError.
    except (ImportError, RuntimeError) as error:
        raise WeightsError(
            f"the package {package!r} cannot be used ({_first_line(error)}); install "
            f"'liifgan[eval]' and a torchvision that fits torch {torch.__version__}, or leave this "
            "metric out"
        ) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
