"""Deep blocks: more encoder behind the trunk, for the detail decoder alone."""

import numpy as np
import pytest
import torch

from liifgan_core.geometry import Size, Viewport
from liifgan_core.images.image import Image
from liifgan_core.models.config import EDSRConfig, LIIFConfig, Tap
from liifgan_core.models.encoders import EDSR
from liifgan_core.models.liif import LIIF
from liifgan_core.render import encoded_tiles
from liifgan_core.render.continuous_image import ContinuousImage
from tests.conftest import Place, seeded_network

SHALLOW = EDSRConfig(num_features=6, num_blocks=3)
DEEP = EDSRConfig(num_features=6, num_blocks=3, num_deep_blocks=2)


@pytest.fixture(scope="module")
def network() -> LIIF:
    """Structure reads the trunk, detail what lies two blocks deeper."""
    encoder = EDSRConfig(num_features=8, num_blocks=2, num_deep_blocks=2)
    config = LIIFConfig(encoder=encoder, hidden=(16,), structure_tap="trunk", detail_tap="last")
    return seeded_network(config, seed=2)


@pytest.mark.parametrize(
    ("taps", "radius"), [(("trunk",), 8), (("last",), 12), (("trunk", "last"), 12), ((3,), 7)]
)
def test_deep_blocks_widen_the_last_tap_only(taps: tuple[Tap, ...], radius: int) -> None:
    assert EDSR(DEEP).receptive_radius(taps) == radius


@pytest.mark.parametrize("tap", ["trunk", "last"])
def test_the_receptive_radius_is_exact(tap: Tap) -> None:
    torch.manual_seed(0)
    encoder = EDSR(DEEP).double().requires_grad_(False)
    for parameter in encoder.parameters():
        parameter.abs_()  # Positive everywhere: no change can be lost in a ReLU.
    radius = encoder.receptive_radius([tap])
    centre = radius + 3
    image = torch.rand(1, 3, 2 * centre + 1, 2 * centre + 1, dtype=torch.float64)
    changed = image.clone()
    changed[0, :, centre, centre] += 0.5
    difference = (encoder(changed, (tap,))[tap] - encoder(image, (tap,))[tap])[0].abs().amax(0)
    distance = np.abs(np.arange(2 * centre + 1) - centre)
    is_near = torch.from_numpy(np.maximum(distance[:, None], distance[None]) <= radius)
    assert (difference[is_near] > 0).all()
    assert (difference[~is_near] == 0).all()


def test_the_trunk_is_the_last_feature_map_of_the_same_encoder_without_deep_blocks() -> None:
    torch.manual_seed(0)
    deep, shallow = EDSR(DEEP), EDSR(SHALLOW)
    assert shallow.load_state_dict(deep.state_dict(), strict=False).missing_keys == []
    image = torch.rand(1, 3, 7, 6)
    found = deep(image, ("trunk", "last"))
    expected = shallow(image, ("trunk", "last"))
    assert torch.equal(found["trunk"], expected["last"])
    assert torch.equal(expected["trunk"], expected["last"])
    assert not torch.equal(found["last"], found["trunk"])


def test_deep_blocks_that_nobody_reads_are_not_run() -> None:
    calls: list[None] = []
    image = torch.rand(1, 3, 4, 4)
    EDSR(DEEP)(image, ("trunk",), between_blocks=lambda: calls.append(None))
    assert len(calls) == 3
    EDSR(DEEP)(image, ("last",), between_blocks=lambda: calls.append(None))
    assert len(calls) == 3 + 5


@pytest.mark.parametrize("tile", [5, 8])
def test_tiles_equal_the_whole_picture(
    tile: int, network: LIIF, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (27, 31, 3), dtype=np.uint8)
    viewport = Viewport.whole(Size(27, 31), Size(70, 81))
    whole = ContinuousImage.encode(Image(pixels), place(network)).render(viewport)
    monkeypatch.setattr(encoded_tiles, "TILE", tile)
    tiled = ContinuousImage.encode(Image(pixels), place(network)).render(viewport)
    assert np.abs(tiled - whole).max() < 1e-5
    assert float(whole.std()) > 0.05
