"""What options mean, and which values they take."""

import functools
import math
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from liifgan_core.batch.names import DEFAULT_NAME, Output, check_template
from liifgan_core.batch.options import Existing
from liifgan_core.errors import ImageWriteError, LiifganError, SizeError
from liifgan_core.images.auto_mask import AUTO_MASKS, AutoMask
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.images.formats import (
    format_by_name,
    format_by_suffix,
    format_name_of_suffix,
)
from liifgan_core.images.mask_file import read_mask
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
    "short-edge": "short-edge",
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


def parse_output(
    text: str,
    format_name: str | None,
    *,
    num_inputs: int,
    name: str = DEFAULT_NAME,
    is_tree: bool = False,
) -> Output:
    """Return where results go, from `--output` as the user typed it, `--format` and `--name`.

    It is a folder when it is one already, ends with a slash, has no suffix, or is for a tree.
    Raises ImageWriteError for an unknown format, for one file with several inputs, for a name that
    contradicts the asked format, and for a template that is none.
    """
    check_template(name)
    chosen = format_by_name(format_name).name if format_name else None
    if not text:
        raise ImageWriteError("--output is empty; name a file or a folder")
    path = Path(text)
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


def parse_detail(detail: float | None) -> float:
    """Return the detail strength, 1 by default; raises LiifganError outside of 0 to MAX_DETAIL."""
    if detail is None:
        return 1.0
    if not (math.isfinite(detail) and 0 <= detail <= MAX_DETAIL):
        raise LiifganError(f"--detail needs a number from 0 to {MAX_DETAIL:g}, not {detail:g}")
    return detail


def parse_mask(path: Path | None, automatic: str | None) -> DetailMask | AutoMask | None:
    """Return the detail mask: read from a gray picture, or the name of an automatic one.

    Raises LiifganError for both at once, an unknown name and a picture that is no mask.
    """
    if path is not None and automatic is not None:
        raise LiifganError("--detail-mask and --auto-mask contradict each other; give one")
    if path is not None:
        return read_mask(path)
    if automatic is None:
        return None
    found = next((name for name in AUTO_MASKS if name == automatic.lower()), None)
    if found is None:
        names = " or ".join(AUTO_MASKS)
        raise LiifganError(f"--auto-mask is {names}, not {automatic[:40]!r}")
    return found


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


def parse_existing(*, overwrite: bool, skip_existing: bool) -> Existing:
    """Return what becomes of existing results; raises LiifganError for contradicting wishes."""
    if overwrite and skip_existing:
        raise LiifganError("--overwrite and --skip-existing contradict each other; give one")
    if overwrite:
        return "replace"
    return "skip" if skip_existing else "keep"


def parse_workers(num_workers: int | None, cluster: str | None) -> int | None:
    """Return the number; raises LiifganError unless it is above zero and for a cluster."""
    if num_workers is None:
        return None
    if cluster is None:
        raise LiifganError("--workers is for --cluster; name one, or 'local'")
    if num_workers < 1:
        raise LiifganError(f"--workers needs a number above 0, not {num_workers}")
    return num_workers
