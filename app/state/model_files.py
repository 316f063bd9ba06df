"""Weights files of the user: names, cards, putting them in place and taking them away."""

import itertools
import re
from pathlib import Path
from typing import Any

import msgspec

from liifgan_core.errors import WeightsError
from liifgan_core.files.whole import write_whole
from liifgan_core.weights.descriptor import describe
from liifgan_core.weights.registry import SUFFIX, file_sha256, user_weights_dir

CARD_SUFFIX = ".json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def model_path(name: str) -> Path:
    """Return where a model of that name is installed; raises WeightsError for no usable name."""
    if not _NAME.fullmatch(name):
        raise WeightsError(
            f"{name!r} cannot name a model; use letters, digits, '.', '_' and '-', and begin with "
            "a letter or digit"
        )
    return user_weights_dir() / f"{name}{SUFFIX}"


def free_model_path(name: str) -> Path:
    """Return `model_path`; raises WeightsError when a model is installed there, too."""
    path = model_path(name)
    if path.exists():
        raise WeightsError(f"a model {name!r} is installed already; choose another name")
    return path


def delivery_path(name: str, record: Path) -> Path:
    """Return where a run's model goes: under its name, with a number behind it if that is taken.

    `record` holds the SHA-256 of what the run delivered before, which may be replaced; other models
    may not. Raises WeightsError as `model_path`.
    """
    delivered = record.read_text(encoding="ascii") if record.is_file() else ""
    for number in itertools.count(1):
        path = model_path(name if number == 1 else f"{name}-{number}")
        if not path.exists() or file_sha256(path) == delivered:
            return path
    raise AssertionError("counting does not end")


def install_weights(weights: Path, target: Path) -> Path:
    """Copy a weights file and the card beside it, in place of what is there, and return `target`.

    Raises WeightsError for a file that is no weights file, and when the folder cannot be written.
    """
    describe(weights)
    card = weights.with_suffix(CARD_SUFFIX)
    try:
        # The card first: a model without one would look as if it never had any.
        if card.is_file():
            write_whole(target.with_suffix(CARD_SUFFIX), card.read_bytes())
        write_whole(target, weights.read_bytes())
    except OSError as error:
        raise WeightsError(f"{target}: cannot be written ({error.strerror})") from error
    return target


def can_remove(path: Path) -> bool:
    """Whether a weights file is the user's own; those that ship with the app stay."""
    return path.parent == user_weights_dir()


def remove_weights(path: Path) -> None:
    """Delete one of the user's weights files and its card. Raises WeightsError."""
    if not can_remove(path):
        raise WeightsError(f"{path} came with the app; only imported and trained models can go")
    try:
        path.unlink()
        path.with_suffix(CARD_SUFFIX).unlink(missing_ok=True)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be removed ({error.strerror})") from error


def read_card(weights: Path) -> dict[str, Any]:
    """Return the model card beside a weights file; empty where there is none that can be read."""
    try:
        card = msgspec.json.decode(weights.with_suffix(CARD_SUFFIX).read_bytes())
    except (OSError, msgspec.DecodeError):
        return {}
    return card if isinstance(card, dict) else {}
