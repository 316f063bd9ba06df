"""What a taught run does: which lessons are made, and what is learnt of them.

A lesson is a small LR picture and what a network of others, the teacher, draws of it at its factor.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from liifgan_core.train.degradations import DegradationConfig

FEATURE_BORDER = 6
"""LR pixels along a crop's edges whose features are not compared: a trunk that sees only the crop
cannot know what the teacher's has seen beyond."""
_SMALLEST_SIDE = 8
"""LR pixels within the border that hold a patch at x1 and its margins."""

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Weight = Annotated[float, Meta(ge=0.0)]


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class TrunkStartConfig(_Config, frozen=True):
    """Blocks of a network of others that a shorter trunk starts from."""

    network: str
    """Its name (`weights.trunks.NETWORKS`); of RRDB's kind."""
    blocks: tuple[int, ...]
    """Counted from 0."""


class LessonsConfig(_Config, frozen=True):
    """Lessons are made once, before the first step, and kept beside the run."""

    teacher: str
    """Name of a network of others (`weights.trunks.NETWORKS`)."""
    count: Annotated[int, Meta(ge=1, le=1_000_000)] = 600
    """How many are learnt from."""
    held_out: Annotated[int, Meta(ge=0, le=10_000)] = 24
    """The first ones; they only measure how near the teacher is."""
    lr_size: Annotated[int, Meta(ge=8, le=1024)] = 80
    """Side of the LR picture."""
    largest_reduction: Annotated[float, Meta(ge=1.0, le=64.0)] = 4.0
    """Photos are reduced by this at half of the lessons, and by less, to 1, at the others."""
    target: Literal["back-projected", "low-restored"] = "back-projected"
    """"back-projected": the teacher's picture whose bicubic reduction is the LR picture.
    "low-restored": only its low frequencies are the LR picture's, so that noise and blocks do not
    come back which the teacher has removed."""
    degradation: DegradationConfig | None = None
    """Of the LR picture, at its own size."""
    clean_share: Share = 0.0
    """Lessons that are not degraded."""

    def without_numbers(self) -> "LessonsConfig":
        """Return all that decides what is in a lesson of a given number."""
        return msgspec.structs.replace(self, count=1, held_out=0)


class TaughtConfig(_Config, frozen=True):
    """A step: the frozen structure layer plus the detail layer against the lessons' pictures.

    Weights are of mean absolute differences in the network's range [-1, 1].
    """

    lessons: LessonsConfig
    crop_size: Annotated[int, Meta(ge=8)] | None = None
    """Side, in LR pixels, of what a step takes of each lesson; None: all."""
    border: Annotated[int, Meta(ge=0)] = 0
    """LR pixels along the edges that are not compared. What is not compared is not taught: with 4,
    a photo's own edges came out dotted."""
    slopes: Weight = 0.5
    """Of the differences between neighbouring pixels, across and down."""
    resampled: Weight = 0.5
    """Of a patch at a random factor and place. At the teacher's factor alone some of a field's
    functions vanish at all places of its pixels, and would never be taught."""
    factors: tuple[float, float] = (1.0, 6.0)
    """Of these patches, drawn uniformly."""
    patch_size: Annotated[int, Meta(ge=8)] = 48
    """Side of these patches, in output pixels, at most."""
    features: Weight = 0.0
    """Of a trained trunk's features, in the trunk's unit, to the teacher's."""
    original_share: Share = 0.0
    """Part of the target that is the original photo, where it was reduced by the teacher's
    factor."""

    def __post_init__(self) -> None:
        low, high = self.factors
        if not 1.0 <= low <= high:
            raise ValueError(f"factors need 1 <= low <= high, not {self.factors}")
        if self.crop > self.lessons.lr_size:
            raise ValueError(
                f"crop_size {self.crop} is more than the lessons' {self.lessons.lr_size}"
            )
        border = max(self.border, FEATURE_BORDER if self.features > 0.0 else 0)
        if 2 * self.border + _SMALLEST_SIDE > self.crop or 2 * border >= self.crop:
            raise ValueError(f"a border of {border} leaves too little of {self.crop} LR pixels")

    @property
    def crop(self) -> int:
        """Side, in LR pixels, of what a step takes of each lesson."""
        return self.lessons.lr_size if self.crop_size is None else self.crop_size
