"""`liifgan weights import` and `liifgan weights fetch`."""

import re
from pathlib import Path

import msgspec

from liifgan_core.cli.console import file_progress, print_error
from liifgan_core.errors import LiifganError, WeightsError
from liifgan_core.weights.checkpoints import UNKNOWN_PROVENANCE, import_checkpoint
from liifgan_core.weights.network_fetch import fetch_network
from liifgan_core.weights.registry import SUFFIX, user_weights_dir
from liifgan_core.weights.trunks import find_network, is_installed, network_named


def run_import(checkpoint: Path, *, name: str | None, licence: str | None, overwrite: bool) -> int:
    """Convert a checkpoint into the user's data folder and return the exit status."""
    try:
        target = _target(checkpoint.stem if name is None else name, overwrite=overwrite)
        provenance = UNKNOWN_PROVENANCE
        if licence is not None:
            provenance = msgspec.structs.replace(provenance, licence=licence)
        import_checkpoint(checkpoint, target, provenance)
    except LiifganError as error:
        print_error(str(error))
        return 1
    print(target)
    return 0


def run_fetch(name: str, *, if_missing: bool) -> int:
    """Get a network that models are built on, and return the exit status."""
    try:
        print(_fetched(name, if_missing=if_missing))
    except LiifganError as error:
        print_error(str(error))
        return 1
    return 0


def _fetched(name: str, *, if_missing: bool) -> Path:
    network = network_named(name)
    if if_missing and is_installed(name):
        return find_network(name)
    with file_progress(network.weights_name) as progress:
        return fetch_network(name, progress=progress)


def _target(name: str, *, overwrite: bool) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise WeightsError(
            f"{name!r} cannot name a model; use letters, digits, '.', '_' and '-' with --name"
        )
    target = user_weights_dir() / f"{name}{SUFFIX}"
    if target.exists() and not overwrite:
        raise WeightsError(
            f"a model {name!r} is installed already ({target}); choose another --name, or "
            "--overwrite"
        )
    return target
