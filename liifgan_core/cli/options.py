"""What options mean, and which values they take."""

import math
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from liifgan_core.batch.names import DEFAULT_NAME, Output, check_template
from liifgan_core.batch.options import Existing
from liifgan_core.batch.presets import PRESETS_NAME, find_preset, load_presets
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.errors import GeometryError, ImageWriteError, LiifganError, SizeError
from liifgan_core.images.auto_mask import AUTO_MASKS, AutoMask
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.images.formats import (
    format_by_name,
    format_by_suffix,
    format_name_of_suffix,
)
from liifgan_core.images.mask_file import read_mask
from liifgan_core.render.export_options import MAX_DETAIL, Colour
from liifgan_core.resources import user_config_path
from liifgan_core.sizing import RuleKind, SizeRule, rule_of
from liifgan_core.warp import Frame, Geometry, Point

_FRAMES: dict[str, Frame] = {"whole": "whole", "inside": "inside", "corners": "corners"}
_COLOURS: dict[str, Colour] = {
    "white": (1.0, 1.0, 1.0),
    "black": (0.0, 0.0, 0.0),
    "gray": (0.5, 0.5, 0.5),
}
_HEX_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_BIT_DEPTHS = (8, 10, 12, 16, 32)
_QUALITIES = range(1, 101)
_MEMORY = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([kmgt])i?b?", re.ASCII)
_LEAST_MEMORY_BYTES = 2**28


def parse_rules(
    given: Mapping[RuleKind | Literal["size"], Sequence[float | str] | None],
    presets: Sequence[str] = (),
) -> tuple[NamedRule, ...]:
    """Return the size rules in the order of the options, then those of presets.

    `given` has each option's values. Raises SizeError where there is none at all, and LiifganError
    for presets that are not there.
    """
    rules = [
        NamedRule(_rule(kind, value)) for kind, values in given.items() for value in values or ()
    ]
    if presets:
        path = user_config_path(PRESETS_NAME)
        known = load_presets(path)
        rules += [named for name in presets for named in find_preset(name, known, path=path)]
    if not rules:
        options = ", ".join(f"--{name}" for name in given)
        raise SizeError(f"give a size rule of {options} or --preset; there is none")
    return tuple(rules)


def _rule(kind: RuleKind | Literal["size"], value: float | str) -> SizeRule:
    try:
        return rule_of(kind, value)
    except SizeError as error:  # it begins with the rule's name, which is the option's
        raise SizeError(f"--{error}") from error


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
    known: dict[str, AutoMask] = {name: name for name in AUTO_MASKS}
    found = known.get(automatic.lower())
    if found is None:
        names = " or ".join(AUTO_MASKS)
        raise LiifganError(f"--auto-mask is {names}, not {automatic[:40]!r}")
    return found


def parse_geometry(
    rotation_deg: float | None,
    perspective: str | None,
    distortion: str | None,
    frame: str | None,
) -> Geometry:
    """Return what --rotate, --perspective, --distortion and --frame mean; raises GeometryError.

    Without a frame it is "whole".
    """
    corners = None
    if perspective is not None:
        wanted = "x and y of four corners such as 12,8,630,20,640,470,5,455"
        numbers = _numbers("perspective", perspective, 8, wanted)
        corners = tuple(Point(*numbers[i : i + 2]) for i in range(0, 8, 2))
    k1, k2 = 0.0, 0.0
    if distortion is not None:
        k1, k2 = _numbers("distortion", distortion, 2, "K1,K2 such as -0.1,0.01")
    chosen = _FRAMES.get(frame or "whole")
    if chosen is None:
        raise GeometryError(f"--frame is {', '.join(_FRAMES)}; not {frame}")
    geometry = Geometry(rotation_deg or 0.0, corners, k1=k1, k2=k2, frame=chosen)
    if frame is not None and geometry.is_identity:
        raise GeometryError("--frame is for --rotate, --perspective or --distortion; give one")
    return geometry


def _numbers(option: str, text: str, count: int, wanted: str) -> list[float]:
    parts = text.split(",") if len(text) < 1000 else []
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise GeometryError(f"--{option} needs {wanted}, not {text[:60]!r}")
    return numbers


def parse_background(text: str | None, geometry: Geometry) -> Colour | None:
    """Return the colour that a name or "#rrggbb" means; raises LiifganError."""
    if text is None:
        return None
    if geometry.is_identity:
        raise GeometryError("--background is for --rotate, --perspective or --distortion; give one")
    name = text.strip().lower()
    if name in _COLOURS:
        return _COLOURS[name]
    if not _HEX_COLOUR.fullmatch(name):
        names = ", ".join(_COLOURS)
        raise LiifganError(f"--background needs {names} or #RRGGBB, not {text[:40]!r}")
    red, green, blue = (int(name[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    return red, green, blue


def parse_consistent(is_consistent: bool, geometry: Geometry) -> bool:
    """Return whether results shall give their photos back; raises LiifganError for warped ones."""
    if is_consistent and not geometry.is_identity:
        raise GeometryError(
            "--consistent is not for --rotate, --perspective or --distortion, whose results do not "
            "give their photos back when they are reduced; leave it or them out"
        )
    return is_consistent


def parse_bit_depth(bit_depth: int | None) -> int | None:
    """Return the depth; raises LiifganError for one that no format has."""
    if bit_depth is not None and bit_depth not in _BIT_DEPTHS:
        raise LiifganError(f"--bit-depth is 8, 10, 12, 16 or 32 (float), not {bit_depth}")
    return bit_depth


def parse_quality(text: str | None) -> tuple[int | None, dict[str, int]]:
    """Return the quality for all formats and those for single ones, of "90" or "webp=100,90".

    Raises LiifganError outside of 1 to 100, for a format without quality, and for two of one.
    """
    common: int | None = None
    by_format: dict[str, int] = {}
    for part in text.split(",") if text is not None else ():
        name, equals, digits = part.strip().rpartition("=")
        quality = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else 0
        if quality not in _QUALITIES:
            raise LiifganError(
                "--quality needs a number from 1 to 100, or such by format as in webp=100,90, "
                f"not {part.strip()[:40]!r}"
            )
        known = format_by_name(name) if equals else None
        if known is not None and not known.is_lossy:
            raise LiifganError(f"--quality: {known.name} has none; leave {part.strip()!r} out")
        if (common is not None) if known is None else (known.name in by_format):
            raise LiifganError(f"--quality: there are two of one kind in {text!r}; give one")
        if known is None:
            common = quality
        else:
            by_format[known.name] = quality
    return common, by_format


def parse_memory(text: str | None, default: int) -> int:
    """Return the bytes that a text such as "2G" or "1500M" means; raises LiifganError."""
    if text is None:
        return default
    num_bytes = _bytes_of(text)
    if num_bytes < _LEAST_MEMORY_BYTES:
        raise LiifganError(f"--memory needs at least 256M, such as 1500M or 4G, not {text[:40]!r}")
    return num_bytes


def parse_upload(text: str | None, default: int) -> int:
    """Return the bytes that a text such as "512M" means; raises LiifganError."""
    num_bytes = default if text is None else _bytes_of(text)
    if num_bytes < 1:
        raise LiifganError(f"--upload needs a size such as 512M or 2G, not {str(text)[:40]!r}")
    return num_bytes


def _bytes_of(text: str) -> int:
    """Return the bytes that a size means, 0 for a text that is none."""
    found = _MEMORY.fullmatch(text.strip().lower())
    return int(float(found[1]) * 2 ** (10 * (1 + "kmgt".index(found[2])))) if found else 0


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
