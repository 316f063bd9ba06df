"""Networks of files, against plain convolutions written out and against ncnn's own run."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import ncnn
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image as PilImage
from torch import Tensor

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import RRDBConfig, SRVGGConfig
from liifgan_core.models.rrdb import RRDBNet, RRDBTrunk
from liifgan_core.models.srvgg import SRVGGNet, SRVGGTrunk
from liifgan_core.resources import resource_path
from liifgan_core.weights.ncnn_file import read_ncnn
from liifgan_core.weights.trunk_store import load_network, load_trunk, network_from_layers
from liifgan_core.weights.trunks import NETWORKS, find_network
from tests.core.weights.ncnn_pair import (
    Layers,
    convolution,
    prelu,
    rrdb_layers,
    srvgg_layers,
    write_pair,
)

RRDB = RRDBConfig(num_features=8, num_growth=4, num_blocks=2)
SRVGG = SRVGGConfig(num_features=8, num_convs=3)


def _conv(x: Tensor, layer: tuple[np.ndarray, ...]) -> Tensor:
    weight, bias = (torch.from_numpy(one.astype(np.float64)) for one in layer)
    return F.conv2d(x, weight, bias, padding=1)


def _leaky(x: Tensor, slope: float | Tensor = 0.2) -> Tensor:
    return torch.where(x > 0, x, slope * x)


def _doubled(x: Tensor) -> Tensor:
    return x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)


def rrdb_reference(layers: Sequence[tuple[np.ndarray, ...]], x: Tensor) -> tuple[Tensor, Tensor]:
    """Return features and picture, in float64, from the layers in their file's order."""
    rest = iter(layers)
    first = feat = _conv(x, next(rest))
    for _ in range((len(layers) - 6) // 15):
        block = feat
        for _ in range(3):
            seen = [block]
            for _ in range(4):
                seen.append(_leaky(_conv(torch.cat(seen, 1), next(rest))))
            block = block + 0.2 * _conv(torch.cat(seen, 1), next(rest))
        feat = feat + 0.2 * block
    feat = picture = first + _conv(feat, next(rest))
    for _ in range(2):
        picture = _leaky(_conv(_doubled(picture), next(rest)))
    picture = _conv(_leaky(_conv(picture, next(rest))), next(rest))
    return feat, picture


def srvgg_reference(layers: Sequence[tuple[np.ndarray, ...]], x: Tensor) -> tuple[Tensor, Tensor]:
    """Return features and picture, in float64, from the layers in their file's order."""
    feat = x
    for conv, (slopes,) in zip(layers[:-1:2], layers[1::2], strict=True):
        slope = torch.from_numpy(slopes.astype(np.float64))[:, None, None]
        feat = _leaky(_conv(feat, conv), slope)
    mixed = _conv(feat, layers[-1])
    picture = _doubled(_doubled(x))
    for row in range(4):
        for column in range(4):
            picture[:, :, row::4, column::4] += mixed[:, 4 * row + column :: 16]
    return feat, picture


def _picture(height: int, width: int) -> Tensor:
    values = np.random.default_rng(3).uniform(0.0, 1.0, (1, 3, height, width))
    return torch.from_numpy(values)


def _crop(side: int = 24) -> np.ndarray:
    """Return a crop of a sample photo, (side, side, 3) in [0, 1], float32."""
    with PilImage.open(resource_path("samples", "osprey.png")) as stored:
        pixels = np.asarray(stored.convert("RGB"))[100 : 100 + side, 100 : 100 + side]
    return pixels.astype(np.float32) / 255


@pytest.mark.parametrize(
    ("config", "layers", "reference"),
    [
        (RRDB, rrdb_layers(RRDB), rrdb_reference),
        (SRVGG, srvgg_layers(SRVGG), srvgg_reference),
    ],
)
def test_a_network_of_a_file_equals_its_formula(config, layers: Layers, reference, tmp_path: Path):
    param, weights = write_pair(tmp_path, layers)
    network = network_from_layers(read_ncnn(param, weights), config, where=weights)
    assert not network.training
    assert all(p.dtype == torch.float32 and not p.requires_grad for p in network.parameters())
    image = _picture(9, 7)
    features, picture = reference(layers, image)
    network = network.double()
    torch.testing.assert_close(network.trunk(image), features)
    torch.testing.assert_close(network.draw(features, image), picture)
    torch.testing.assert_close(network(image), picture)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda layers: layers[:-1], "has 35 layers; this network has 36"),
        (lambda layers: [*layers, layers[-1]], "has 37 layers; this network has 36"),
        (lambda layers: [layers[1], layers[0], *layers[2:]], "the layer l0 has the shapes"),
        (lambda layers: [*layers[:-1], (np.ones(3, np.float32),)], "the layer l35 has the shapes"),
    ],
)
def test_files_of_other_networks_are_refused(change, message: str, tmp_path: Path):
    param, weights = write_pair(tmp_path, change(rrdb_layers(RRDB)))
    with pytest.raises(WeightsError, match=message):
        network_from_layers(read_ncnn(param, weights), RRDB, where=weights)


@pytest.mark.parametrize("name", ["realsr", "realesrgan-x4plus"])
def test_the_packages_networks_draw_what_ncnn_draws(name: str):
    """Within 1/255; measured are 0.001/255 (AVX-512, 2026-11)."""
    path = find_network(name)
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.num_threads = 1
    assert net.load_param(str(path.with_suffix(".param"))) == 0
    assert net.load_model(str(path)) == 0
    extractor = net.create_extractor()
    rgb_CHW = np.ascontiguousarray(_crop().transpose(2, 0, 1))
    extractor.input("data", ncnn.Mat(rgb_CHW))
    status, output = extractor.extract("output")
    assert status == 0
    network = load_network(name)
    assert isinstance(network, RRDBNet)
    found = network(torch.from_numpy(rgb_CHW)[None])[0].numpy()
    assert found.shape == (3, 96, 96)
    assert abs(found - np.array(output)).max() < 1 / 255


def test_the_shipped_network_equals_its_formula_and_its_source():
    """ncnn's own run of this network gives garbage on some processors, so it cannot decide."""
    network = load_network("general-x4v3")
    assert isinstance(network, SRVGGNet)
    state = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    layers: Layers = []
    for number in range(33):
        name = f"trunk.layers.{number}"
        layers += [(state[f"{name}.0.weight"], state[f"{name}.0.bias"])]
        layers += [(state[f"{name}.1.weight"],)]
    layers += [(state["conv_last.weight"], state["conv_last.bias"])]
    image = torch.from_numpy(_crop().transpose(2, 0, 1).astype(np.float64))[None]
    features, picture = srvgg_reference(layers, image)
    # In float64, as only the formula is in question and the weights are exact in both.
    network = network.double()
    torch.testing.assert_close(network.trunk(image), features)
    torch.testing.assert_close(network(image), picture)
    original = b"".join(convolution(*one) if len(one) == 2 else prelu(*one) for one in layers)
    assert len(original) == 2_435_272
    # The .bin that packaging/convert_general_x4v3.py read: nothing was lost.
    source = "85ee266b632a765a725425ba6a5620c088c8aa2939a03063b2d83b3462724cc1"
    assert hashlib.sha256(original).hexdigest() == source


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_enlarges_a_photo_and_does_not_shift_it(name: str):
    image = torch.from_numpy(_crop(32).transpose(2, 0, 1).copy())[None]
    reduced = F.avg_pool2d(load_network(name)(image), 4)
    difference = (reduced - image)[..., 4:-4, 4:-4]
    assert difference.abs().mean() < 0.04
    shifted = (reduced - image.roll(1, dims=3))[..., 4:-4, 4:-4]
    assert difference.abs().mean() < 0.6 * shifted.abs().mean()


def test_a_trunk_is_named_by_its_weights():
    trunk = load_trunk(NETWORKS["general-x4v3"].sha256)
    assert isinstance(trunk, SRVGGTrunk)
    whole = load_trunk(NETWORKS["realsr"].sha256)
    short = load_trunk(NETWORKS["realsr"].sha256, blocks=range(0, 23, 4))
    assert isinstance(whole, RRDBTrunk)
    assert isinstance(short, RRDBTrunk)
    assert (whole.receptive_radius, short.receptive_radius) == (347, 92)
    assert torch.equal(
        short.blocks[5].dense[2].conv_last.weight, whole.blocks[20].dense[2].conv_last.weight
    )
    assert short.block_factors.tolist() == pytest.approx([0.2] * 6)


def test_a_trunk_that_is_not_known_or_has_no_such_blocks_is_an_error():
    with pytest.raises(WeightsError, match="no network is known whose weights"):
        load_trunk("0" * 64)
    with pytest.raises(ValueError, match=r"blocks \[23\] are not"):
        load_trunk(NETWORKS["realsr"].sha256, blocks=[23])
    with pytest.raises(ValueError, match="only an RRDB trunk has blocks"):
        load_trunk(NETWORKS["general-x4v3"].sha256, blocks=[0])
