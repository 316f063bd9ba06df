"""Size rules: from what a user asks for to whole output pixels, halves rounded up. Pure Python."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from liifgan_core.errors import SizeError
from liifgan_core.geometry import MAX_OUTPUT_SIDE, Size

_LARGEST_NUMBER = 1e9
"""Bound of a rule's number; beyond it no result is possible, whatever the input."""

RuleKind = Literal[
    "scale",
    "width",
    "height",
    "long-edge",
    "short-edge",
    "megapixels",
    "exact",
    "fit",
    "min",
    "print",
]

_CM_PER_INCH = 2.54
_PRINT = re.compile(r"(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(cm|mm|in)@(\d+(?:\.\d+)?)", re.ASCII)
_UNITS_PER_INCH = {"cm": _CM_PER_INCH, "mm": 10 * _CM_PER_INCH, "in": 1.0}
_DPI_RANGE = (1.0, 10_000.0)
_DECIMALS = 6
"""Of pixels, before they are rounded: 0.145 * 100 is a half, although floats fall short of it."""


@dataclass(frozen=True, slots=True)
class SizeRule:
    """How large a result shall be; all but "exact" keep the proportions."""

    kind: RuleKind
    value: float = 0.0
    """The factor, the pixels, or the millions of pixels; unused by the kinds with a size."""
    size: Size | None = None
    """For "exact"; for "fit" and "min" the box that the result just fits into or just covers; for
    "print" the sheet, upright or not: it is turned as the photo is, and the result fits into it."""
    dpi: float | None = None
    """For "print": pixels per inch."""

    def output_size(self, input_size: Size) -> Size:
        """Return the result's size for an input of `input_size`, each side rounded to a pixel.

        Raises SizeError when a side would exceed MAX_OUTPUT_SIDE. A side that would round to zero
        becomes one pixel.
        """
        if self.kind == "exact":
            assert self.size is not None, "parse_size makes the exact rule"
            wanted = self.size
        else:
            factor = self._factor(input_size)
            sides = [side * factor for side in (input_size.height, input_size.width)]
            if max(sides) > MAX_OUTPUT_SIDE:
                raise SizeError(_too_large(f"{max(sides):.6g}", input_size))
            wanted = Size(*(max(1, half_up(side)) for side in sides))
        longest = max(wanted.height, wanted.width)
        if longest > MAX_OUTPUT_SIDE:
            raise SizeError(_too_large(str(longest), input_size))
        return wanted

    def _factor(self, input_size: Size) -> float:
        height, width = input_size.height, input_size.width
        match self.kind:
            case "width":
                return self.value / width
            case "height":
                return self.value / height
            case "long-edge":
                return self.value / max(height, width)
            case "short-edge":
                return self.value / min(height, width)
            case "megapixels":
                return math.sqrt(self.value * 1e6 / input_size.num_pixels)
            case "fit" | "print":
                return min(self._box_factors(input_size))
            case "min":
                return max(self._box_factors(input_size))
            case _:
                return self.value

    def _box_factors(self, input_size: Size) -> tuple[float, float]:
        """Return the factors at which height and width fill the box."""
        assert self.size is not None, "parse_box and parse_print make these rules"
        sides = self.size.height, self.size.width
        if self.kind == "print" and (sides[0] > sides[1]) != (input_size.height > input_size.width):
            sides = sides[1], sides[0]
        return sides[0] / input_size.height, sides[1] / input_size.width


def half_up(pixels: float) -> int:
    """Return the nearest whole number of pixels; halves go up, so 1.5 gives 2 and 2.5 gives 3."""
    return math.floor(round(pixels, _DECIMALS) + 0.5)


def factor_text(input_size: Size, output_size: Size) -> str:
    """Return the factor in four digits, such as "3.7", or across x down where these differ."""
    down = output_size.height / input_size.height
    across = output_size.width / input_size.width
    return f"{across:.4g}" if abs(across - down) < 0.01 else f"{across:.4g}x{down:.4g}"


def rule_of(kind: RuleKind | Literal["size"], value: float | str) -> SizeRule:
    """Return the rule of an option's name and its value, "size" being "exact".

    Raises SizeError for a value that is none, or is not of the kind's type.
    """
    if kind == "size" or kind == "exact":
        return exact_rule(_as_text("size", value))
    if kind == "fit" or kind == "min":
        return box_rule(kind, _as_text(kind, value))
    if kind == "print":
        return print_rule(_as_text(kind, value))
    if isinstance(value, str):
        raise SizeError(f"{kind} needs a number, not {value[:40]!r}")
    return relative_rule(kind, value)


def _as_text(kind: str, value: float | str) -> str:
    if not isinstance(value, str):
        raise SizeError(f"{kind} needs a text, not the number {value:g}")
    return value


def relative_rule(kind: RuleKind, value: float) -> SizeRule:
    """Return the rule that keeps proportions; raises SizeError unless `value` is above zero."""
    if not 0 < value <= _LARGEST_NUMBER:
        raise SizeError(
            f"{kind} needs a number above 0 and up to {_LARGEST_NUMBER:g}, not {str(value)[:20]}"
        )
    return SizeRule(kind, float(value))


def exact_rule(text: str) -> SizeRule:
    """Return the rule for a text such as "1920x1080" (width x height); raises SizeError."""
    return SizeRule("exact", size=_parsed_size("size", text))


def box_rule(kind: Literal["fit", "min"], text: str) -> SizeRule:
    """Return the rule that keeps proportions and just fits into ("fit") or just covers ("min") a
    box such as "1920x1080" (width x height); raises SizeError."""
    return SizeRule(kind, size=_parsed_size(kind, text))


def print_rule(text: str) -> SizeRule:
    """Return the rule for a sheet such as "30x20cm@300" (also mm and in; pixels per inch).

    Raises SizeError.
    """
    found = _PRINT.fullmatch(text.lower().strip()) if len(text) < 100 else None
    if found is None:
        raise SizeError(
            "print needs a sheet in cm, mm or in, and its dpi, such as 30x20cm@300 or 8x10in@300, "
            f"not {text[:40]!r}"
        )
    width, height, dpi = (float(found[i]) for i in (1, 2, 4))
    per_inch = _UNITS_PER_INCH[found[3]]
    low, high = _DPI_RANGE
    if not low <= dpi <= high:
        raise SizeError(f"print needs {low:g} to {high:g} dpi, not {dpi:g}")
    sides = [half_up(side / per_inch * dpi) for side in (height, width)]
    if not all(1 <= side <= MAX_OUTPUT_SIDE for side in sides):
        raise SizeError(
            f"print {text[:40]} is {sides[1]}x{sides[0]} pixels; sides from 1 to "
            f"{MAX_OUTPUT_SIDE} are possible"
        )
    return SizeRule("print", size=Size(*sides), dpi=dpi)


def _parsed_size(option: str, text: str) -> Size:
    width, separator, height = text.lower().strip().partition("x")
    if not separator or not (width.isascii() and width.isdigit()):
        raise SizeError(f"{option} needs WIDTHxHEIGHT such as 1920x1080, not {text!r}")
    if not (height.isascii() and height.isdigit()) or min(len(width), len(height)) == 0:
        raise SizeError(f"{option} needs WIDTHxHEIGHT such as 1920x1080, not {text!r}")
    sides = [int(side) if len(side) <= 9 else 0 for side in (height, width)]
    if not all(1 <= side <= MAX_OUTPUT_SIDE for side in sides):
        raise SizeError(
            f"{option} needs sides from 1 to {MAX_OUTPUT_SIDE} pixels, not {text[:40]!r}"
        )
    return Size(*sides)


def _too_large(longest: str, input_size: Size) -> str:
    return (
        f"the result would be {longest} pixels long; at most {MAX_OUTPUT_SIDE} are possible. Ask "
        f"for a smaller size (the input has {input_size} pixels)"
    )
