"""`liifgan inspect`: what files say of how they were made."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from liifgan_core.batch.paths import encode_line, path_to_text
from liifgan_core.cli.console import one_line, print_error, print_result
from liifgan_core.errors import LiifganError
from liifgan_core.images.inspection import WITHOUT_XMP, Inspection, inspect_file
from liifgan_core.images.metadata.enlarged import Enlargement

_SOME_FAILED = 1


class InspectionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` tells of a file."""

    file: str
    """As it was named; as `path_to_text` has it."""
    format: str
    carries_xmp: bool
    digital_source_type: str | None
    enlarged: list[dict[str, Any]]


def run(files: Sequence[Path], *, as_json: bool) -> int:
    """Print what files say and return the exit status: 0, or 1 where one cannot be read."""
    status = 0
    for path in files:
        try:
            found = inspect_file(path)
            print_result(_json(path, found) if as_json else _text(path, found))
        except LiifganError as error:
            print_error(str(error))
            status = _SOME_FAILED
    return status


def _json(path: Path, found: Inspection) -> str:
    record = InspectionRecord(
        file=path_to_text(path),
        format=found.format,
        carries_xmp=found.carries_xmp,
        digital_source_type=found.digital_source_type,
        enlarged=[{name: getattr(e, name) for name in e.__struct_fields__} for e in found.enlarged],
    )
    return encode_line(record).decode("ascii")


def _text(path: Path, found: Inspection) -> str:
    lines = [one_line(f"{path}: {_summary(found)}")]
    lines += [one_line(f"  {_described(entry)}") for entry in found.enlarged]
    if found.digital_source_type is not None:
        lines.append(one_line(f"  digital source type: {found.digital_source_type}"))
    return "\n".join(lines)


def _summary(found: Inspection) -> str:
    if not found.carries_xmp:
        without = ", ".join(name.upper() for name in WITHOUT_XMP)
        return (
            f"{found.format.upper()} does not carry what is read here, nor do {without}: nothing "
            "is known"
        )
    count = len(found.enlarged)
    if not count:
        return f"{found.format.upper()} that does not say that LIIF-GAN has enlarged it"
    times = "" if count == 1 else f" {count} times"
    return f"{found.format.upper()} that was enlarged{times} by a model"


def _described(entry: Enlargement) -> str:
    factor = f"x{entry.factor_across:.4g}"
    if abs(entry.factor_across - entry.factor_down) >= 0.01:
        factor = f"x{entry.factor_across:.4g} across and x{entry.factor_down:.4g} down"
    source = f"{entry.source_width}x{entry.source_height}"
    by = f"{entry.model} (SHA-256 {entry.model_sha256}) in {entry.precision}"
    parts = [f"{factor} from {source} by {by}"]
    if entry.detail is not None:
        mask = f" through the mask {entry.detail_mask}" if entry.detail_mask else ""
        parts.append(f"detail {entry.detail:g}{mask}")
    if entry.geometry is not None:
        parts.append(entry.geometry)
    if entry.shows == "invented":
        parts.append("a map of what was invented, no picture")
    if entry.consistent is not None:
        error = (
            "" if entry.consistent_error is None else f" within {entry.consistent_error:.2f}/255"
        )
        what = "" if entry.consistent == "full" else f" in {entry.consistent}"
        parts.append(f"reduced, it gives its photo back{what}{error}")
    return "; ".join([*parts, entry.program])
