"""Where results go: a file, or names in a folder."""

import os
from dataclasses import dataclass
from pathlib import Path

from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import (
    format_by_name,
    format_by_suffix,
    format_name_of_suffix,
    result_format,
)


@dataclass(frozen=True, slots=True)
class Output:
    """The user's `--output` and `--format`, understood."""

    path: Path
    is_folder: bool
    format: str | None
    """Name of the asked format; None: decided per file."""

    def target(self, source: Path, size: Size, source_format: str) -> tuple[Path, str]:
        """Return the file to write for one input, and its format's name.

        In a folder it is called after the input and its own size, `photo_1920x1080.png`, in the
        asked format or else the input's.
        """
        if not self.is_folder:
            return self.path, self.format or format_by_suffix(self.path).name
        chosen = format_by_name(self.format) if self.format else result_format(source_format)
        return self.path / f"{source.stem}_{size}{chosen.suffixes[0]}", chosen.name


def parse_output(path: Path, format_name: str | None, *, num_inputs: int, text: str) -> Output:
    """Return where results go; `text` is `--output` as the user typed it.

    It is a folder when it is one already, ends with a slash or has no suffix. Raises
    ImageWriteError for an unknown format, for one file with several inputs, and for a name that
    contradicts the asked format.
    """
    chosen = format_by_name(format_name).name if format_name else None
    if not text:
        raise ImageWriteError("--output is empty; name a file or a folder")
    # os.path, unlike Path, answers no for names that are too long.
    is_folder = os.path.isdir(path) or text.endswith(("/", "\\")) or not path.suffix
    if not is_folder:
        by_suffix = format_name_of_suffix(path)
        if num_inputs > 1:
            raise ImageWriteError(f"{path} is one file for {num_inputs} inputs; name a folder")
        if chosen is None:
            format_by_suffix(path)
        elif by_suffix not in (None, chosen):
            raise ImageWriteError(f"{path} is named like {by_suffix}, but --format is {chosen}")
    return Output(path, is_folder, chosen)
