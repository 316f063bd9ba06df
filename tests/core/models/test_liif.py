import numpy as np
import pytest
import torch

from liifgan_core.coords import make_cell, make_coord
from liifgan_core.geometry import Size, Viewport
from liifgan_core.models.config import (
    EDSRConfig,
    FieldConfig,
    LIIFConfig,
    RRDBConfig,
    SRVGGConfig,
    Tap,
    TrunkConfig,
)
from liifgan_core.models.liif import LIIF, Decoded

SMALL = EDSRConfig(num_features=4, num_blocks=3)

GOLDEN_STRUCTURE = [
    [-0.596913, -1.076077, -0.827910],
    [-0.545651, -0.470425, -1.153098],
    [0.175126, -1.125034, -1.288612],
    [0.130252, -2.034826, -1.897443],
]
"""Four pixels of the structure layer, recorded with torch 2.13 on a CPU."""
GOLDEN_DETAIL = [
    [-0.612948, 0.495993, -1.301363],
    [-0.215315, 0.717991, -1.600581],
    [-0.396513, 0.253783, -1.188878],
    [-0.520332, 0.308242, -1.009390],
]


def lr_image(height: int = 5, width: int = 6) -> torch.Tensor:
    """Return the same picture in every version of torch and NumPy."""
    values = np.arange(3 * height * width) * 37 % 101 / 100
    return torch.from_numpy(values.reshape(1, 3, height, width).astype(np.float32))


def decode(network: LIIF, size: Size) -> Decoded:
    lr = lr_image()
    viewport, lr_shape = Viewport.whole(Size(5, 6), size), (5, 6)
    coord = torch.from_numpy(make_coord(viewport, lr_shape)).reshape(1, -1, 2)
    cell = torch.from_numpy(make_cell(viewport, lr_shape)).expand_as(coord)
    return network.query(network.encode(lr), coord, cell)


def test_the_tiny_network_gives_what_it_always_gave(detail_network: LIIF) -> None:
    decoded = decode(detail_network, Size(2, 2))
    assert decoded.detail_BQC is not None
    assert np.abs(decoded.structure_BQC[0].numpy() - GOLDEN_STRUCTURE).max() < 5e-6
    assert np.abs(decoded.detail_BQC[0].numpy() - GOLDEN_DETAIL).max() < 5e-6


@pytest.mark.parametrize(
    ("structure", "detail", "taps", "radius"),
    [
        ("last", None, ("last",), 8),
        (2, None, (2,), 5),
        ("last", 1, ("last", 1), 8),
        (1, 3, (1, 3), 7),
        (2, 2, (2,), 5),
        ("last", "last", ("last",), 8),
    ],
)
def test_each_tap_is_read_once_and_the_deepest_sets_the_radius(
    structure: Tap, detail: Tap | None, taps: tuple[Tap, ...], radius: int
) -> None:
    config = LIIFConfig(encoder=SMALL, hidden=(4,), structure_tap=structure, detail_tap=detail)
    network = LIIF(config)
    assert network.taps == taps
    assert network.receptive_radius == radius
    features = network.encode(lr_image())
    assert features.structure_BDHW.shape == (1, 4, 5, 6)
    assert (features.detail_BDHW is None) == (detail is None)
    if structure == detail:
        assert features.structure_BDHW is features.detail_BDHW


def test_a_tap_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="tap 4 is not in"):
        LIIF(LIIFConfig(encoder=SMALL, detail_tap=4))


def test_encoding_keeps_no_state(tiny_network: LIIF) -> None:
    first = tiny_network.encode(lr_image()).structure_BDHW
    tiny_network.encode(torch.zeros(1, 3, 9, 9))
    assert torch.equal(tiny_network.encode(lr_image()).structure_BDHW, first)


def test_the_input_is_normalised_around_grey(tiny_network: LIIF) -> None:
    grey = tiny_network.encode(torch.full((1, 3, 4, 4), 0.5)).structure_BDHW
    direct = tiny_network.encoder(torch.zeros(1, 3, 4, 4))["last"]
    assert torch.equal(grey, direct)


def test_blending_adds_the_detail_in_proportion(detail_network: LIIF) -> None:
    decoded = decode(detail_network, Size(4, 4))
    assert decoded.detail_BQC is not None
    assert torch.equal(decoded.blend(0.0), decoded.structure_BQC)
    assert torch.equal(decoded.blend(), decoded.structure_BQC + decoded.detail_BQC)
    assert torch.allclose(decoded.blend(0.5), (decoded.blend(0.0) + decoded.blend(1.0)) / 2)


def test_without_detail_the_strength_changes_nothing(tiny_network: LIIF) -> None:
    decoded = decode(tiny_network, Size(4, 4))
    assert decoded.detail_BQC is None
    assert torch.equal(decoded.blend(2.0), decoded.structure_BQC)


@pytest.mark.parametrize(
    ("trunk", "radius"),
    [
        (RRDBConfig(num_features=6, num_growth=2, num_blocks=1), 17),
        (SRVGGConfig(num_features=5, num_convs=2), 8),
    ],
)
def test_a_trunk_feeds_the_detail_decoder_only(
    trunk: RRDBConfig | SRVGGConfig, radius: int
) -> None:
    torch.manual_seed(0)
    config = LIIFConfig(
        encoder=SMALL,
        hidden=(4,),
        detail_trunk=TrunkConfig(network=trunk, unit=0.25),
        detail_field=FieldConfig(order=1, num_blocks=1, block_width=7, block_slope=0.1),
    )
    network = LIIF(config).requires_grad_(False)
    assert network.receptive_radius == radius
    assert network.detail is not None
    assert network.detail.in_channels == trunk.num_features
    calls: list[int] = []
    features = network.encode(lr_image(), between_blocks=lambda: calls.append(1))
    assert len(calls) == 3 + 3
    assert features.detail_BDHW is not None
    assert network.detail_encoder is not None
    # The trunk sees RGB in [0, 1], not the encoder's [-1, 1].
    direct = network.detail_encoder(lr_image())
    torch.testing.assert_close(features.detail_BDHW, direct * 4.0)
    plain = LIIF(LIIFConfig(encoder=SMALL, hidden=(4,)))
    kept = {n: t for n, t in network.state_dict().items() if not n.startswith("detail")}
    plain.load_state_dict(kept)
    expected = plain.encode(lr_image()).structure_BDHW
    torch.testing.assert_close(features.structure_BDHW, expected)

    before = decode(network, Size(8, 8)).blend()
    network.lower(torch.bfloat16)
    assert network.detail_encoder(lr_image()).isfinite().all()
    torch.testing.assert_close(decode(network, Size(8, 8)).blend(), before, rtol=0.05, atol=0.05)


def test_an_external_trunk_has_no_weights_until_it_is_given() -> None:
    trunk = TrunkConfig(network=RRDBConfig(), sha256="0" * 64)
    network = LIIF(LIIFConfig(encoder=SMALL, hidden=(4,), detail_trunk=trunk))
    assert network.detail_encoder is not None
    assert all(parameter.is_meta for parameter in network.detail_encoder.parameters())
    assert not any(parameter.is_meta for parameter in network.structure.parameters())
