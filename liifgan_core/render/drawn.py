"""What is drawn in one go, and what it is drawn from: names that the renderer's parts share."""

from dataclasses import dataclass
from typing import Literal

from liifgan_core.models.config import Tap

Layer = Literal["structure", "detail"]


@dataclass(frozen=True, slots=True)
class Blend:
    """Structure + strength * detail, drawn as one layer: half the work of two, for fields only."""

    strength: float
    is_coarse: bool = False
    """Without the functions that only the detail has: quicker, and less fine
    (`PlacedModel.coarse_below`)."""


Drawn = Layer | Blend
FeatureMap = Tap | Layer
"""What layers are decoded from: an encoder's tap, or what a layer's decoder has made of its tap
(`FieldDecoder.refined`)."""
