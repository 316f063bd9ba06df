"""Imitates the damage of real-world photos: blur, resize, noise and JPEG in chains, by OpenCV.

The order follows Real-ESRGAN (Wang et al. 2021, section 3); everything random comes from the given
generator, so a sample can be made again.
"""

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

_RESIZE_METHODS = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC)


class DegradationConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a real-world LR image is imitated; each probability is per sample and stage."""

    num_stages: int = 2
    """Chains of blur, resize, noise and JPEG, one after the other (Real-ESRGAN, Wang et al. 2021,
    section 3, whose ranges are halved here: photos, not scans of prints)."""
    blur_probability: float = 0.8
    blur_sigma: tuple[float, float] = (0.2, 1.5)
    """Of an anisotropic Gaussian, in pixels of the image at that point."""
    resize_probability: float = 0.5
    resize_factor: tuple[float, float] = (0.6, 1.3)
    noise_probability: float = 0.7
    noise_sigma: tuple[float, float] = (0.5, 10.0)
    """In units of 1/255."""
    gray_noise_share: float = 0.4
    jpeg_probability: float = 0.8
    jpeg_quality: tuple[int, int] = (50, 95)


def degrade(
    rgb_HWC: NDArray[np.uint8], config: DegradationConfig, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return the damaged picture, of the same size, (h, w, 3) 8-bit RGB.

    Pixels keep their places: resizes are undone, so coordinates on the picture stay valid.
    """
    image = rgb_HWC
    for _ in range(config.num_stages):
        if rng.random() < config.blur_probability:
            image = _blur(image, config, rng)
        if rng.random() < config.resize_probability:
            image = _resize(image, config, rng)
        if rng.random() < config.noise_probability:
            image = _noise(image, config, rng)
        if rng.random() < config.jpeg_probability:
            image = _jpeg(image, config, rng)
    return image


def _blur(
    image: NDArray[np.uint8], config: DegradationConfig, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Blur by a Gaussian of two random widths, turned by a random angle."""
    sigma_major, sigma_minor = rng.uniform(*config.blur_sigma, size=2)
    angle = rng.uniform(0.0, np.pi)
    radius = int(np.ceil(3.0 * max(sigma_major, sigma_minor)))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float64)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    kernel = np.exp(-0.5 * ((along / sigma_major) ** 2 + (across / sigma_minor) ** 2))
    blurred = cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT_101)
    return blurred.astype(np.uint8, copy=False)


def _resize(
    image: NDArray[np.uint8], config: DegradationConfig, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Resize to a random size and back."""
    height, width = image.shape[:2]
    factor = rng.uniform(*config.resize_factor)
    there, back = rng.choice(_RESIZE_METHODS, size=2)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(image, size, interpolation=int(there))
    return cv2.resize(small, (width, height), interpolation=int(back)).astype(np.uint8, copy=False)


def _noise(
    image: NDArray[np.uint8], config: DegradationConfig, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Add Gaussian noise, of each channel or gray."""
    sigma = rng.uniform(*config.noise_sigma)
    channels = 1 if rng.random() < config.gray_noise_share else 3
    noise = rng.standard_normal((*image.shape[:2], channels), dtype=np.float32) * sigma
    return np.round(np.clip(image + noise, 0.0, 255.0)).astype(np.uint8)


def _jpeg(
    image: NDArray[np.uint8], config: DegradationConfig, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Compress and decompress as JPEG of a random quality."""
    low, high = config.jpeg_quality
    quality = int(rng.integers(low, high, endpoint=True))
    bgr = np.ascontiguousarray(image[..., ::-1])
    is_done, content = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert is_done, "OpenCV encodes every 8-bit picture"
    decoded = cv2.imdecode(content, cv2.IMREAD_COLOR)
    assert decoded is not None, "what was just encoded can be decoded"
    return np.ascontiguousarray(decoded[..., ::-1]).astype(np.uint8, copy=False)
