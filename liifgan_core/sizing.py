"""Size rules: from what a user asks for to whole output pixels. Pure Python."""

import math
from dataclasses import dataclass
from typing import Literal

from liifgan_core.errors import SizeError
from liifgan_core.geometry import MAX_OUTPUT_SIDE, Size

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
                raise SizeError(_too_large(f"{max(sides):.0f}", input_size))
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
    if not math.isfinite(value) or value <= 0:
        raise SizeError(f"--{kind} needs a number above zero, not {value:g}")
    return SizeRule(kind, value)


def exact_rule(text: str) -> SizeRule:
    """Return the rule for a text such as "1920x1080" (width x height); raises SizeError."""
    width, separator, height = text.lower().strip().partition("x")
    if not separator or not (width.isascii() and width.isdigit()):
        raise SizeError(f"--size needs WIDTHxHEIGHT such as 1920x1080, not {text!r}")
    if not (height.isascii() and height.isdigit()) or min(len(width), len(height)) == 0:
        raise SizeError(f"--size needs WIDTHxHEIGHT such as 1920x1080, not {text!r}")
    if max(len(width), len(height)) > 9 or int(width) == 0 or int(height) == 0:
        raise SizeError(f"--size needs sides from 1 to {MAX_OUTPUT_SIDE} pixels, not {text!r}")
    return SizeRule("exact", size=Size(int(height), int(width)))


def _too_large(longest: str, input_size: Size) -> str:
    return (
        f"the result would be {longest} pixels long; at most {MAX_OUTPUT_SIDE} are possible. Ask "
        f"for a smaller size (the input has {input_size} pixels)"
    )
