"""Size rules: from what a user asks for to whole output pixels. Pure Python."""

import math
from dataclasses import dataclass
from typing import Literal

from liifgan_core.errors import SizeError
from liifgan_core.geometry import MAX_OUTPUT_SIDE, Size

_LARGEST_NUMBER = 1e9
"""Bound of a rule's number; beyond it no result is possible, whatever the input."""

RuleKind = Literal["scale", "width", "height", "long-edge", "megapixels", "exact"]


@dataclass(frozen=True, slots=True)
class SizeRule:
    """How large a result shall be; all but "exact" keep the proportions."""

    kind: RuleKind
    value: float = 0.0
    """The factor, the pixels, or the millions of pixels; unused by "exact"."""
    size: Size | None = None
    """For "exact" only."""

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
            wanted = Size(*(max(1, round(side)) for side in sides))
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
            case "megapixels":
                return math.sqrt(self.value * 1e6 / input_size.num_pixels)
            case _:
                return self.value


def relative_rule(kind: RuleKind, value: float) -> SizeRule:
    """Return the rule that keeps proportions; raises SizeError unless `value` is above zero."""
    if not 0 < value <= _LARGEST_NUMBER:
        raise SizeError(
            f"--{kind} needs a number above 0 and up to {_LARGEST_NUMBER:g}, not {str(value)[:20]}"
        )
    return SizeRule(kind, float(value))


def exact_rule(text: str) -> SizeRule:
    """Return the rule for a text such as "1920x1080" (width x height); raises SizeError."""
    width, separator, height = text.lower().strip().partition("x")
    if not separator or not (width.isascii() and width.isdigit()):
        raise SizeError(f"--size needs WIDTHxHEIGHT such as 1920x1080, not {text!r}")
    if not (height.isascii() and height.isdigit()) or min(len(width), len(height)) == 0:
        raise SizeError(f"--size needs WIDTHxHEIGHT such as 1920x1080, not {text!r}")
    sides = [int(side) if len(side) <= 9 else 0 for side in (height, width)]
    if not all(1 <= side <= MAX_OUTPUT_SIDE for side in sides):
        raise SizeError(f"--size needs sides from 1 to {MAX_OUTPUT_SIDE} pixels, not {text[:40]!r}")
    return SizeRule("exact", size=Size(*sides))


def _too_large(longest: str, input_size: Size) -> str:
    return (
        f"the result would be {longest} pixels long; at most {MAX_OUTPUT_SIDE} are possible. Ask "
        f"for a smaller size (the input has {input_size} pixels)"
    )
