"""Where results go: a file, or names in a folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.wanted import NamedRule, Wanted
from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import (
    Format,
    format_by_name,
    format_by_suffix,
    format_name_of_suffix,
    result_format,
)
from liifgan_core.sizing import factor_text

DEFAULT_NAME = "{stem}_{size}"
"""`photo_1920x1080.png`; the ending is that of the format."""
FIELDS = ("stem", "width", "height", "size", "format", "factor", "model", "preset")
_FIELDS_OF_SIZES = frozenset(("width", "height", "size", "factor", "preset"))
"""Those that may tell several sizes of one photo apart."""
_INVENTED = "_invented"
"""Ends the name of a map, before the ending."""
_MAP_FORMAT = "png"


@dataclass(frozen=True, slots=True)
class Output:
    """Where the results of a batch go, and how they are called."""

    path: Path
    is_folder: bool
    format: str | None = None
    """Name of the asked format; None: decided per photo."""
    name: str = DEFAULT_NAME
    """Template of names in a folder; see `check_template`."""
    keeps_tree: bool = True
    """Whether results lie in the subfolders that their photos lie in."""

    @property
    def is_mixed(self) -> bool:
        """Whether results may have different formats."""
        return self.is_folder and self.format is None

    def folder(self, photo: Photo) -> Path:
        """Return the folder of a photo's result."""
        if not self.is_folder:
            return self.path.parent
        return self.path / photo.below if self.keeps_tree else self.path

    def target(
        self,
        photo: Photo,
        wanted: Wanted,
        *,
        source_size: Size,
        source_format: str,
        model: str,
    ) -> tuple[Path, Size, Format]:
        """Return the file to write for one photo, its size and its format.

        `source_size` is what size rules are for: the photo's, or that of the frame it is warped
        into. In a folder it is called by the template, in the asked format or else the photo's, or
        PNG where that cannot be written or would lose colours. The map of what was invented is a
        PNG beside its picture. Raises SizeError.
        """
        size = wanted.rule.output_size(source_size)
        if not self.is_folder:
            chosen = format_by_name(self.format) if self.format else format_by_suffix(self.path)
            path = self.path
        else:
            chosen = format_by_name(self.format) if self.format else result_format(source_format)
            values = {"stem": photo.path.stem, "width": size.width, "height": size.height}
            values |= {"size": str(size), "format": chosen.name, "model": model}
            values |= {"factor": factor_text(source_size, size), "preset": wanted.named.preset}
            path = self.folder(photo) / (self.name.format_map(values) + chosen.suffixes[0])
        if wanted.shows == "invented":
            chosen = format_by_name(_MAP_FORMAT)
            path = path.with_name(f"{path.stem}{_INVENTED}{chosen.suffixes[0]}")
        return path, size, chosen

    def check_sizes(self, rules: Sequence[NamedRule]) -> None:
        """Raise ImageWriteError where results of several sizes are bound to have one name."""
        fields = {field for _, field, _, _ in Formatter().parse(self.name) if field}
        if self.is_folder and "preset" in fields and not all(named.preset for named in rules):
            raise ImageWriteError(
                f"{self.name!r} names files by their preset, but not all sizes come from one"
            )
        if len(rules) < 2:
            return
        if not self.is_folder:
            raise ImageWriteError(f"{self.path} is one file for {len(rules)} sizes; name a folder")
        if not fields & _FIELDS_OF_SIZES:
            known = " ".join(f"{{{field}}}" for field in FIELDS if field in _FIELDS_OF_SIZES)
            raise ImageWriteError(
                f"{self.name!r} gives {len(rules)} sizes of a photo one name; add one of {known}"
            )


def clashing_names(photos: Sequence[Photo], output: Output) -> dict[int, str]:
    """Return why for the photos whose results may have the name of an earlier one's, by number.

    Judged by names alone, for workers that do not know of each other's results.
    """
    seen: dict[tuple[Path, str, str | None], Path] = {}
    clashes: dict[int, str] = {}
    for number, photo in enumerate(photos):
        format_name = output.format or format_name_of_suffix(photo.path)
        key = output.folder(photo), photo.path.stem, format_name
        first = seen.setdefault(key, photo.path)
        if first != photo.path:
            clashes[number] = (
                f"{photo.path}: its result may have the name of that of {first}; upscale one of "
                "them into another folder"
            )
    return clashes


def check_template(name: str) -> None:
    """Raise ImageWriteError for a template with unknown fields, or whose names are no file names.

    Fields are plain: no attribute or index of a value can be reached through a template.
    """
    try:
        fields = [
            (field, spec) for _, field, spec, _ in Formatter().parse(name) if field is not None
        ]
    except ValueError as error:
        raise ImageWriteError(f"{name!r} is no template of names ({error})") from error
    unknown = [field for field, spec in fields if field not in FIELDS or spec]
    if unknown or "stem" not in dict(fields) or "/" in name or "\\" in name:
        known = " ".join(f"{{{field}}}" for field in FIELDS)
        raise ImageWriteError(
            f"{name!r} is no template of names; it needs {{stem}}, may have {known}, and no slashes"
        )
