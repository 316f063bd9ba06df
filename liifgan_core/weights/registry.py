"""Which models can be used, without loading any: names, files, licences. Imports no torch."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from safetensors import SafetensorError, safe_open

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import read_config
from liifgan_core.resources import resource_path, user_data_path
from liifgan_core.weights.family import list_rank, present_name

SUFFIX = ".safetensors"
HEADER_KEY = "liifgan"
"""Key of our JSON header in a safetensors file's metadata."""


class Provenance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where weights come from; stored in their file."""

    licence: str
    """SPDX identifier and holder."""
    origin: str
    """Who trained it, on what, as far as known."""
    trained_scales: tuple[float, float]
    """Factors seen in training; beyond them results only get smoother."""
    source_sha256: str = ""
    """SHA-256 of the file that these weights were converted from; empty: none."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a weights file says of itself."""

    architecture: str
    config: dict[str, Any]
    provenance: Provenance


class WeightsInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One usable weights file."""

    name: str
    path: Path
    sha256: str
    header: Header


def read_header(path: Path) -> Header:
    """Return the header of a weights file.

    Raises WeightsError when it is missing, is no safetensors file or was not written by LIIF-GAN.
    """
    if not os.path.isfile(path):
        raise WeightsError(f"{path}: there is no such weights file")
    try:
        # The numpy flavour reads names and metadata only and needs no torch.
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
        return msgspec.json.decode(metadata[HEADER_KEY], type=Header)
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path}: not a readable safetensors file ({error}); pickled checkpoints (.pth, .pt) "
            "are converted with 'liifgan weights import'"
        ) from error
    except (KeyError, msgspec.DecodeError, RecursionError) as error:
        raise WeightsError(
            f"{path}: a safetensors file without a valid LIIF-GAN header ({error}); use files "
            "made by 'liifgan weights import' or 'liifgan train'"
        ) from error


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def user_weights_dir() -> Path:
    """Return the folder of imported and fetched weights; it may not exist yet."""
    return user_data_path("weights")


def installed_models() -> tuple[list[WeightsInfo], list[WeightsError]]:
    """Return the usable weights files, in the order of lists, and why others cannot be used.

    A user's file comes before a shipped one of the same name. Headers are checked, tensors are when
    they are loaded. Raises WeightsError when a folder cannot be listed.
    """
    found: dict[str, WeightsInfo] = {}
    broken: list[WeightsError] = []
    for path in _weights_files():
        if path.stem in found:
            continue
        try:
            header = read_header(path)
            read_config(header.architecture, header.config, where=str(path))
        except WeightsError as error:
            broken.append(error)
            continue
        found[path.stem] = WeightsInfo(
            name=path.stem, path=path, sha256=file_sha256(path), header=header
        )
    return sorted(found.values(), key=lambda info: list_rank(info.name)), broken


def installed_files() -> dict[str, Path]:
    """Return the weights files by the models' names; none of them is opened.

    A user's file comes before a shipped one. Raises WeightsError when a folder cannot be listed.
    """
    return {path.stem: path for path in reversed(list(_weights_files()))}


def find_model(name_or_path: str) -> Path:
    """Return the weights file of a model's name, also an earlier one (`family.py`), or of a path.

    Raises WeightsError naming what is installed.
    """
    files = installed_files()
    for name in (name_or_path, present_name(name_or_path)):
        if name in files:
            return files[name]
    path = Path(name_or_path)
    # os.path, unlike Path, answers no for names that are too long.
    if path.suffix == SUFFIX or os.path.exists(path):
        return path
    installed = ", ".join(sorted(files, key=list_rank)) or "none"
    raise WeightsError(
        f"there is no model {name_or_path!r}; installed: {installed}. Give one of these names or "
        f"a {SUFFIX} file"
    )


def is_gan(model: str) -> bool:
    """Whether a model counts as trained with a discriminator: it has "gan" in its name."""
    return "gan" in model.lower()


def _weights_files() -> Iterator[Path]:
    for folder in (user_weights_dir(), resource_path("weights")):
        try:
            names = sorted(os.listdir(folder))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise WeightsError(f"{folder}: cannot be listed ({error.strerror})") from error
        yield from (folder / name for name in names if _is_weights_name(name))


def _is_weights_name(name: str) -> bool:
    return name.endswith(SUFFIX) and not name.startswith(".")
