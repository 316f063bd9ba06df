"""PQ and HLG to light, and bright light into the range of ordinary displays.

Sources: PQ is SMPTE ST 2084, HLG ARIB STD-B67, both in ITU-R BT.2100; reference white is that of
BT.2408; tone mapping is the EETF of BT.2390, section 5.4.1.
"""

import numpy as np

WHITE_NITS = 203.0
"""Luminance of diffuse white in cd/m2 (BT.2408, table 1); it is 1 in light here."""
_PQ_NITS = 10_000.0
_HLG_NITS = 1000.0
"""The display that HLG's system gamma of 1.2 is for."""
USUAL_PEAK = 1000.0 / WHITE_NITS
"""Light of the brightest pixel that is usual: displays for grading reach 1000 cd/m2."""

_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_HLG_A = 0.17883277
_HLG_B, _HLG_C = 1 - 4 * _HLG_A, 0.5 - _HLG_A * np.log(4 * _HLG_A)
_HLG_GAMMA = 1.2


def pq_light(samples: np.ndarray) -> np.ndarray:
    """Return the light of PQ samples in [0, 1] (float32, 1 is white)."""
    root = np.clip(samples, 0.0, 1.0).astype(np.float64) ** (1 / _M2)
    nits = _PQ_NITS * (np.maximum(root - _C1, 0.0) / (_C2 - _C3 * root)) ** (1 / _M1)
    return (nits / WHITE_NITS).astype(np.float32)


def hlg_light(samples: np.ndarray, luminance: np.ndarray) -> np.ndarray:
    """Return the light (float32, 1 is white) that a display of 1000 cd/m2 makes of HLG samples.

    `samples` are (..., 3) in [0, 1], `luminance` (3,) the primaries' shares of luminance.
    """
    values = np.clip(samples, 0.0, 1.0).astype(np.float64)
    dark = values**2 / 3
    scene = np.where(values <= 0.5, dark, (np.exp((values - _HLG_C) / _HLG_A) + _HLG_B) / 12)
    system = (scene @ luminance)[..., None] ** (_HLG_GAMMA - 1)
    return (_HLG_NITS / WHITE_NITS * system * scene).astype(np.float32)


def tone_mapped(light: np.ndarray, peak: float) -> np.ndarray:
    """Return `light` (..., 3) with its brightest value `peak` brought down to 1 (float32).

    Each pixel's brightest colour goes through the curve and takes the others along, so hues stay.
    What is dark stays as it is; light beyond `peak` counts as `peak`.
    """
    if peak <= 1.0:
        return np.clip(light, 0.0, 1.0).astype(np.float32)
    brightest = np.clip(light.max(axis=-1, keepdims=True), 0.0, peak)
    gain = np.divide(
        _eetf(brightest, peak), brightest, out=np.ones_like(brightest), where=brightest > 0
    )
    return np.clip(light * gain, 0.0, 1.0).astype(np.float32)


def _eetf(light: np.ndarray, peak: float) -> np.ndarray:
    """Return light in [0, peak] brought into [0, 1] (BT.2390, 5.4.1, black at 0)."""
    whole = _pq_signal(np.asarray(peak))
    signal, top = _pq_signal(light) / whole, _pq_signal(np.asarray(1.0)) / whole
    knee = 1.5 * top - 0.5
    t = (signal - knee) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * top
    )
    return pq_light(np.where(signal < knee, signal, spline) * whole)


def _pq_signal(light: np.ndarray) -> np.ndarray:
    power = np.clip(light * (WHITE_NITS / _PQ_NITS), 0.0, 1.0).astype(np.float64) ** _M1
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2
