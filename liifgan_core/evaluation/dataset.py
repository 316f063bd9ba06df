"""The originals of a folder, read one at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liifgan_core.errors import ImageReadError, LiifganError
from liifgan_core.geometry import Tile
from liifgan_core.images.formats import format_by_content
from liifgan_core.images.read import read_image

_DIV2K_VALID = "DIV2K_valid_HR"
_HEAD_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Dataset:
    """A folder of originals."""

    name: str
    paths: tuple[Path, ...]
    """In the order of their names."""
    ignored: tuple[Path, ...]
    """Files that are no images."""


def find_datasets(folders: Sequence[Path]) -> tuple[Dataset, ...]:
    """Return the data sets of folders, each under its folder's name; files in subfolders are not.

    A folder that holds `DIV2K_valid_HR` stands for that one. Raises LiifganError for a folder that
    does not exist or has no images, and when two have the same name.
    """
    found: dict[str, Dataset] = {}
    for folder in folders:
        dataset = _find_dataset(folder)
        if dataset.name in found:
            raise LiifganError(
                f"two folders are called {dataset.name!r}; records could not be told apart: rename "
                "one or evaluate it on its own"
            )
        found[dataset.name] = dataset
    return tuple(found.values())


def read_original(path: Path) -> NDArray[np.uint8]:
    """Return an image as 8-bit RGB (h, w, 3): the protocols are made for 8 bits.

    Alpha is left out. Raises ImageReadError.
    """
    image = read_image(path)
    if image.samples.dtype == np.uint8:
        return image.samples
    rgb = image.rgb(Tile(0, 0, image.size.height, image.size.width))
    return np.round(rgb * np.float32(255.0)).astype(np.uint8)


def _find_dataset(folder: Path) -> Dataset:
    if not folder.is_dir():
        raise LiifganError(f"{folder}: there is no such folder of images")
    if (folder / _DIV2K_VALID).is_dir():
        folder = folder / _DIV2K_VALID
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    images = tuple(path for path in files if _is_image(path))
    if not images:
        raise LiifganError(f"{folder}: there are no images; name the folder that holds the files")
    names = [path.stem for path in images]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise LiifganError(f"{folder}: two images are called {twice[0]!r}; rename one")
    ignored = tuple(path for path in files if path not in images)
    return Dataset(folder.resolve().name, images, ignored)


def _is_image(path: Path) -> bool:
    """Whether the content begins like an image's. Damaged ones are found when they are read."""
    try:
        with path.open("rb") as file:
            return format_by_content(file.read(_HEAD_LENGTH)) is not None
    except OSError as error:
        raise ImageReadError(f"{path} cannot be opened ({error.strerror})") from error
