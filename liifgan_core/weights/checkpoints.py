"""Conversion of public LIIF checkpoints, which are PyTorch pickles."""

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import torch

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import ARCHITECTURE
from liifgan_core.weights.registry import Provenance, file_sha256
from liifgan_core.weights.store import network_from, save_weights

UNKNOWN_PROVENANCE = Provenance(
    licence="unknown: ask whoever made the checkpoint",
    origin="imported from a checkpoint; files do not tell scales, these are the LIIF authors'",
    trained_scales=(1.0, 4.0),
)


def import_checkpoint(
    source: Path, target: Path, provenance: Provenance = UNKNOWN_PROVENANCE
) -> None:
    """Convert a public LIIF checkpoint (.pth) to a weights file.

    Takes the layout of the LIIF authors' code, {"model": {"name", "args", "sd"}}. Only tensors and
    plain values are read from the pickle; code in it is refused. Raises WeightsError for files that
    are missing, damaged, unsafe or of another network.
    """
    model = _read_pickle(source)
    tensors = {
        _our_name(key): tensor
        for key, tensor in model["sd"].items()
        # The mean shift is stored in public checkpoints but never applied.
        if "_mean." not in key
    }
    network = network_from(tensors, ARCHITECTURE, _config(source, model["args"]), where=source)
    checked = msgspec.structs.replace(provenance, source_sha256=file_sha256(source))
    save_weights(target, network, checked)


def _read_pickle(source: Path) -> dict[str, Any]:
    if not source.is_file():
        raise WeightsError(f"{source}: there is no such checkpoint")
    try:
        with warnings.catch_warnings(action="error"):
            content = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged pickles raise all kinds, KeyError and AssertionError too
        # torch's own words advise to switch its safe reader off.
        raise WeightsError(
            f"{source}: not a whole checkpoint of only tensors and plain values; nothing else is "
            "read, because a pickle can run code. Get it again, or ask for it as safetensors"
        ) from error
    model = content.get("model") if isinstance(content, dict) else None
    if not isinstance(model, dict) or not {"args", "sd"} <= model.keys():
        raise WeightsError(f"{source}: not in the layout of the public LIIF checkpoints")
    tensors = model["sd"]
    if not isinstance(tensors, dict) or not all(
        isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in tensors.items()
    ):
        raise WeightsError(f"{source}: its state holds other things than named tensors")
    return model


def _config(source: Path, args: Any) -> dict[str, Any]:
    """Return the configuration that a checkpoint's arguments ask for, not yet validated."""
    try:
        encoder = args["encoder_spec"]["name"]
        hidden = args["imnet_spec"]["args"]["hidden_list"]
    except (KeyError, TypeError) as error:
        raise WeightsError(f"{source}: its arguments are not those of a LIIF network") from error
    switches = {
        key: args.get(key, True) for key in ("local_ensemble", "feat_unfold", "cell_decode")
    }
    off = ", ".join(key for key, value in switches.items() if not value)
    if encoder != "edsr-baseline" or off:
        what = f"without {off}" if off else f"with the encoder {encoder}"
        raise WeightsError(
            f"{source}: a LIIF network {what}; only EDSR-baseline-LIIF with all parts is supported"
        )
    return {"hidden": hidden}


def _our_name(key: str) -> str:
    """Return our name of a public checkpoint's tensor, or the name itself when it is unknown."""
    for pattern, ours in _NAMES:
        found = pattern.fullmatch(key)
        if found:
            return ours(found)
    return key


_CONVS = {"0": "conv1", "2": "conv2"}
_NAMES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"encoder\.head\.0\.(\w+)"), lambda m: f"encoder.head.{m[1]}"),
    (
        re.compile(r"encoder\.body\.(\d+)\.body\.([02])\.(\w+)"),
        lambda m: f"encoder.blocks.{m[1]}.{_CONVS[m[2]]}.{m[3]}",
    ),
    (re.compile(r"encoder\.body\.\d+\.(\w+)"), lambda m: f"encoder.tail.{m[1]}"),
    # Every second layer of theirs is a ReLU.
    (
        re.compile(r"imnet\.layers\.(\d{1,4})\.(\w+)"),
        lambda m: f"structure.layers.{int(m[1]) // 2}.{m[2]}",
    ),
)
"""Public names, which count layers without parameters too, and what they are called here."""
