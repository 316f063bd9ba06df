"""Colours that are stored multiplied by their alpha."""

import numpy as np


def unpremultiplied(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return `colour` (n, w, c) divided by `alpha` (n, w); 0 where alpha is 0. Same type."""
    full = 1.0 if colour.dtype == np.float32 else float(np.iinfo(colour.dtype).max)
    weight = alpha[..., None].astype(np.float32)
    divided = np.divide(
        colour.astype(np.float32) * np.float32(full),
        weight,
        out=np.zeros(colour.shape, np.float32),
        where=weight > 0,
    )
    if colour.dtype == np.float32:
        return divided
    return (np.clip(divided, 0.0, full) + np.float32(0.5)).astype(colour.dtype)
