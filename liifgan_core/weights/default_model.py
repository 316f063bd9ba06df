"""Which model is taken where none is named. Imports no torch; whoever asks knows the device.

Files' headers are read and nothing else: of a network that a model's detail layer reads only names
and size of its files are looked at.
"""

from pathlib import Path

import msgspec

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import read_config
from liifgan_core.weights.family import default_rank
from liifgan_core.weights.registry import installed_files, read_header
from liifgan_core.weights.trunks import check_is_installed

NONE_INSTALLED = (
    "no model is installed; install LIIF-GAN again, which brings some, or convert a LIIF "
    "checkpoint with 'liifgan weights import FILE.pth'"
)


class DefaultModel(msgspec.Struct, frozen=True, kw_only=True):
    """The model that is taken, and why not a better one."""

    name: str
    path: Path
    passed_over: tuple[str, ...] = ()
    """Why installed models that come before it cannot be used, a sentence without its full stop
    each; they name the ways out."""


def default_model(*, is_accelerated: bool) -> DefaultModel:
    """Return the best installed model that can be used, for a kind of machine.

    `is_accelerated`: an accelerator (CUDA, XPU, MPS) or AMX computes. Raises WeightsError when
    there is none, with the reason for each.
    """
    files = installed_files()
    passed_over: list[str] = []
    for name in sorted(files, key=lambda name: default_rank(name, is_accelerated=is_accelerated)):
        try:
            _check_usable(files[name])
        except WeightsError as error:
            passed_over.append(str(error))
        else:
            return DefaultModel(name=name, path=files[name], passed_over=tuple(passed_over))
    if passed_over:
        raise WeightsError(f"no model can be used: {'; '.join(passed_over)}")
    raise WeightsError(NONE_INSTALLED)


def _check_usable(path: Path) -> None:
    header = read_header(path)
    trunk = read_config(header.architecture, header.config, where=str(path)).detail_trunk
    if trunk is None or not trunk.sha256:
        return
    try:
        check_is_installed(trunk.sha256)
    except WeightsError as error:
        raise WeightsError(f"{path.stem} cannot be the default here: {error}") from error
