"""The package `spandrel`, imported without torchvision where that cannot be had.

spandrel imports three names of torchvision, for LaMa, which fills holes, and RestoreFormer, which
restores faces: neither is an upscaler. All other networks need none of it. But torchvision exists
only for some builds of torch, and beside others its import fails. There, placeholders take the
three names while spandrel is imported, and are gone afterwards, so that no other package takes them
for torchvision.
"""

import importlib
import importlib.util
import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NoReturn

from liifgan_core.errors import WeightsError

_FUNCTIONAL = "torchvision.transforms.functional"
_MODULES = ("torchvision", "torchvision.transforms", _FUNCTIONAL)


def import_spandrel() -> Any:
    """Return the module. Raises WeightsError when it is not installed."""
    try:
        if "spandrel" in sys.modules or _torchvision_works():
            return importlib.import_module("spandrel")
        with _placeholders():
            return importlib.import_module("spandrel")
    except ImportError as error:
        raise WeightsError(
            f"networks from files need the package 'spandrel' ({error}); install it with "
            "'pip install --no-deps spandrel einops', which leaves torchvision out, or "
            "'pip install \"liifgan[eval]\"'"
        ) from error


def _torchvision_works() -> bool:
    if importlib.util.find_spec("torchvision") is None:
        return False
    try:
        importlib.import_module(_FUNCTIONAL)
    # One that was built for another torch fails with a RuntimeError about a missing operator.
    except (ImportError, RuntimeError, OSError):
        return False
    return True


@contextmanager
def _placeholders() -> Generator[None]:
    before = {name: module for name, module in sys.modules.items() if _is_torchvision(name)}
    for name in before:
        del sys.modules[name]
    for name in _MODULES:
        sys.modules[name] = ModuleType(name, "A placeholder, see liifgan_core.evaluation.")
    for name in ("normalize", "rotate", "InterpolationMode"):
        setattr(sys.modules[_FUNCTIONAL], name, _Missing())
    try:
        yield
    finally:
        for name in [name for name in sys.modules if _is_torchvision(name)]:
            del sys.modules[name]
        sys.modules.update(before)


def _is_torchvision(name: str) -> bool:
    return name.partition(".")[0] == "torchvision"


class _Missing:
    """Fails when it is used, as nothing here can be."""

    def __call__(self, *_arguments: object) -> NoReturn:
        self._fail()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # looked for by whoever inspects objects
            raise AttributeError(name)
        self._fail()

    @staticmethod
    def _fail() -> NoReturn:
        raise WeightsError(
            "this network needs torchvision, which does not work beside this build of torch; "
            "install the torchvision that fits it, or leave this model out"
        )
