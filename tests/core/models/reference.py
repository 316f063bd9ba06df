"""LIIF written once more, from the paper and in loops, to test the code against.

Chen et al. 2021, eq. 4, in float64 with nothing but NumPy scalars and small vectors.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Viewport
from liifgan_core.models.mlp_decoder import MLPDecoder

Array = NDArray[np.float64]


def parameters(decoder: MLPDecoder) -> list[tuple[Array, Array]]:
    """Return (weight, bias) of every layer in float64."""
    return [
        (layer.weight.double().numpy(force=True), layer.bias.double().numpy(force=True))
        for layer in decoder.linears
    ]


def render(layers: Sequence[tuple[Array, Array]], feat_DHW: Array, viewport: Viewport) -> Array:
    """Return (h, w, 3): per pixel the mean of its queries, in the network's range."""
    region, size = viewport.region, viewport.size
    samples_y, samples_x = (max(1, math.ceil(1 / scale - 1e-9)) for scale in viewport.scale)
    step_y = region.height / (size.height * samples_y)
    step_x = region.width / (size.width * samples_x)
    result = np.zeros((size.height, size.width, 3))
    for row in range(size.height * samples_y):
        for col in range(size.width * samples_x):
            y, x = region.top + (row + 0.5) * step_y, region.left + (col + 0.5) * step_x
            colour = query(layers, feat_DHW, y, x, step_y, step_x)
            result[row // samples_y, col // samples_x] += colour / (samples_y * samples_x)
    return result


def query(
    layers: Sequence[tuple[Array, Array]],
    feat_DHW: Array,
    y: float,
    x: float,
    step_y: float,
    step_x: float,
) -> Array:
    """Return the colour at a point in LR pixels, for a query of the given size in LR pixels."""
    total = np.zeros(3)
    for row, share_y in neighbours(y, feat_DHW.shape[1]):
        for col, share_x in neighbours(x, feat_DHW.shape[2]):
            offset = [2 * (y - row - 0.5), 2 * (x - col - 0.5)]
            cell = [2 * step_y, 2 * step_x]
            values = np.concatenate([unfolded(feat_DHW, row, col), offset, cell])
            for number, (weight, bias) in enumerate(layers, start=1):
                values = weight @ values + bias
                if number < len(layers):
                    values = np.maximum(values, 0.0)
            total += share_y * share_x * values
    return total


def neighbours(position: float, count: int) -> list[tuple[int, float]]:
    """Return the two codes around a position and their weights along one axis."""
    lower = math.floor(round(position - 0.5, 9))
    codes = [min(max(lower + step, 0), count - 1) for step in (0, 1)]
    if codes[0] == codes[1]:
        return [(codes[0], 1.0)]
    share = position - 0.5 - lower
    return [(codes[0], 1.0 - share), (codes[1], share)]


def unfolded(feat_DHW: Array, row: int, col: int) -> Array:
    """Return the 3x3 codes around one, zero outside: channel-major, then row, then column."""
    channels, height, width = feat_DHW.shape
    values: list[float] = []
    for channel in range(channels):
        for y in (row - 1, row, row + 1):
            for x in (col - 1, col, col + 1):
                is_inside = 0 <= y < height and 0 <= x < width
                values.append(feat_DHW[channel, y, x] if is_inside else 0.0)
    return np.array(values)
