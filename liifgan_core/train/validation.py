"""Measures and pictures of a network in training, on crops that it is not trained on."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as PillowImage

from liifgan_core.coords import axis_corners
from liifgan_core.evaluation.grid_pattern import grid_pattern
from liifgan_core.evaluation.metrics import psnr
from liifgan_core.evaluation.st_lpips import STLPIPS
from liifgan_core.evaluation.texture import texture
from liifgan_core.geometry import split_evenly
from liifgan_core.models.liif import LIIF
from liifgan_core.models.patch_axis import stack_axes
from liifgan_core.train.config import ValidationConfig

_BAND_ROWS = 32
"""Output rows that are decoded at once; bounds the memory."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Both layers at a whole factor, RGB (h, w, 3); the structure in [0, 1], unclipped."""

    structure: NDArray[np.float32]
    detail: NDArray[np.float32] | None

    def result(self) -> NDArray[np.float32]:
        """Return structure plus detail, clipped to [0, 1]."""
        total = self.structure if self.detail is None else self.structure + self.detail
        return total.clip(0.0, 1.0)


def render(network: LIIF, lr_HWC: NDArray[np.uint8], factor: int) -> Rendered:
    """Return an LR picture, 8-bit RGB, at a whole factor, by the same code as training."""
    height, width = lr_HWC.shape[:2]
    device = next(network.parameters()).device
    lr = torch.from_numpy(np.array(lr_HWC)).to(device).permute(2, 0, 1)[None]
    cols = stack_axes([axis_corners(0.0, float(width), width * factor, width)]).to(device)
    structure: list[NDArray[np.float32]] = []
    detail: list[NDArray[np.float32]] = []
    with torch.inference_mode():
        features = network.encode(lr.float() / 255.0)
        for top, count in split_evenly(height * factor, _BAND_ROWS):
            rows = stack_axes([axis_corners(top / factor, count / factor, count, height)])
            rows = rows.to(device)
            band = network.structure.patch(features.structure_BDHW, rows, cols)
            structure.append(band[0].permute(1, 2, 0).cpu().numpy())
            if network.detail is not None and features.detail_BDHW is not None:
                drawn = network.detail.patch(features.detail_BDHW, rows, cols)
                drawn = network.detail_layer(drawn, band)
                detail.append(drawn[0].permute(1, 2, 0).cpu().numpy())
    return Rendered(
        (np.concatenate(structure) + 1.0) / 2.0, np.concatenate(detail) / 2.0 if detail else None
    )


@dataclass(frozen=True, slots=True)
class ValidationSet:
    """Named HR crops, 8-bit RGB."""

    names: tuple[str, ...]
    crops: tuple[NDArray[np.uint8], ...]

    @classmethod
    def of(
        cls, paths: Sequence[Path], read: Callable[[Path], NDArray[np.uint8]], crop_size: int
    ) -> "ValidationSet":
        """Return the centres of images, at most `crop_size` pixels a side."""
        crops = [_centre(read(path), crop_size) for path in paths]
        return cls(tuple(path.stem for path in paths), tuple(crops))


def validate(
    network: LIIF,
    images: ValidationSet,
    config: ValidationConfig,
    *,
    distance: STLPIPS | None,
    pictures_folder: Path | None = None,
    check: Callable[[], None] = lambda: None,
) -> dict[str, float]:
    """Return the means over the crops, by names as "val/x4/psnr", at detail 1.

    PSNR in dB is RGB within a border of the scale; "structure_psnr" is that of detail 0. Texture
    figures of the originals are beside those of the results; pictures without texture are in no
    mean of coherence. ST-LPIPS is left out without `distance`. Pictures show LR, structure, result
    and original side by side, at the largest scale. `check` is called between images and may raise
    to stop.
    """
    collected: dict[str, list[float]] = {}
    for factor in config.scales:
        for number, (name, hr) in enumerate(zip(images.names, images.crops, strict=True)):
            check()
            hr = _centre(hr, min(hr.shape[:2]) // factor * factor)
            side = hr.shape[0] // factor
            lr = np.asarray(
                PillowImage.fromarray(hr).resize((side, side), PillowImage.Resampling.BICUBIC)
            )
            rendered = render(network, lr, factor)
            result, original = rendered.result(), hr.astype(np.float32) / 255.0
            values = _measure(rendered, result, original, factor, distance)
            for measure, value in values.items():
                collected.setdefault(f"val/x{factor}/{measure}", []).append(value)
            is_shown = factor == max(config.scales) and number < config.num_pictures
            if pictures_folder is not None and is_shown:
                _save_picture(pictures_folder / f"{name}.png", lr, rendered, original)
    return {name: float(np.mean(values)) for name, values in collected.items()}


def _measure(
    rendered: Rendered,
    result: NDArray[np.float32],
    original: NDArray[np.float32],
    factor: int,
    distance: STLPIPS | None,
) -> dict[str, float]:
    pattern = grid_pattern(result, factor)
    textures = {"texture": texture(result), "original_texture": texture(original)}
    values = {
        "psnr": psnr(result, original, border=factor, on_luma=False),
        "grid_energy": pattern.energy,
        "grid_mean": pattern.mean,
    }
    for name, figures in textures.items():
        values[f"{name}_strength"] = figures.strength
        if not math.isnan(figures.coherence):  # a mean over it would say nothing of the others
            values[f"{name}_coherence"] = figures.coherence
    if rendered.detail is not None:
        structure = rendered.structure.clip(0.0, 1.0)
        values["structure_psnr"] = psnr(structure, original, border=factor, on_luma=False)
    if distance is not None:
        values[f"st_lpips_{distance.trunk}"] = distance.distance(result, original)
    return values


def _save_picture(
    path: Path, lr: NDArray[np.uint8], rendered: Rendered, original: NDArray[np.float32]
) -> None:
    height, width = original.shape[:2]
    nearest = PillowImage.fromarray(lr).resize((width, height), PillowImage.Resampling.NEAREST)
    columns = [np.asarray(nearest)]
    for layer in (rendered.structure.clip(0.0, 1.0), rendered.result(), original):
        columns.append((layer * 255.0 + 0.5).astype(np.uint8))
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(np.concatenate(columns, axis=1)).save(path)


def _centre(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return the square of at most `side` pixels in the image's middle."""
    height, width = image.shape[:2]
    side = min(side, height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(image[top : top + side, left : left + side])
