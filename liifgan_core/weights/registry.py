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

SUFFIX = ".safetensors"
PREFERENCE = ("liif-gan", "liif-gan-sf", "liif-gan-s", "liif", "liif-public")
"""Order in which the default model is chosen; others come after these, by name."""
LAST = ("liif-gan-air", "liif-air")
"""Chosen by default only where there is nothing else: they are quick, others are better."""
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
    """Return the usable weights files, the best first, and why others cannot be used.

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
    return sorted(found.values(), key=lambda info: _rank(info.name)), broken


def find_model(name_or_path: str | None) -> Path:
    """Return the weights file of a model's name or path; None is the best installed one.

    Raises WeightsError naming what is installed. "liif" is the public checkpoint as long as no
    weights of that name are installed.
    """
    names = {path.stem: path for path in reversed(list(_weights_files()))}
    if name_or_path is None:
        if not names:
            raise WeightsError("no model is installed; get one with 'liifgan weights fetch liif'")
        return names[min(names, key=_rank)]
    if name_or_path in names:
        return names[name_or_path]
    if name_or_path == "liif" and "liif-public" in names:
        return names["liif-public"]
    path = Path(name_or_path)
    # os.path, unlike Path, answers no for names that are too long.
    if path.suffix == SUFFIX or os.path.exists(path):
        return path
    installed = ", ".join(sorted(names, key=_rank)) or "none"
    raise WeightsError(
        f"there is no model {name_or_path!r}; installed: {installed}. Give one of these names, a "
        f"{SUFFIX} file, or get the public one with 'liifgan weights fetch liif'"
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


def _rank(name: str) -> tuple[int, str]:
    order = (*PREFERENCE, None, *LAST)
    return order.index(name if name in order else None), name
