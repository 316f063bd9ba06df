"""`liifgan formats`: which files can be read and written, and what each of them holds."""

import msgspec

from liifgan_core.images.formats import FORMATS, Format

_COLUMNS = (
    *("format", "endings", "reads with", "writes with", "bits", "alpha", "gray"),
    *("carries", "notes"),
)


def run(*, as_json: bool) -> int:
    """Print the capability table and return the exit status."""
    if as_json:
        for known in FORMATS:
            print(msgspec.json.encode(_record(known)).decode())
        return 0
    rows = [_COLUMNS, *(_row(known) for known in FORMATS)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    return 0


def _record(known: Format) -> dict[str, object]:
    return {
        "name": known.name,
        "suffixes": known.suffixes,
        "reader": known.reader if known.can_read else None,
        "writer": known.writer if known.can_write else None,
        "bit_depths": known.depths if known.can_write else (),
        "float": bool(_float_depths(known)),
        "alpha": known.has_alpha,
        "gray": known.has_gray,
        "carries": sorted(known.carries),
        "max_side": known.max_side,
        "streamed": known.is_streamed,
        "default_quality": known.default_quality,
        "lossless_quality": known.lossless_quality,
    }


def _row(known: Format) -> tuple[str, ...]:
    depths = _float_depths(known)
    bits = "/".join(f"{d}f" if d in depths else str(d) for d in known.depths)
    return (
        known.name,
        " ".join(known.suffixes),
        known.reader if known.can_read else "-",
        known.writer if known.can_write else "-",
        bits if known.can_write else "-",
        "yes" if known.has_alpha else "-",
        "yes" if known.has_gray else "-",
        ", ".join(sorted(known.carries)) or "-",
        "; ".join(_notes(known)),
    )


def _float_depths(known: Format) -> set[int]:
    """Return the depths that are floats."""
    if not known.can_write:
        return set()
    return set(known.depths) if known.is_linear else {d for d in known.depths if d == 32}


def _notes(known: Format) -> list[str]:
    notes: list[str] = []
    if not known.can_write:
        return ["read only"]
    if known.max_colours:
        notes.append(f"{known.max_colours} colours; of several frames the first is read")
    if known.rare_depths:
        rare = "/".join(map(str, sorted(known.rare_depths)))
        notes.append(f"{rare} bits only where asked for or the photo has just these")
    if known.is_linear:
        notes.append("linear light")
    if known.default_quality and known.is_lossless_by_default:
        notes.append(f"lossless at quality {known.lossless_quality}, the default")
    elif known.default_quality:
        notes.append(f"lossy, quality {known.default_quality} by default")
        if known.lossless_quality:
            notes.append(f"lossless at {known.lossless_quality}")
    if not known.is_streamed:
        notes.append("needs memory for the whole result")
    return notes
