"""Fixed-scale networks: those that models are built on, and of checkpoint files.

Of the files, EDSR's are read by our own code, all others by spandrel.
"""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor

from liifgan_core.errors import LiifganError, WeightsError
from liifgan_core.evaluation.spandrel_import import import_spandrel
from liifgan_core.models.edsr_upscaler import edsr_upscaler_from
from liifgan_core.render.devices import exact_convolutions
from liifgan_core.weights.registry import file_sha256
from liifgan_core.weights.trunk_store import load_network
from liifgan_core.weights.trunks import NETWORKS

_WRAPPERS = ("params_ema", "params", "state_dict", "model_state_dict", "model", "net")
"""Under one of these keys training programs put the state dict; averaged weights come first."""


class TorchNetwork:
    """A network of one factor on a device, float32."""

    def __init__(
        self,
        call: Callable[[Tensor], Tensor],
        device: torch.device,
        *,
        scale: int,
        sha256: str,
    ) -> None:
        """`call` takes and gives RGB in [0, 1], (1, C, H, W)."""
        self.scale = scale
        self.fingerprint = f"{sha256} float32"
        self._call = call
        self._device = device

    def run(self, rgb_HWC: NDArray[np.float32]) -> NDArray[np.float32]:
        height, width = rgb_HWC.shape[:2]
        rgb_BCHW = torch.from_numpy(np.ascontiguousarray(rgb_HWC.transpose(2, 0, 1)))[None]
        with torch.inference_mode(), exact_convolutions():
            sr_BChw = self._call(rgb_BCHW.to(self._device))
        expected = (1, 3, height * self.scale, width * self.scale)
        if tuple(sr_BChw.shape) != expected or not bool(torch.isfinite(sr_BChw).all()):
            raise LiifganError(
                f"the network gives {tuple(sr_BChw.shape)}, not finite numbers of shape {expected}"
            )
        return sr_BChw[0].permute(1, 2, 0).cpu().numpy()


def load_external_network(name: str, device: torch.device) -> TorchNetwork:
    """Return a network of `weights.trunks.NETWORKS` on the device.

    Raises WeightsError when its files cannot be had.
    """
    network = load_network(name).to(device)
    for parameter in network.parameters():
        if parameter.dim() == 4:  # 7 % faster on a CPU with AVX-512
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return TorchNetwork(network, device, scale=network.scale, sha256=NETWORKS[name].sha256)


def load_file_network(path: Path, device: torch.device) -> TorchNetwork:
    """Return the network of a .pth, .pt, .ckpt or .safetensors file, whatever made it.

    Only tensors are read from pickles. Raises WeightsError for a file that is missing, damaged, no
    network that is known, or one without a factor or of other than three channels.
    """
    tensors = _read_tensors(path)
    sha256 = file_sha256(path)
    try:
        edsr = edsr_upscaler_from(tensors)
    except ValueError as error:
        raise WeightsError(f"{path}: {error}") from error
    if edsr is not None:
        return TorchNetwork(edsr.to(device), device, scale=edsr.scale, sha256=sha256)
    return _by_spandrel(path, tensors, sha256, device)


def _by_spandrel(
    path: Path, tensors: Mapping[str, Tensor], sha256: str, device: torch.device
) -> TorchNetwork:
    spandrel = import_spandrel()
    state = spandrel.canonicalize_state_dict(dict(tensors))
    try:
        found: Any = spandrel.ModelLoader(device=device).load_from_state_dict(state)
    except LiifganError as error:
        raise WeightsError(f"{path}: {error}") from error
    except Exception as error:  # foreign code that meets foreign files raises all kinds
        raise WeightsError(
            f"{path}: no network that is known here ({type(error).__name__}); spandrel "
            f"{spandrel.__version__} and EDSR's formats are supported"
        ) from error
    if not isinstance(found, spandrel.ImageModelDescriptor):
        raise WeightsError(f"{path}: a {found.architecture.name} network does not upscale")
    if (found.input_channels, found.output_channels) != (3, 3) or found.scale < 2:
        raise WeightsError(
            f"{path}: a {found.architecture.name} network from {found.input_channels} to "
            f"{found.output_channels} channels at x{found.scale}; rows need RGB and a factor of "
            "at least 2"
        )
    # The descriptor is called and not its network, as it pads to the sizes that this wants.
    return TorchNetwork(found.float().eval(), device, scale=found.scale, sha256=sha256)


def _read_tensors(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such file")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with warnings.catch_warnings(action="error"):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged pickles raise all kinds
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(
            f"{path}: not a checkpoint that holds only tensors ({reason})"
        ) from error
    for _ in range(2):  # {"model": {"params": ...}} has been seen
        key = next((k for k in _WRAPPERS if isinstance(_get(content, k), dict)), None)
        content = content if key is None else content[key]
    if not isinstance(content, dict) or not content:
        raise WeightsError(f"{path}: holds no named tensors")
    prefix = "module." if all(str(key).startswith("module.") for key in content) else ""
    tensors = {str(key).removeprefix(prefix): value for key, value in content.items()}
    if not all(isinstance(value, Tensor) for value in tensors.values()):
        raise WeightsError(f"{path}: its state holds other things than tensors")
    return tensors


def _get(content: object, key: str) -> object:
    return content.get(key) if isinstance(content, dict) else None
