import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.photo_quality import (
    BLOCK_EDGES,
    NOISE,
    block_edges,
    jpeg_quality,
    noise_deviation,
    photo_quality,
)
from liifgan_core.resources import resource_path

SAMPLES = sorted(resource_path("samples").glob("*.*g"))


def test_noise_of_a_known_deviation_is_found_on_slopes_too() -> None:
    rows, columns = np.mgrid[:256, :256].astype(np.float32)
    plain = 60.0 + 0.3 * rows + 0.1 * columns
    assert noise_deviation(plain) == pytest.approx(0.0, abs=0.01)
    for deviation in (1.0, 4.0, 12.0):
        noise = np.random.default_rng(1).normal(0, deviation, plain.shape)
        found = noise_deviation((plain + noise).astype(np.float32))
        assert found == pytest.approx(deviation, rel=0.15)


def test_texture_on_half_of_a_photo_is_no_noise() -> None:
    luma = np.full((256, 256), 120.0, np.float32)
    luma[:, 128:] += np.random.default_rng(2).normal(0, 30, (256, 128)).astype(np.float32)
    assert noise_deviation(luma) == pytest.approx(0.0, abs=0.5)


def test_clipped_places_hide_no_noise() -> None:
    luma = np.full((256, 256), 255.0, np.float32)
    luma[:, 192:] = 128 + np.random.default_rng(3).normal(0, 6, (256, 64)).astype(np.float32)
    assert noise_deviation(luma) == pytest.approx(6.0, rel=0.2)
    assert noise_deviation(np.full((64, 64), 255.0, np.float32)) == 0.0


@pytest.mark.parametrize("offset", [0, 3])
def test_steps_at_block_edges_are_measured_wherever_they_begin(offset: int) -> None:
    columns = (np.arange(256) + offset) // 8 % 2
    luma = np.tile(100.0 + 2.0 * columns, (256, 1)).astype(np.float32)
    # 2 at every edge across, none down, no steps beside; what chance may give is little.
    assert block_edges(luma) == pytest.approx((2.0 + 0.0) / 2, abs=0.02)


def test_small_pictures_have_nothing_to_say() -> None:
    small = Image(np.full((5, 7, 3), 90, np.uint8))
    found = photo_quality(small)
    assert (found.jpeg_quality, found.block_edges, found.noise) == (None, 0.0, 0.0)
    assert found.flaws == ()


@pytest.mark.parametrize("quality", [2, 30, 50, 70, 90, 100])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_quality_is_read_from_the_tables(quality: int, mode: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    PillowImage.new(mode, (16, 16)).save(path, quality=quality)
    found = jpeg_quality(path)
    assert found is not None
    assert abs(found - quality) <= 1


def test_other_files_have_no_quality(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    assert jpeg_quality(path) is None
    path.write_bytes(b"nothing")
    assert jpeg_quality(path) is None
    PillowImage.new("RGB", (16, 16)).save(path, "PNG")
    assert jpeg_quality(path) is None


def test_clean_and_spoilt_samples_are_told_apart(tmp_path: Path) -> None:
    assert SAMPLES
    for sample in SAMPLES:
        image = read_image(sample)
        plain = image.samples
        noise = np.random.default_rng(4).normal(0, 8, plain.shape)
        noisy = np.clip(plain + noise, 0, 255).astype(np.uint8)
        assert photo_quality(Image(plain)).flaws == (), sample.name
        assert photo_quality(Image(noisy)).flaws == ("noisy",), sample.name
        saved = io.BytesIO()
        PillowImage.fromarray(plain).save(saved, "JPEG", quality=45)
        # As a screenshot or a crop would be: no tables, and blocks that begin elsewhere.
        cropped = np.asarray(PillowImage.open(saved).convert("RGB"))[3:, 5:].copy()
        assert photo_quality(Image(cropped)).flaws == ("compressed",), sample.name
        path = tmp_path / "a.jpg"
        path.write_bytes(saved.getvalue())
        assert photo_quality(read_image(path), path).jpeg_quality == 45


def test_a_photo_of_many_windows_is_judged_as_a_small_one() -> None:
    rng = np.random.default_rng(5)
    large = np.clip(128 + rng.normal(0, 10, (1500, 2100, 1)), 0, 255).astype(np.uint8)
    found = photo_quality(Image(np.repeat(large, 3, axis=2)))
    assert found.noise == pytest.approx(10.0, rel=0.15)
    assert found.noise >= NOISE
    assert found.block_edges < BLOCK_EDGES
