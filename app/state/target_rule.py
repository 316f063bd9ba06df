"""How large results shall be, as the app asks for it: the core's rules, and sheets of paper."""

from dataclasses import dataclass
from typing import Literal, get_args

from liifgan_core.errors import SizeError
from liifgan_core.geometry import MAX_OUTPUT_SIDE, Size
from liifgan_core.sizing import SizeRule, half_up, relative_rule

TargetKind = Literal[
    "scale",
    "width",
    "height",
    "long-edge",
    "short-edge",
    "fit",
    "min",
    "exact",
    "megapixels",
    "print",
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
        return Size(*(max(1, half_up(side / _CM_PER_INCH * dpi)) for side in sides))


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
    """The factor, the pixels, or the millions of pixels; the dpi of "print"."""
    size: Size | None = None
    """Of "exact", of "fit", in which the result just fits, and of "min", which it just covers."""
    paper: Paper | None = None
    """Of "print"."""

    @property
    def dpi(self) -> float | None:
        """Resolution that the file shall tell printers; None: that of the photo."""
        return self.value if self.kind == "print" else None

    def output_size(self, photo: Size) -> Size:
        """Return the result's size for a photo; raises SizeError for what cannot be rendered.

        Paper is turned as the photo is.
        """
        return self.size_rule().output_size(photo)

    def size_rule(self) -> SizeRule:
        """Return the core's rule; raises SizeError for a number that cannot be."""
        match self.kind:
            case "exact" | "fit" | "min":
                return SizeRule(self.kind, size=self.size)
            case "print":
                assert self.paper is not None, "a print has a sheet"
                return SizeRule("print", size=self.paper.pixels(int(self.value)), dpi=self.value)
            case kind:
                return relative_rule(kind, self.value)


def rule_text(rule: TargetRule) -> str:
    """Return a rule as one line for the settings, such as "scale 2" or "print A4@300"."""
    if rule.size is not None:
        value = str(rule.size)
    elif rule.paper is not None:
        value = f"{rule.paper.name}@{rule.value:g}"
    else:
        value = repr(float(rule.value)).removesuffix(".0")
    return f"{rule.kind} {value}"


def parse_rule(text: str) -> TargetRule:
    """Return the rule of a line by `rule_text`; raises SizeError for any other."""
    name, _, value = text.partition(" ")
    kinds: dict[str, TargetKind] = {known: known for known in TARGET_KINDS}
    kind = kinds.get(name)
    try:
        match kind:
            case None:
                raise ValueError(f"{name[:20]!r} is none")
            case "exact" | "fit" | "min":
                width, _, height = value.partition("x")
                rule = TargetRule(kind, size=_checked(Size(int(height), int(width))))
            case "print":
                sheet, _, dpi = value.rpartition("@")
                paper = next(paper for paper in PAPERS if paper.name == sheet)
                rule = TargetRule(kind, float(int(dpi)), paper=paper)
            case _:
                rule = TargetRule(kind, float(value))
        rule.size_rule()
    except (ValueError, StopIteration, OverflowError) as error:
        raise SizeError(f"{text[:40]!r} is no size rule ({error})") from error
    return rule


def _checked(size: Size) -> Size:
    if not all(1 <= side <= MAX_OUTPUT_SIDE for side in (size.height, size.width)):
        raise ValueError(f"sides from 1 to {MAX_OUTPUT_SIDE} are possible")
    return size
