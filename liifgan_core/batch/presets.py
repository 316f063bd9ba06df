"""Sizes under a name: the program's own, and a user's in `presets.toml`.

    [gallery]
    web = { long-edge = 2048 }
    sheet = { print = "60x40cm@240" }

    [poster]
    print = "90x60cm@200"

A preset has one size or several, each with a name of its own for `{preset}`; a size is one of the
command line's rules.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from liifgan_core.batch.wanted import NamedRule
from liifgan_core.errors import LiifganError, SizeError
from liifgan_core.sizing import RuleKind, rule_of

PRESETS_NAME = "presets.toml"
_RULES = (*(kind for kind in get_args(RuleKind) if kind != "exact"), "size")
_OWN: dict[str, dict[str, dict[str, Any]]] = {
    "web": {"web": {"long-edge": 1600}},
    "print-a3": {"print-a3": {"print": "42x29.7cm@300"}},
    "thumbnail": {"thumbnail": {"long-edge": 320}},
}
_OWN["all"] = {name: size for sizes in _OWN.values() for name, size in sizes.items()}

Presets = Mapping[str, tuple[NamedRule, ...]]


def load_presets(path: Path) -> Presets:
    """Return the program's presets and those of a user's file, which come first of one name.

    A file that is not there has none. Raises LiifganError naming what is wrong in it.
    """
    presets = {name: _sizes(sizes) for name, sizes in _OWN.items()}
    try:
        with path.open("rb") as file:
            tables = tomllib.load(file)
    except FileNotFoundError:
        return presets
    except (OSError, ValueError) as error:
        raise LiifganError(f"the presets in {path} cannot be read ({error})") from error
    for name, table in tables.items():
        try:
            if not isinstance(table, dict) or not table:
                raise SizeError("it is no table of sizes")
            table = cast(dict[str, Any], table)
            is_one = not any(isinstance(value, dict) for value in table.values())
            presets[name] = _sizes({name: table} if is_one else table)
        except SizeError as error:
            raise LiifganError(f"the preset {name!r} in {path}: {error}") from error
    return presets


def find_preset(name: str, presets: Presets, *, path: Path) -> tuple[NamedRule, ...]:
    """Return a preset's sizes; raises LiifganError that names what there is, and where they go."""
    if name not in presets:
        known = ", ".join(presets)
        raise LiifganError(
            f"there is no preset {name!r}; there are {known}. Your own go into {path}"
        )
    return presets[name]


def _sizes(sizes: Mapping[str, Any]) -> tuple[NamedRule, ...]:
    return tuple(_named(name, size) for name, size in sizes.items())


def _named(name: str, size: object) -> NamedRule:
    rule = cast(dict[str, Any], size) if isinstance(size, dict) else {}
    if len(rule) != 1 or next(iter(rule)) not in _RULES:
        raise SizeError(f"{name!r} needs exactly one of {', '.join(_RULES)}")
    if not name or any(c in '/\\:*?"<>|' or not c.isprintable() for c in name):
        raise SizeError(f"{name!r} cannot be part of a file's name; use letters and digits")
    [(kind, value)] = rule.items()
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise SizeError(f"{name!r}: {value!r} is neither a number nor a text")
    return NamedRule(rule_of(cast(RuleKind, kind), value), name)
