"""Masks to start from, computed from the photo itself: calm areas, and text and line art, less.

Both look at luma on the mask's own grid, in levels of 255. Thresholds were chosen by eye on
thirteen photos and a drawn page, November 2026.
"""

from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.detail_mask import ONE, DetailMask, grid_size
from liifgan_core.images.image import Image
from liifgan_core.images.resample import resample

AutoMask = Literal["calm", "text"]
"""Which places have less detail: calm areas, or text and line art."""
AUTO_MASKS: tuple[AutoMask, ...] = get_args(AutoMask)

CALM_STRENGTH = 0.25
"""Of the calmest areas."""
TEXT_STRENGTH = 0.2
"""Of text and line art."""

_HIGH_PASS_SIGMA = 1.5
"""Of the Gaussian that is taken off, in pixels; as in `evaluation/texture.py`."""
_WINDOW_SIGMA = 4.0
"""Of the Gaussian over which texture is averaged, in pixels."""
_MOST_LEVELS = 12.0
"""What one pixel of high-pass may count, so that a lone edge does not pass as texture."""
_NOISE_SHARE, _MOST_NOISE = 0.1, 1.5
"""The calmest tenth of a photo shows its noise, of at most so many levels: more is texture."""
_CALM_BEGINS, _CALM_ENDS = 0.8, 3.0
"""Levels of texture beside the noise up to which an area is calm, and from which it is not."""

_STROKE_SIDE = 4
"""Pixels that strokes may be wide."""
_REDUCTIONS = (1, 3)
"""Sizes at which strokes are looked for: those of text in a paragraph, and of headlines."""
_STROKE_CONTRAST = 48.0
"""Levels between stroke and ground from which on a stroke is one."""
_STROKE_SHARE = 0.02, 0.06
"""Part of a neighbourhood that strokes fill where there is text: from none to surely."""
_FLAT_RANGE, _FLAT_RANGE_OF_CONTRAST = 4.0, 0.06
"""Levels within 3x3 pixels up to which ground is flat, and more as a part of the strokes' contrast:
drawn pages have 0, JPEG adds to them about its strokes."""
_FLAT_SHARE = 0.65, 0.85
"""Part of what is no stroke, nor its edge, that is flat on a page: from hardly to surely."""
_ROW_BAND = 256


def auto_mask(image: Image, kind: AutoMask) -> DetailMask:
    """Return a mask with 1 where detail stays, less where `kind` says, without sharp steps.

    Takes about half a second for the 2.8 megapixels that a mask has at most in 3:2, and some 65
    bytes of memory for each of its pixels; the photo is read in bands.
    """
    luma = _luma(image, grid_size(image.size))
    strengths = _calm(luma) if kind == "calm" else _text(luma)
    return DetailMask((strengths * ONE + 0.5).astype(np.uint16))


def _calm(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return strengths by the local root mean square of the high-pass, less the photo's noise."""
    high = _floats(luma - _blurred(luma, _HIGH_PASS_SIGMA))
    np.clip(high, -_MOST_LEVELS, _MOST_LEVELS, out=high)
    power = _blurred(_floats(high * high), _WINDOW_SIGMA)
    noise = min(_MOST_NOISE, float(np.sqrt(np.quantile(power, _NOISE_SHARE))))
    texture = np.sqrt(np.maximum(power - noise * noise, 0.0))
    busy = _smooth_step(texture, _CALM_BEGINS, _CALM_ENDS)
    return _floats(CALM_STRENGTH + (1.0 - CALM_STRENGTH) * _blurred(busy, _WINDOW_SIGMA))


def _text(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return strengths by how many strokes of strong contrast lie on flat ground nearby.

    Foliage and hair have such strokes too, but their ground is not flat; a lone edge between flat
    areas is no stroke.
    """
    height, width = luma.shape
    found = np.zeros_like(luma)
    for factor in _REDUCTIONS:
        side = max(1, round(width / factor)), max(1, round(height / factor))
        reduced = luma if factor == 1 else cv2.resize(luma, side, interpolation=cv2.INTER_AREA)
        likely = _strokes_on_flat_ground(_floats(reduced))
        likely = cv2.resize(likely, (width, height), interpolation=cv2.INTER_LINEAR)
        np.maximum(found, _floats(likely), out=found)
    return _floats(1.0 - (1.0 - TEXT_STRENGTH) * _blurred(found, _WINDOW_SIGMA))


def _strokes_on_flat_ground(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 0 to 1: how surely there is text or line art."""
    near, line = np.ones((3, 3), np.uint8), np.ones((5, 5), np.uint8)
    window = 1.5 * _STROKE_SIDE
    kernel = np.ones((2 * _STROKE_SIDE + 1, 2 * _STROKE_SIDE + 1), np.uint8)
    spread = _floats(cv2.dilate(luma, near)) - _floats(cv2.erode(luma, near))
    wide = np.ones((17, 17), np.uint8)  # a block of JPEG to each side
    found = np.zeros_like(luma)
    for operation in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT):  # dark strokes, light strokes
        depth = _floats(cv2.morphologyEx(luma, operation, kernel))
        strokes = (depth > _STROKE_CONTRAST).astype(np.float32)
        ground = 1.0 - _floats(cv2.dilate(strokes, line))
        limit = _FLAT_RANGE + _FLAT_RANGE_OF_CONTRAST * _floats(cv2.dilate(depth, wide))
        is_flat = (spread <= limit).astype(np.float32)
        share = _smooth_step(_blurred(strokes, window), *_STROKE_SHARE)
        # The small number keeps places that are all strokes from counting as flat.
        flat = _blurred(_floats(is_flat * ground), window)
        flat = _floats(flat / (_blurred(_floats(ground), window) + np.float32(0.02)))
        np.maximum(found, share * _smooth_step(flat, *_FLAT_SHARE), out=found)
    return found


def _luma(image: Image, grid: Size) -> NDArray[np.float32]:
    """Return full-range BT.601 luma on the grid, (h, w), 0 to 255."""
    luma = np.empty((grid.height, grid.width), np.float32)
    viewport = Viewport.whole(image.size, grid)
    for top in range(0, grid.height, _ROW_BAND):
        tile = Tile(top, 0, min(_ROW_BAND, grid.height - top), grid.width)
        is_own = grid == image.size
        rgb = image.rgb(tile) if is_own else resample(image.rgb, image.size, viewport, tile)
        luma[tile.top : tile.bottom] = rgb @ np.array([76.245, 149.685, 29.07], np.float32)
    return luma


def _blurred(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return _floats(cv2.GaussianBlur(values, (0, 0), sigma))


def _smooth_step(values: NDArray[np.float32], begin: float, end: float) -> NDArray[np.float32]:
    """Return 0 up to `begin`, 1 from `end`, and a cubic without corners between."""
    t = np.clip((values - begin) / (end - begin), 0.0, 1.0)
    return _floats(t * t * (3.0 - 2.0 * t))


def _floats(values: object) -> NDArray[np.float32]:
    """Return OpenCV's array under its real type, which its annotations leave open."""
    return np.asarray(values, np.float32)
