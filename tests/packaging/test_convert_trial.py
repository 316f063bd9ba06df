from collections.abc import Mapping

import convert_trial
import torch
from torch import Tensor

from liifgan_core.models.config import (
    EDSRConfig,
    FieldConfig,
    LIIFConfig,
    RRDBConfig,
    TrunkConfig,
)
from liifgan_core.models.field_decoder import FieldDecoder
from liifgan_core.models.liif import LIIF


def _network() -> LIIF:
    return LIIF(
        LIIFConfig(
            encoder=EDSRConfig(num_features=4, num_blocks=1),
            hidden=(4,),
            detail_trunk=TrunkConfig(
                network=RRDBConfig(num_features=6, num_growth=3, num_blocks=2)
            ),
            detail_field=FieldConfig(order=1, num_blocks=2, block_width=8, block_slope=0.1),
        )
    ).requires_grad_(False)


def _trial() -> dict[str, Tensor]:
    """Return a trial's tensors, random."""
    shapes: dict[str, tuple[int, int]] = {"m.first": (6, 3), "m.body": (6, 6)}
    for block in range(2):
        shapes |= {f"h.b.{block}.a": (8, 6), f"h.b.{block}.b": (6, 8)}
        for dense in range(3):
            for number in range(4):
                shapes[f"m.b.{block}.{dense}.c.{number}"] = (3, 6 + 3 * number)
            shapes[f"m.b.{block}.{dense}.c.4"] = (6, 18)
    found = {"m.scale": torch.tensor([0.5, -0.25])}
    for name, (out, into) in shapes.items():
        found |= {
            f"{name}.weight": torch.randn(out, into, 3, 3) / 6,
            f"{name}.bias": torch.randn(out),
        }
    return found


def _conv(x: Tensor, tensors: Mapping[str, Tensor], name: str) -> Tensor:
    weight, bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    return torch.nn.functional.conv2d(x, weight, bias, padding=1)


def _leaky(x: Tensor, slope: float) -> Tensor:
    return torch.where(x > 0, x, slope * x)


def test_trunk_and_blocks_compute_what_the_trials_did():
    """Against the trial's formulas, written out."""
    torch.manual_seed(0)
    network, trial = _network(), _trial()
    assert convert_trial.take(network, trial) == set(trial)
    x = torch.rand(1, 3, 7, 6)
    first = feat = _conv(x, trial, "m.first")
    for block, factor in enumerate((0.5, -0.25)):
        inner = feat
        for dense in range(3):
            name, seen = f"m.b.{block}.{dense}.c", [inner]
            for number in range(4):
                seen.append(_leaky(_conv(torch.cat(seen, 1), trial, f"{name}.{number}"), 0.2))
            inner = inner + 0.2 * _conv(torch.cat(seen, 1), trial, f"{name}.4")
        feat = feat + factor * inner
    feat = first + _conv(feat, trial, "m.body")
    torch.testing.assert_close(network.encode_detail(x), feat)
    assert isinstance(network.detail, FieldDecoder)
    refined = network.detail.refined(feat)
    for block in range(2):
        hidden = _leaky(_conv(feat, trial, f"h.b.{block}.a"), 0.1)
        feat = feat + _conv(hidden, trial, f"h.b.{block}.b")
    torch.testing.assert_close(refined, feat)


def test_a_readout_alone_leaves_the_trunk():
    network = _network()
    before = {name: t.clone() for name, t in network.state_dict().items()}
    trial = {name: t for name, t in _trial().items() if name.startswith("h.")}
    assert convert_trial.take(network, trial) == set(trial)
    changed = {n for n, t in network.state_dict().items() if not torch.equal(t, before[n])}
    assert changed == {
        f"detail.blocks.{n}.conv{c}.{kind}"
        for n in range(2)
        for c in (1, 2)
        for kind in ("weight", "bias")
    }
