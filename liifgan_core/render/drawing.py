"""How a source's structure and detail are drawn: one value, from a view's request to a cache's key.

A mask of strengths, one per pixel, needs layers that are apart: a blend knows one strength.
"""

from dataclasses import dataclass
from typing import Literal

Layer = Literal["structure", "detail"]
"""What a model has one decoder each for."""


@dataclass(frozen=True, slots=True)
class Apart:
    """Each layer by itself, so that any strength can follow; a model without detail has one."""


@dataclass(frozen=True, slots=True)
class StructureOnly:
    """Without detail: the strength is 0, or none may be seen."""


@dataclass(frozen=True, slots=True)
class Blended:
    """Structure + strength * detail as one layer: half the work of two, for fields only.

    Asked of a model that cannot, its layers are drawn apart.
    """

    strength: float
    """Not 0, which is `StructureOnly`."""
    is_coarse: bool = False
    """Without the functions that only the detail has: quicker, and less fine. Asked of a model, it
    means: at the low factors at which that may be (`PlacedModel.coarse_below`)."""

    def __post_init__(self) -> None:
        if self.strength == 0.0:
            raise ValueError("a blend of strength 0 is StructureOnly()")


@dataclass(frozen=True, slots=True)
class AtPoints:
    """A layer or blend at any places, for views that are warped: its tables are others."""

    drawn: Layer | Blended


Drawing = Apart | StructureOnly | Blended

APART = Apart()
STRUCTURE_ONLY = StructureOnly()


def at_strength(strength: float, *, is_coarse: bool = False) -> Drawing:
    """Return how a picture is drawn of which only one detail strength is wanted."""
    return STRUCTURE_ONLY if strength == 0.0 else Blended(strength, is_coarse)
