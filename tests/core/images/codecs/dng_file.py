"""A small camera raw for tests (DNG 1.4): a Bayer sensor whose primaries are sRGB's."""

import numpy as np

from tests.core.images.codecs.tiff_files import Field, Page, long, short, tiff

NEUTRAL = (0.5, 1.0, 0.8)
"""What the sensor's red, green and blue give for gray."""
WHITE_LEVEL = 60_000
# CIE XYZ (D65) to the light of sRGB's primaries (IEC 61966-2-1).
_TO_CAMERA = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)
_CFA, _D65 = 32803, 21


def dng(light: np.ndarray, *, orientation: int = 1, model: bytes = b"Test camera") -> bytes:
    """Return a DNG of `light` (H, W, 3), 0 to 1, sides even, beside a dark thumbnail."""
    values = light * np.array(NEUTRAL) * WHITE_LEVEL
    mosaic = np.empty(light.shape[:2], np.uint16)
    for top, left, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):  # red, green / ...
        mosaic[top::2, left::2] = np.round(values[top::2, left::2, channel])
    sensor = Page(
        mosaic[..., None],
        {
            254: long(0),
            262: short(_CFA),
            33421: short(2, 2),
            33422: (1, (0, 1, 1, 2)),
            50717: long(WHITE_LEVEL),
        },
    )
    thumbnail = Page(np.zeros((8, 12, 3), np.uint8), _facts(orientation, model), below=[sensor])
    return tiff(thumbnail)


def _facts(orientation: int, model: bytes) -> dict[int, Field]:
    return {
        254: long(1),
        262: short(2),
        271: (2, b"Maker\0"),
        272: (2, model + b"\0"),
        274: short(orientation),
        50706: (1, (1, 4, 0, 0)),
        50708: (2, model + b"\0"),
        50721: (10, [number for v in _TO_CAMERA for number in (round(v * 10_000), 10_000)]),
        50728: (5, [number for v in NEUTRAL for number in (round(v * 1000), 1000)]),
        50778: short(_D65),
    }
