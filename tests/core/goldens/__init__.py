"""Golden crops: what each shipped model draws of a sample photo, 48 pixels a side.

`python -m tests.core.goldens` draws those that are missing, or named; look at them before they
are committed. A change of the crop's bytes means that a model, or what renders it, draws another
picture.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from liifgan_core.geometry import Size, Viewport
from liifgan_core.images.image import Image
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.placed_model import load_model
from liifgan_core.resources import resource_path

SIDE = 48
"""Pixels of a crop a side."""
_LR_TOP, _LR_LEFT, _LR_SIDE = 28, 128, 20
"""What is drawn, in pixels of the sample: the eye of the osprey."""


def golden_path(name: str) -> Path:
    """Return where a model's golden crop lies; it may not exist."""
    return Path(__file__).parent / f"{name}.png"


def draw(weights: Path) -> NDArray[np.uint8]:
    """Return the crop (48, 48, 3) by a model at x2.4, in float32 on the CPU."""
    with PilImage.open(resource_path("samples", "osprey.png")) as stored:
        rgb = np.asarray(stored.convert("RGB"))
    bottom, right = _LR_TOP + _LR_SIDE, _LR_LEFT + _LR_SIDE
    image = Image(np.ascontiguousarray(rgb[_LR_TOP:bottom, _LR_LEFT:right]))
    model = load_model(str(weights), device="cpu", precision="fp32")
    picture = ContinuousImage.encode(image, model)
    drawn = picture.render(Viewport.whole(image.size, Size(SIDE, SIDE)))
    return (drawn.clip(0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
