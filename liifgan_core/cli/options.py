"""What options mean, and which values they take."""

import math
from collections.abc import Mapping

from liifgan_core.errors import LiifganError, SizeError
from liifgan_core.sizing import RuleKind, SizeRule, exact_rule, relative_rule

MAX_DETAIL = 2.0
_BIT_DEPTHS = (8, 16)
_QUALITIES = range(1, 101)
_KINDS: dict[str, RuleKind] = {
    "scale": "scale",
    "width": "width",
    "height": "height",
    "long-edge": "long-edge",
    "megapixels": "megapixels",
}


def parse_rule(given: Mapping[str, float | str | None]) -> SizeRule:
    """Return the one size rule that is not None; raises SizeError unless there is exactly one."""
    chosen = {name: value for name, value in given.items() if value is not None}
    if len(chosen) != 1:
        options = ", ".join(f"--{name}" for name in given)
        what = " and ".join(f"--{name}" for name in chosen) or "none"
        raise SizeError(f"give exactly one size rule of {options}; there is {what}")
    [(name, value)] = chosen.items()
    return exact_rule(value) if isinstance(value, str) else relative_rule(_KINDS[name], value)


def parse_detail(detail: float | None) -> float | None:
    """Return the detail strength; raises LiifganError outside of 0 to MAX_DETAIL."""
    if detail is not None and not (math.isfinite(detail) and 0 <= detail <= MAX_DETAIL):
        raise LiifganError(f"--detail needs a number from 0 to {MAX_DETAIL:g}, not {detail:g}")
    return detail


def parse_bit_depth(bit_depth: int | None) -> int | None:
    """Return the depth; raises LiifganError for one that no format has."""
    if bit_depth is not None and bit_depth not in _BIT_DEPTHS:
        raise LiifganError(f"--bit-depth is 8 or 16, not {bit_depth}")
    return bit_depth


def parse_quality(quality: int | None) -> int | None:
    """Return the quality; raises LiifganError outside of 1 to 100."""
    if quality is not None and quality not in _QUALITIES:
        raise LiifganError(f"--quality is a number from 1 to 100, not {quality}")
    return quality
