"""Back-projection in a stream: against the whole picture at once, and against Pillow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as PilImage

from liifgan_core.errors import LiifganError
from liifgan_core.geometry import Size
from liifgan_core.images.metadata.enlarged import Consistent
from liifgan_core.render import consistency
from liifgan_core.render.consistency import Consistency

Floats = NDArray[np.float32]


def smooth(size: Size, seed: int = 0) -> Floats:
    """Waves between 0.2 and 0.8 with a little noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size.height, : size.width]
    waves = [np.sin(y / (3 + c) + c) * np.cos(x / (4 + c)) for c in range(3)]
    noise = rng.normal(0, 0.02, (size.height, size.width, 3))
    return (0.5 + 0.28 * np.stack(waves, -1) + noise).clip(0, 1).astype(np.float32)


def reduced(picture: Floats, size: Size) -> Floats:
    planes = [
        PilImage.fromarray(np.ascontiguousarray(picture[..., c])).resize(
            (size.width, size.height), PilImage.Resampling.BICUBIC
        )
        for c in range(3)
    ]
    return np.stack([np.asarray(plane) for plane in planes], -1)


def enlarged(picture: Floats, size: Size, seed: int = 1) -> Floats:
    """A result that is not consistent: too bright, blurred, with noise of its own."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 0.03, (size.height, size.width, 3))
    return (reduced(picture, size) + 0.02 + noise).clip(0, 1).astype(np.float32)


def reader(picture: Floats):
    return lambda tile: picture[tile.top : tile.bottom, tile.left : tile.right]


def run(
    photo: Floats, result: Floats, step: int, kind: Consistent = "full", depth: int = 8
) -> tuple[Floats, Consistency]:
    lr, size = Size(*photo.shape[:2]), Size(*result.shape[:2])
    made = Consistency(reader(photo), lr, size, kind=kind, bit_depth=depth)
    bands = (result[top : top + step] for top in range(0, size.height, step))
    return np.concatenate(list(made.rows(bands))), made


@pytest.mark.parametrize("size", [Size(120, 144), Size(111, 100), Size(40, 48), Size(41, 170)])
def test_the_reduced_result_gives_the_photo_back(size: Size) -> None:
    photo = smooth(Size(40, 48))
    result = enlarged(photo, size)
    before = np.abs(reduced(result, Size(40, 48)) - photo).mean() * 255
    made, told = run(photo, result, 16)
    assert made.shape == result.shape
    assert made.min() >= 0
    assert made.max() <= 1
    # As the file has it, reduced by another hand.
    stored = np.rint(made * 255).astype(np.float32) / np.float32(255)
    after = float(np.abs(reduced(stored, Size(40, 48)) - photo).mean() * 255)
    assert before > 2.0
    assert after < 0.5
    assert told.error == pytest.approx(after, abs=1e-3)
    told.check()


@given(
    st.integers(1, 30),
    st.integers(1, 30),
    st.floats(1.0, 6.0),
    st.floats(1.0, 3.0),
    st.integers(1, 40),
    st.sampled_from(["full", "low frequencies"]),
)
def test_rows_in_any_portions_give_what_the_whole_does(
    height: int, width: int, down: float, across: float, step: int, kind: Consistent
) -> None:
    photo = smooth(Size(height, width))
    size = Size(max(height, round(height * down)), max(width, round(width * across)))
    result = enlarged(photo, size)
    whole, told = run(photo, result, size.height, kind)
    parts, again = run(photo, result, step, kind)
    np.testing.assert_allclose(parts, whole, atol=1e-6)
    assert again.error == pytest.approx(told.error, abs=1e-4)


def test_memory_does_not_grow_with_the_height(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    append = consistency._Window.append

    def counted(self: consistency._Window, rows: Floats) -> None:
        append(self, rows)
        held.append(sum(part.nbytes for part in self._parts))

    monkeypatch.setattr(consistency._Window, "append", counted)
    for height in (400, 1600):
        held.clear()
        photo = smooth(Size(height, 8))
        made = Consistency(
            reader(photo), Size(height, 8), Size(3 * height, 24), kind="full", bit_depth=8
        )
        result = enlarged(photo, Size(3 * height, 24))
        for _ in made.rows(result[top : top + 30] for top in range(0, 3 * height, 30)):
            pass
        assert max(held) <= made.held_bytes() + 2 * 30 * 24 * 12


def test_a_result_that_is_consistent_already_is_hardly_touched() -> None:
    original = smooth(Size(120, 120))
    photo = reduced(original, Size(40, 40)).clip(0, 1)
    made, told = run(photo, original, 16, depth=16)
    assert np.abs(made - original).max() < 1e-4
    assert told.error < 0.01


def test_low_frequencies_come_back_and_noise_does_not() -> None:
    clean = smooth(Size(60, 60))
    rng = np.random.default_rng(3)
    noisy = (clean + rng.normal(0, 0.08, clean.shape)).clip(0, 1).astype(np.float32)
    result = (reduced(clean, Size(180, 180)) + 0.03).clip(0, 1).astype(np.float32)
    made, told = run(noisy, result, 16, "low frequencies")
    full, _ = run(noisy, result, 16, "full")
    truth = reduced(clean, Size(180, 180))
    # The cast of colour goes, and the noise stays away.
    assert told.error < 0.5
    assert abs(float((made - truth).mean())) < 0.002
    assert np.abs(made - truth).mean() < 0.35 * np.abs(full - truth).mean()


def test_a_promise_that_is_not_kept_is_an_error() -> None:
    # Nothing can be brighter than white: what the filter overshoots is cut off.
    photo = np.zeros((20, 20, 3), np.float32)
    photo[::2] = 1.0
    _, told = run(photo, np.full((40, 40, 3), 0.5, np.float32), 7)
    assert told.error > 0.5
    with pytest.raises(LiifganError, match=r"could not be made consistent.*/255 on average"):
        told.check()


@pytest.mark.parametrize("size", [Size(39, 80), Size(80, 47)])
def test_a_result_smaller_than_its_photo_is_refused(size: Size) -> None:
    with pytest.raises(LiifganError, match="smaller than its photo"):
        Consistency(
            lambda tile: smooth(Size(tile.height, 48)), Size(40, 48), size, kind="full", bit_depth=8
        )


def test_the_error_is_known_at_the_end_only() -> None:
    made = Consistency(
        lambda tile: smooth(Size(4, 4)), Size(4, 4), Size(8, 8), kind="full", bit_depth=8
    )
    with pytest.raises(ValueError, match="not been drawn"):
        _ = made.error
