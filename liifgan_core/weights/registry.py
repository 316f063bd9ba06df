"""Weights files without loading any: where they lie, what they say of themselves. No torch.

What a model is, by all that is known, tells `descriptor.py`.
"""

import hashlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from safetensors import SafetensorError, safe_open

from liifgan_core.errors import WeightsError
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


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a model does, as whoever made it says; stored in its file."""

    is_gan: bool
    """Whether it, or what it was taught by or began as, was trained against a discriminator."""
    cleans: bool
    """Whether it leaves out noise and compression: its detail layer leads from the photo as it was
    taken to the cleaned one."""
    default_strength: tuple[
        tuple[Annotated[float, Meta(gt=0.0)], Annotated[float, Meta(ge=0.0, le=2.0)]], ...
    ] = ()
    """(factor, strength of detail that is advised there), by growing factor; linear in between.
    Empty: 1 at any factor."""

    def __post_init__(self) -> None:
        factors = [factor for factor, _ in self.default_strength]
        if any(low >= high for low, high in itertools.pairwise(factors)):
            raise ValueError(f"the factors of default_strength must grow, not be {factors}")


class Header(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """What a weights file says of itself; without facts earlier versions read it, too."""

    architecture: str
    config: dict[str, Any]
    provenance: Provenance
    facts: Facts | None = None
    """None in files of the time before there were facts."""


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
            "made by 'liifgan weights import' or 'liifgan train', and a LIIF-GAN that is as new "
            "as they are"
        ) from error


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def user_weights_dir() -> Path:
    """Return the folder of imported and fetched weights; it may not exist yet."""
    return user_data_path("weights")


def shipped_weights_dir() -> Path:
    """Return the folder of the weights that come with LIIF-GAN."""
    return resource_path("weights")


def weights_files() -> Iterator[Path]:
    """Yield the weights files, the user's before the shipped ones.

    Raises WeightsError when a folder cannot be listed.
    """
    for folder in (user_weights_dir(), shipped_weights_dir()):
        try:
            names = sorted(os.listdir(folder))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise WeightsError(f"{folder}: cannot be listed ({error.strerror})") from error
        yield from (folder / name for name in names if _is_weights_name(name))


def installed_files() -> dict[str, Path]:
    """Return the weights files by the models' names; none of them is opened.

    A user's file comes before a shipped one. Raises WeightsError when a folder cannot be listed.
    """
    return {path.stem: path for path in reversed(list(weights_files()))}


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


def _is_weights_name(name: str) -> bool:
    return name.endswith(SUFFIX) and not name.startswith(".")
