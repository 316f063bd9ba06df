import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as PilImage

from liifgan_core.evaluation import fixed_scale
from liifgan_core.evaluation.fixed_scale import FixedScale, resized_for
from liifgan_core.geometry import Size


class Repeat:
    """Repeats each pixel; notes the sizes that it saw."""

    fingerprint = "repeat"

    def __init__(self, scale: int = 4, gain: float = 1.0) -> None:
        self.scale, self._gain = scale, gain
        self.seen: list[tuple[int, int]] = []

    def run(self, rgb_HWC: NDArray[np.float32]) -> NDArray[np.float32]:
        self.seen.append((rgb_HWC.shape[0], rgb_HWC.shape[1]))
        return rgb_HWC.repeat(self.scale, axis=0).repeat(self.scale, axis=1) * self._gain


def _ramp(height: int, width: int) -> np.ndarray:
    """A picture whose values grow linearly to the right (red) and downwards (green)."""
    rows, cols = np.mgrid[:height, :width]
    rgb = np.stack([cols * 200.0 / width, rows * 200.0 / height, np.full_like(rows, 100.0)], -1)
    return np.round(rgb + 20.0).astype(np.uint8)


def test_at_its_own_factor_the_input_stays_as_it_is():
    network, lr = Repeat(), _ramp(7, 9)
    result = FixedScale("r", network).upscale(lr, Size(28, 36))
    assert network.seen == [(7, 9)]
    np.testing.assert_array_equal(result[::4, ::4], lr.astype(np.float32) / np.float32(255.0))


def test_beyond_it_the_input_is_first_resized_by_bicubic():
    lr = _ramp(10, 12)
    found = resized_for(lr, Size(60, 72), 4)  # x6 of a x4 network
    channels = [PilImage.fromarray(lr[..., c].astype(np.float32)) for c in range(3)]
    resized = [np.asarray(c.resize((18, 15), PilImage.Resampling.BICUBIC)) for c in channels]
    np.testing.assert_allclose(found, np.stack(resized, -1) / 255.0, atol=1e-5)


@given(st.integers(8, 40), st.integers(8, 40), st.floats(4.0, 9.0), st.sampled_from([2, 3, 4]))
def test_sizes_that_are_no_multiple_are_cut_off_and_stay_in_place(
    height: int, width: int, scale: float, factor: int
):
    lr = _ramp(height, width)
    size = Size(round(height * scale), round(width * scale))
    result = FixedScale("r", Repeat(factor)).upscale(lr, size)
    assert result.shape == (size.height, size.width, 3)
    # Away from the edges, where bicubic keeps a ramp, each block of `factor` pixels has the value
    # of its centre.
    inner = [int(np.ceil(3 * scale)), int(np.ceil(3 * scale))]
    cols = np.arange(inner[1], size.width - inner[1])
    centre = cols // factor * factor + factor / 2.0
    lr_col = centre * width / size.width - 0.5
    expected = (lr_col * 200.0 / width + 20.0) / 255.0
    middle = result[size.height // 2, cols, 0]
    np.testing.assert_allclose(middle, expected, atol=1.5 / 255.0)


def test_values_are_clipped():
    result = FixedScale("r", Repeat(2, gain=3.0)).upscale(_ramp(8, 8), Size(16, 16))
    assert result.max() == 1.0


def test_large_inputs_are_run_in_tiles_without_seams(monkeypatch: pytest.MonkeyPatch):
    lr = _ramp(23, 31)
    whole = FixedScale("r", Repeat()).upscale(lr, Size(92, 124))
    monkeypatch.setattr(fixed_scale, "_MAX_TILE_SIDE", 8)
    monkeypatch.setattr(fixed_scale, "_HALO", 2)
    network = Repeat()
    np.testing.assert_array_equal(FixedScale("r", network).upscale(lr, Size(92, 124)), whole)
    assert len(network.seen) == 12
    assert all(max(seen) <= 12 for seen in network.seen)


def test_it_has_nothing_below_its_factor():
    assert FixedScale("r", Repeat(3)).least_scale == 3.0
