"""How large results shall be, as the app asks for it: the core's rules and three built on them."""

from dataclasses import dataclass
from typing import Literal, get_args

from liifgan_core.geometry import Size
from liifgan_core.sizing import SizeRule, relative_rule

TargetKind = Literal[
    "scale", "width", "height", "long-edge", "short-edge", "box", "exact", "megapixels", "paper"
]
TARGET_KINDS: tuple[TargetKind, ...] = get_args(TargetKind)

_CM_PER_INCH = 2.54


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet or print in centimetres, upright."""

    name: str
    """For people everywhere: an ISO name or the two sides."""
    width_cm: float
    height_cm: float

    def pixels(self, dpi: int) -> Size:
        """Return the pixels of the upright sheet."""
        sides = (self.height_cm, self.width_cm)
        return Size(*(max(1, round(side / _CM_PER_INCH * dpi)) for side in sides))


PAPERS = (
    Paper("A5", 14.8, 21.0),
    Paper("A4", 21.0, 29.7),
    Paper("A3", 29.7, 42.0),
    Paper("A2", 42.0, 59.4),
    Paper("10 \u00d7 15 cm", 10.0, 15.0),
    Paper("13 \u00d7 18 cm", 13.0, 18.0),
    Paper("20 \u00d7 30 cm", 20.0, 30.0),
    Paper("30 \u00d7 45 cm", 30.0, 45.0),
    Paper("50 \u00d7 70 cm", 50.0, 70.0),
)


@dataclass(frozen=True, slots=True)
class TargetRule:
    """One rule for photos of any size; all kinds but "exact" keep the proportions."""

    kind: TargetKind
    value: float = 0.0
    """The factor, the pixels, or the millions of pixels; the dpi of "paper"."""
    size: Size | None = None
    """Of "exact", and of "box", in which the result just fits."""
    paper: Paper | None = None

    def output_size(self, photo: Size) -> Size:
        """Return the result's size for a photo; raises SizeError for what cannot be rendered.

        Paper is turned as the photo is.
        """
        match self.kind:
            case "exact":
                return SizeRule("exact", size=self.size).output_size(photo)
            case "box":
                assert self.size is not None, "a box has a size"
                return _fitted(photo, self.size)
            case "paper":
                assert self.paper is not None, "paper has a sheet"
                sheet = self.paper.pixels(int(self.value))
                is_wide = photo.width > photo.height
                return _fitted(photo, Size(sheet.width, sheet.height) if is_wide else sheet)
            case "short-edge":
                side = "width" if photo.width <= photo.height else "height"
                return relative_rule(side, self.value).output_size(photo)
            case kind:
                return relative_rule(kind, self.value).output_size(photo)


def _fitted(photo: Size, box: Size) -> Size:
    """Return the largest size with the photo's proportions that fits into the box."""
    if photo.width * box.height >= photo.height * box.width:
        return relative_rule("width", box.width).output_size(photo)
    return relative_rule("height", box.height).output_size(photo)
