"""From what the user names, files and folders, to the list of photos."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from liifgan_core.batch.manifest import MANIFEST_NAME
from liifgan_core.batch.paths import identity
from liifgan_core.images.formats import FORMATS
from liifgan_core.progress import CancelToken

Reason = Literal["hidden", "no photo", "link to a folder", "folder of the results", "a result"]
"""Why something in a folder is not upscaled."""

_READABLE = frozenset(suffix for known in FORMATS if known.can_read for suffix in known.suffixes)


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo of a batch."""

    path: Path
    root: Path
    """The folder that was named; of a file that was named itself, its folder."""
    is_found: bool = False
    """Whether it was found in a folder, not named itself."""

    @property
    def below(self) -> Path:
        """Its folder relative to the root; empty for a file that was named itself."""
        return self.path.parent.relative_to(self.root)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Something in a folder that is no photo of the batch."""

    path: Path
    why: Reason


@dataclass(frozen=True, slots=True)
class Found:
    """The photos of a batch, and what was seen beside them."""

    photos: list[Photo]
    unlistable: list[OSError]
    """One for each folder that cannot be looked into; `filename` is the folder."""
    passed_over: list[PassedOver]
    empty: list[Path]
    """Named folders that hold no photo."""


def find_photos(
    named: Sequence[Path],
    *,
    is_recursive: bool = True,
    output: Path | None = None,
    cancel: CancelToken | None = None,
    seen: Callable[[int], None] = lambda _num_photos: None,
) -> Found:
    """Return files themselves and, if `is_recursive`, all photos below folders, each once.

    The order is that of the names. In folders, files with a known ending count, whatever they are,
    so that a damaged one is reported; hidden ones do not. Links to folders are not followed (they
    may lead in circles), and a folder `output` inside is left out. `seen` hears after each photo
    how many there are. Any thread; raises Cancelled.
    """
    found = Found([], [], [], [])
    known: set[str] = set()
    skipped = None if output is None else os.path.realpath(output)
    for path in named:
        # os.path, unlike Path, answers no for impossible names; reading them says what is wrong.
        is_folder = is_recursive and os.path.isdir(path)
        photos = _below(path, skipped, found, cancel) if is_folder else [Photo(path, path.parent)]
        is_empty = True
        for photo in photos:
            is_empty = False
            key = identity(photo.path)
            if key not in known:
                known.add(key)
                found.photos.append(photo)
                seen(len(found.photos))
        if is_empty:
            found.empty.append(path)
    return found


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a file lies below a folder, links resolved."""
    return Path(os.path.realpath(folder)) in Path(identity(path)).parents


def _below(
    root: Path, output: str | None, found: Found, cancel: CancelToken | None
) -> Iterator[Photo]:
    skipped = None if output == os.path.realpath(root) else output
    for folder, subfolders, names in os.walk(root, onerror=found.unlistable.append):
        if cancel is not None:
            cancel.check()
        here = Path(folder)
        kept: list[str] = []
        for name in sorted(subfolders):
            if name.startswith(MANIFEST_NAME):
                continue
            why = _why_not_into(here / name, skipped)
            if why is None:
                kept.append(name)
            else:
                found.passed_over.append(PassedOver(here / name, why))
        # os.walk does not go into links by itself.
        subfolders[:] = kept
        for name in sorted(names):
            if name.startswith("."):
                found.passed_over.append(PassedOver(here / name, "hidden"))
            elif os.path.splitext(name)[1].lower() in _READABLE:
                yield Photo(here / name, root, is_found=True)
            elif name != MANIFEST_NAME:
                found.passed_over.append(PassedOver(here / name, "no photo"))


def _why_not_into(folder: Path, output: str | None) -> Reason | None:
    if folder.name.startswith("."):
        return "hidden"
    if os.path.islink(folder):
        return "link to a folder"
    return "folder of the results" if os.path.realpath(folder) == output else None
