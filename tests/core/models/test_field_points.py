import pytest
import torch
from torch import Tensor

from liifgan_core.models import field_points
from liifgan_core.models.config import FieldConfig
from liifgan_core.models.field_decoder import FieldDecoder
from liifgan_core.models.field_points import FieldPoints
from liifgan_core.models.mlp_decoder import MLPDecoder

HIDDEN = (8, 6)


def _points(points: int) -> FieldPoints:
    torch.manual_seed(points)
    return FieldPoints(4, HIDDEN, 5, points=points).requires_grad_(False)


def _features(height: int, width: int) -> Tensor:
    return torch.randn(2, 4, height, width, generator=torch.Generator().manual_seed(height))


def _hidden_of_mlp(mlp: MLPDecoder, feat: Tensor, offset: tuple[float, float]) -> Tensor:
    """LIIF's last hidden layer at one place of every LR pixel, from the unfolded features."""
    batch, _, height, width = feat.shape
    code = torch.nn.functional.unfold(feat, 3, padding=1).mT
    place = torch.tensor([*offset, 0.5, 0.5]).expand(*code.shape[:2], 4)
    hidden = torch.cat([code, place], dim=-1)
    for layer in mlp.linears[:-1]:
        hidden = torch.relu(layer(hidden))
    return hidden.mT.view(batch, -1, height, width)


@pytest.mark.parametrize(
    ("points", "wanted"), [(1, [0.0]), (2, [-0.5, 0.5]), (4, [-0.75, -0.25, 0.25, 0.75])]
)
def test_points_are_spread_evenly_over_the_lr_pixel(points: int, wanted: list[float]):
    assert _points(points).offsets == [(y, x) for y in wanted for x in wanted]


@pytest.mark.parametrize("points", [1, 2])
def test_they_can_begin_as_an_mlps_hidden_units(points: int):
    torch.manual_seed(0)
    mlp = MLPDecoder(4, HIDDEN).requires_grad_(False)
    taken = _points(points)
    taken.take_mlp(mlp)
    feat = _features(5, 3)
    wanted = [
        torch.einsum("ck,bkhw->bchw", readout.weight[:, :, 0, 0], _hidden_of_mlp(mlp, feat, offset))
        for readout, offset in zip(taken.readouts, taken.offsets, strict=True)
    ]
    torch.testing.assert_close(taken(feat), sum(wanted), atol=1e-6, rtol=1e-5)


def test_strips_equal_the_whole(monkeypatch: pytest.MonkeyPatch):
    points, feat = _points(2), _features(7, 5)
    calls: list[None] = []
    with torch.enable_grad():
        whole = points(feat)
    monkeypatch.setattr(field_points, "_STRIP_PIXELS", 2 * 5)
    with torch.inference_mode():
        strips = points(feat, between_points=lambda: calls.append(None))
    torch.testing.assert_close(strips, whole, atol=1e-6, rtol=1e-5)
    assert len(calls) == 4 * 4, "at every point of each strip of two rows"


def test_silent_points_add_nothing():
    torch.manual_seed(0)
    decoder = FieldDecoder(4, FieldConfig(order=1, num_blocks=1, points=2), HIDDEN)
    assert decoder.points is not None
    feat = _features(4, 4)
    with_points = decoder.coefficients(feat)
    decoder.points.silence()
    without = decoder.coefficients(feat)
    plain = FieldDecoder(4, FieldConfig(order=1, num_blocks=1))
    plain.load_state_dict(
        {n: t for n, t in decoder.state_dict().items() if not n.startswith("points.")}
    )
    torch.testing.assert_close(without, plain.coefficients(feat))
    assert float((with_points - without).detach().abs().max()) > 1e-3
