"""Where results go: a file, or names in a folder."""

import os
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import (
    format_by_name,
    format_by_suffix,
    format_name_of_suffix,
    result_format,
)

DEFAULT_NAME = "{stem}_{size}"
"""`photo_1920x1080.png`; the ending is that of the format."""
_FIELDS = ("stem", "width", "height", "size", "format")


@dataclass(frozen=True, slots=True)
class Output:
    """The user's `--output` and `--format`, understood."""

    path: Path
    is_folder: bool
    format: str | None
    """Name of the asked format; None: decided per file."""
    name: str = DEFAULT_NAME
    """Template of names in a folder."""

    def target(
        self, source: Path, size: Size, source_format: str, below: Path = Path()
    ) -> tuple[Path, str]:
        """Return the file to write for one input, and its format's name.

        In a folder it is called by the template, in the asked format or else the input's; `below`
        is the subfolder there.
        """
        if not self.is_folder:
            return self.path, self.format or format_by_suffix(self.path).name
        chosen = format_by_name(self.format) if self.format else result_format(source_format)
        values = {"stem": source.stem, "width": size.width, "height": size.height}
        values |= {"size": str(size), "format": chosen.name}
        name = self.name.format_map(values) + chosen.suffixes[0]
        return self.path / below / name, chosen.name


def parse_output(
    path: Path,
    format_name: str | None,
    *,
    num_inputs: int,
    text: str,
    name: str = DEFAULT_NAME,
    is_tree: bool = False,
) -> Output:
    """Return where results go; `text` is `--output` as the user typed it.

    It is a folder when it is one already, ends with a slash, has no suffix, or is for a tree.
    Raises ImageWriteError for an unknown format, for one file with several inputs, for a name that
    contradicts the asked format, and for a template that is none.
    """
    _check_template(name)
    chosen = format_by_name(format_name).name if format_name else None
    if not text:
        raise ImageWriteError("--output is empty; name a file or a folder")
    # os.path, unlike Path, answers no for names that are too long.
    is_folder = os.path.isdir(path) or text.endswith(("/", "\\")) or not path.suffix or is_tree
    if not is_folder:
        by_suffix = format_name_of_suffix(path)
        if num_inputs > 1:
            raise ImageWriteError(f"{path} is one file for {num_inputs} inputs; name a folder")
        if chosen is None:
            format_by_suffix(path)
        elif by_suffix not in (None, chosen):
            raise ImageWriteError(f"{path} is named like {by_suffix}, but --format is {chosen}")
    return Output(path, is_folder, chosen, name)


def _check_template(name: str) -> None:
    """Raise ImageWriteError for a template with unknown fields, or whose names are no file names.

    Fields are plain: no attribute or index of a value can be reached through a template.
    """
    try:
        fields = [
            (field, spec) for _, field, spec, _ in Formatter().parse(name) if field is not None
        ]
    except ValueError as error:
        raise ImageWriteError(f"--name {name!r} is no template ({error})") from error
    unknown = [field for field, spec in fields if field not in _FIELDS or spec]
    if unknown or "stem" not in dict(fields) or "/" in name or "\\" in name:
        known = " ".join(f"{{{field}}}" for field in _FIELDS)
        raise ImageWriteError(
            f"--name {name!r} is no template; it needs {{stem}}, may have {known}, and no slashes"
        )
