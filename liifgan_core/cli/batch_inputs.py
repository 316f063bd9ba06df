"""From what the user names, files and folders, to the list of photos."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from liifgan_core.images.formats import FORMATS, format_name_of_suffix

_READABLE = frozenset(suffix for known in FORMATS if known.can_read for suffix in known.suffixes)


@dataclass(frozen=True, slots=True)
class BatchInput:
    """One photo of a run."""

    source: Path
    below: Path
    """Its folder relative to the one that the user named; empty for a file named itself."""


@dataclass(frozen=True, slots=True)
class Collected:
    """The photos of a run, and what could not be looked into."""

    inputs: list[BatchInput]
    problems: list[str]
    """One sentence for each folder that cannot be listed."""


def collect_inputs(named: Sequence[Path], *, is_recursive: bool, output: Path) -> Collected:
    """Return the photos in the order of their names, folders searched if `is_recursive`.

    In folders, files with a known ending count, whatever they are, so that a damaged one is
    reported; hidden ones do not. Links to folders are not followed (they may lead in circles), and
    a folder `output` inside is left out.
    """
    inputs: list[BatchInput] = []
    problems: list[str] = []
    for path in named:
        # os.path, unlike Path, answers no for impossible names; reading them says what is wrong.
        if is_recursive and os.path.isdir(path):
            inputs.extend(_below(path, Path(os.path.realpath(output)), problems))
        else:
            inputs.append(BatchInput(path, Path()))
    return Collected(inputs, problems)


def clashing_names(inputs: Sequence[BatchInput], format_name: str | None) -> dict[int, str]:
    """Return why for the photos whose results may have the name of an earlier one's, by number.

    Judged by names alone, for workers that do not know of each other's results. `format_name` is
    the asked format, None where results have their photos'.
    """
    seen: set[tuple[Path, str, str | None]] = set()
    clashes: dict[int, str] = {}
    for number, each in enumerate(inputs):
        key = each.below, each.source.stem, format_name or format_name_of_suffix(each.source)
        if key in seen:
            clashes[number] = (
                f"{each.source}: its result may have the name of another one of this run; upscale "
                "it apart, or into another folder"
            )
        seen.add(key)
    return clashes


def _below(root: Path, output: Path, problems: list[str]) -> Iterator[BatchInput]:
    def note(error: OSError) -> None:
        problems.append(
            f"{error.filename} cannot be listed ({error.strerror}); check its permissions"
        )

    skipped = None if output == Path(os.path.realpath(root)) else output
    for folder, subfolders, names in os.walk(root, onerror=note):
        here = Path(folder)
        subfolders[:] = sorted(
            name
            for name in subfolders
            if not name.startswith(".") and Path(os.path.realpath(here / name)) != skipped
        )
        for name in sorted(names):
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in _READABLE:
                yield BatchInput(here / name, here.relative_to(root))
