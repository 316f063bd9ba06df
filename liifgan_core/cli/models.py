"""`liifgan models`: what can be used, what for, from where, under which licence."""

from collections.abc import Iterator, Mapping

import msgspec

from liifgan_core.cli.console import one_line, print_error, print_result
from liifgan_core.errors import LiifganError, WeightsError
from liifgan_core.weights.default_model import NONE_INSTALLED, default_model
from liifgan_core.weights.descriptor import ExternalTrunk, WeightsInfo, installed_models

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
    """Return what `--json` says of a model; its keys stay."""
    facts = info.header.facts
    return {
        "name": info.name,
        "label": info.label,
        "purpose": info.purpose,
        "pace": info.pace,
        "group": info.group,
        "description": info.description,
        "has_detail": info.has_detail,
        "is_gan": info.is_gan,
        "cleans": info.cleans,
        "draws_quickly": info.draws_quickly,
        "default_strength": () if facts is None else facts.default_strength,
        "architecture": info.header.architecture,
        "trained_scales": _trained(info),
        "licence": info.provenance.licence,
        "origin": info.provenance.origin,
        "trunk": info.trunk,
        "file": one_line(str(info.path)),
        "bytes": info.size_bytes,
        "sha256": info.sha256,
    }


def _block(info: WeightsInfo) -> str:
    facts = {
        "label": info.label,
        "purpose": f"{info.purpose}, {info.pace}",
        "what it does": info.description,
        "architecture": info.header.architecture,
        "trained scales": _trained(info),
        "licence": info.provenance.licence,
        "origin": info.provenance.origin,
        "reads": _trunk(info.trunk),
        "file": str(info.path),
        "size": _megabytes(info.size_bytes),
        "sha256": info.sha256,
    }
    # A file's own words must not look like lines of ours.
    lines = [one_line(info.name)]
    lines += [f"  {key + ':':16}{one_line(text)}" for key, text in facts.items() if text]
    return "\n".join(lines)


def _trained(info: WeightsInfo) -> str:
    low, high = info.provenance.trained_scales
    return f"x{low:g} to x{high:g}"


def _trunk(trunk: ExternalTrunk | None) -> str:
    if trunk is None:
        return ""
    if trunk.name is None:
        return f"a network that this version does not know, SHA-256 {trunk.sha256}"
    state = "installed" if trunk.is_installed else "not installed"
    return f"{trunk.name}, {_megabytes(trunk.size_bytes)}, {state}; {trunk.licence}"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
