"""What options mean, and which values they take."""

import functools
import math
import re
from collections.abc import Callable, Mapping

from liifgan_core.errors import LiifganError, SizeError
from liifgan_core.sizing import (
    RuleKind,
    SizeRule,
    box_rule,
    exact_rule,
    print_rule,
    relative_rule,
)

MAX_DETAIL = 2.0
_BIT_DEPTHS = (8, 10, 12, 16, 32)
_QUALITIES = range(1, 101)
_KINDS: dict[str, RuleKind] = {
    "scale": "scale",
    "width": "width",
    "height": "height",
    "long-edge": "long-edge",
    "megapixels": "megapixels",
}


_TEXT_RULES: dict[str, Callable[[str], SizeRule]] = {
    "size": exact_rule,
    "fit": functools.partial(box_rule, "fit"),
    "min": functools.partial(box_rule, "min"),
    "print": print_rule,
}
_MEMORY = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([kmgt])i?b?", re.ASCII)
_LEAST_MEMORY_BYTES = 2**28


def parse_rule(given: Mapping[str, float | str | None]) -> SizeRule:
    """Return the one size rule that is not None; raises SizeError unless there is exactly one."""
    chosen = {name: value for name, value in given.items() if value is not None}
    if len(chosen) != 1:
        options = ", ".join(f"--{name}" for name in given)
        what = " and ".join(f"--{name}" for name in chosen) or "none"
        raise SizeError(f"give exactly one size rule of {options}; there is {what}")
    [(name, value)] = chosen.items()
    if not isinstance(value, str):
        return relative_rule(_KINDS[name], value)
    return _TEXT_RULES[name](value)


def parse_detail(detail: float | None) -> float | None:
    """Return the detail strength; raises LiifganError outside of 0 to MAX_DETAIL."""
    if detail is not None and not (math.isfinite(detail) and 0 <= detail <= MAX_DETAIL):
        raise LiifganError(f"--detail needs a number from 0 to {MAX_DETAIL:g}, not {detail:g}")
    return detail


def parse_bit_depth(bit_depth: int | None) -> int | None:
    """Return the depth; raises LiifganError for one that no format has."""
    if bit_depth is not None and bit_depth not in _BIT_DEPTHS:
        raise LiifganError(f"--bit-depth is 8, 10, 12, 16 or 32 (float), not {bit_depth}")
    return bit_depth


def parse_quality(quality: int | None) -> int | None:
    """Return the quality; raises LiifganError outside of 1 to 100."""
    if quality is not None and quality not in _QUALITIES:
        raise LiifganError(f"--quality is a number from 1 to 100, not {quality}")
    return quality


def parse_memory(text: str | None, default: int) -> int:
    """Return the bytes that a text such as "2G" or "1500M" means; raises LiifganError."""
    if text is None:
        return default
    found = _MEMORY.fullmatch(text.strip().lower())
    num_bytes = int(float(found[1]) * 2 ** (10 * (1 + "kmgt".index(found[2])))) if found else 0
    if num_bytes < _LEAST_MEMORY_BYTES:
        raise LiifganError(f"--memory needs at least 256M, such as 1500M or 4G, not {text[:40]!r}")
    return num_bytes


def parse_max_pixels(max_pixels: int | None, default: int) -> int:
    """Return the limit; raises LiifganError unless it is above zero."""
    if max_pixels is None:
        return default
    if max_pixels < 1:
        raise LiifganError(f"--max-pixels needs a number above 0, not {max_pixels}")
    return max_pixels


def check_existing(*, overwrite: bool, skip_existing: bool) -> None:
    """Raise LiifganError for two contradicting wishes about existing results."""
    if overwrite and skip_existing:
        raise LiifganError("--overwrite and --skip-existing contradict each other; give one")


def parse_workers(num_workers: int | None, cluster: str | None) -> int | None:
    """Return the number; raises LiifganError unless it is above zero and for a cluster."""
    if num_workers is None:
        return None
    if cluster is None:
        raise LiifganError("--workers is for --cluster; name one, or 'local'")
    if num_workers < 1:
        raise LiifganError(f"--workers needs a number above 0, not {num_workers}")
    return num_workers
