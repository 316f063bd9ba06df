"""Which HR images a folder holds, which are usable, and under which licences.

A folder is searched recursively. The layout of DIV2K is known: the folder that holds
`DIV2K_train_HR` and `DIV2K_valid_HR` gives training and validation images at once.
"""

import csv
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from liifgan_core.errors import ImageReadError, LiifganError
from liifgan_core.images.read import read_image
from liifgan_core.progress import CancelToken, Progress, no_progress

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
DIV2K_TRAIN, DIV2K_VALID = "DIV2K_train_HR", "DIV2K_valid_HR"
MANIFEST = "manifest.csv"
"""Lists licences: columns file, licence and maybe source; beside the images or one folder up."""


class DataError(LiifganError):
    """There are too few usable images, or one vanished or changed during the run."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not used, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class ImageFolder:
    """The usable images of a folder, in the order of their paths."""

    root: Path
    paths: tuple[Path, ...]
    skipped: tuple[Skipped, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the usable files' names and sizes in bytes: equal for equal data."""
        lines = [f"{p.relative_to(self.root).as_posix()} {p.stat().st_size}" for p in self.paths]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """Return an image's pixels as 8-bit RGB (h, w, 3). Raises ImageReadError."""
    samples = read_image(path).samples
    if samples.dtype == np.uint8:
        return np.ascontiguousarray(samples)
    peak = 1.0 if samples.dtype == np.float32 else float(np.iinfo(samples.dtype).max)
    return np.round(np.clip(samples / peak, 0.0, 1.0) * 255.0).astype(np.uint8)


def scan_folder(
    root: Path,
    *,
    min_side: int,
    decode: bool,
    keep: Callable[[Path, NDArray[np.uint8]], object] = lambda _path, _rgb: None,
    progress: Progress = no_progress,
    cancel: CancelToken | None = None,
) -> ImageFolder:
    """Return the images below `root` whose sides are at least `min_side` pixels.

    `decode` reads every file to its end, so that a damaged one is found now and not after a day of
    training; each decoded image is given to `keep` (from several threads). Raises DataError when
    there is no such folder.
    """
    if not root.is_dir():
        raise DataError(f"{root}: there is no such folder of images")
    token = cancel or CancelToken()
    files = sorted(p for p in root.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    usable: list[Path] = []
    skipped: list[Skipped] = []

    def check(path: Path) -> str | None:
        token.check()
        return _problem(path, min_side, decode, keep)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (path, problem) in enumerate(
            zip(files, pool.map(check, files), strict=True), start=1
        ):
            if problem is None:
                usable.append(path)
            else:
                skipped.append(Skipped(path, problem))
            progress(number / len(files))
    return ImageFolder(root, tuple(usable), tuple(skipped))


def _problem(
    path: Path, min_side: int, decode: bool, keep: Callable[[Path, NDArray[np.uint8]], object]
) -> str | None:
    """Return why a file cannot be used, or None."""
    try:
        with PillowImage.open(path) as image:
            width, height = image.size
    except (OSError, ValueError, PillowImage.DecompressionBombError) as error:
        return f"not readable ({error})"
    if min(width, height) < min_side:
        return f"{width}x{height} pixels; each side needs at least {min_side}"
    if decode:
        try:
            keep(path, read_rgb(path))
        except ImageReadError as error:
            return str(error)
    return None


def split_root(root: Path) -> tuple[Path, Path | None]:
    """Return the folders of training and validation images; None: there is none of its own."""
    train, valid = root / DIV2K_TRAIN, root / DIV2K_VALID
    if train.is_dir():
        return train, valid if valid.is_dir() else None
    return root, None


def licences(folder: ImageFolder) -> dict[str, int]:
    """Return how many images have which licence, by the manifest; most frequent first.

    Empty without a manifest; images that it does not name count as "not in the manifest".
    """
    for base in (folder.root, folder.root.parent):
        manifest = base / MANIFEST
        if manifest.is_file():
            return _count_licences(manifest, base, folder.paths)
    return {}


def _count_licences(manifest: Path, base: Path, paths: Sequence[Path]) -> dict[str, int]:
    with manifest.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if not {"file", "licence"} <= set(reader.fieldnames or ()):
            raise DataError(f"{manifest}: needs the columns 'file' and 'licence'")
        known = {row["file"]: row["licence"] for row in reader}
    names = (path.relative_to(base).as_posix() for path in paths)
    return dict(Counter(known.get(name, "not in the manifest") for name in names).most_common())
