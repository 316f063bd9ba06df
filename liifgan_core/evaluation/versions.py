"""What numbers depend on beside weights and images."""

import importlib.metadata
import platform

import torch

import liifgan_core

_PACKAGES = (
    "torch",
    "numpy",
    "pillow",
    "opencv-python-headless",
    "spandrel",
    "lpips",
    "piq",
)


def installed_versions() -> dict[str, str]:
    """Return versions of this program, Python and packages, the processor and its threads."""
    found = {"liifgan": liifgan_core.__version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    found["processor"] = platform.processor() or platform.machine()
    found["threads"] = str(torch.get_num_threads())
    return found
