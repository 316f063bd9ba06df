"""`liifgan models`: what can be used, from where, under which licence."""

import msgspec

from liifgan_core.cli.console import one_line, print_error, print_result
from liifgan_core.errors import LiifganError
from liifgan_core.weights.registry import WeightsInfo, installed_models


def run(*, as_json: bool) -> int:
    """Print the installed models and return the exit status: 1 when a file cannot be used."""
    try:
        usable, broken = installed_models()
        for info in usable:
            print_result(msgspec.json.encode(_record(info)).decode() if as_json else _block(info))
    except LiifganError as error:
        print_error(str(error))
        return 1
    for error in broken:
        print_error(str(error))
    if not usable:
        print_error("no model is installed; get one with 'liifgan weights fetch liif'")
    return 1 if broken else 0


def _record(info: WeightsInfo) -> dict[str, object]:
    provenance = info.header.provenance
    low, high = provenance.trained_scales
    return {
        "name": info.name,
        "architecture": info.header.architecture,
        "trained_scales": f"x{low:g} to x{high:g}",
        "licence": provenance.licence,
        "origin": provenance.origin,
        "file": one_line(str(info.path)),
        "sha256": info.sha256,
    }


def _block(info: WeightsInfo) -> str:
    record = _record(info)
    # A file's own words must not look like lines of ours.
    lines = [one_line(str(record.pop("name")))]
    lines += [
        f"  {key.replace('_', ' ') + ':':16}{one_line(str(value))}" for key, value in record.items()
    ]
    return "\n".join(lines)
