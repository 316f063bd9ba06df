"""`liifgan models`: what can be used, from where, under which licence."""

from collections.abc import Iterator, Mapping

import msgspec

from liifgan_core.cli.console import one_line, print_error, print_result
from liifgan_core.errors import LiifganError, WeightsError
from liifgan_core.weights.default_model import NONE_INSTALLED, default_model
from liifgan_core.weights.registry import WeightsInfo, installed_models

_KINDS = {
    "accelerator": "with an accelerator (CUDA, XPU, MPS) or AMX",
    "processor": "on other processors",
}
"""Kinds of machines, each with a default of its own: in `--json` and for people."""


def run(*, as_json: bool) -> int:
    """Print the installed models and the defaults; return the exit status: 1 when a file cannot be
    used."""
    try:
        usable, broken = installed_models()
        defaults = {kind: _default(kind) for kind in _KINDS} if usable else {}
    except LiifganError as error:
        print_error(str(error))
        return 1
    for info in usable:
        if as_json:
            kinds = [kind for kind, default in defaults.items() if default.name == info.name]
            print_result(msgspec.json.encode(_record(info) | {"default": kinds}).decode())
        else:
            print_result(_block(info))
    if not as_json:
        for line in _default_lines(defaults):
            print_result(line)
    for error in broken:
        print_error(str(error))
    if not usable:
        print_error(NONE_INSTALLED)
    return 1 if broken else 0


class _Default(msgspec.Struct, frozen=True):
    """The default of one kind of machine; no name: there is none, for the reasons."""

    name: str | None
    reasons: tuple[str, ...]


def _default(kind: str) -> _Default:
    try:
        found = default_model(is_accelerated=kind == "accelerator")
    except WeightsError as error:
        return _Default(None, (str(error),))
    return _Default(found.name, found.passed_over)


def _default_lines(defaults: Mapping[str, _Default]) -> Iterator[str]:
    reasons: dict[str, None] = {}
    for kind, default in defaults.items():
        yield one_line(f"default {_KINDS[kind]}: {default.name or 'none'}")
        reasons |= dict.fromkeys(default.reasons)
    yield from (f"  {one_line(reason)}" for reason in reasons)


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
