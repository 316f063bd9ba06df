import pytest
import torch
import torch.nn.functional as F

from liifgan_core.models.feature_networks import BlurPool, build_feature_network

VGG19_CONVS = [64] * 2 + [128] * 2 + [256] * 4 + [512] * 8
VGG16_CONVS = [64] * 2 + [128] * 2 + [256] * 3 + [512] * 6


def _tensors(widths: list[int], names: list[str]) -> dict[str, torch.Tensor]:
    found, in_channels = {}, 3
    for width, name in zip(widths, names, strict=True):
        found[f"{name}.weight"] = torch.zeros(width, in_channels, 3, 3)
        found[f"{name}.bias"] = torch.zeros(width)
        in_channels = width
    return found


@pytest.mark.parametrize("size", [(9, 9), (10, 13)])
def test_the_blur_pool_is_a_binomial_filter_with_reflected_borders(size: tuple[int, int]):
    x = torch.randn(2, 3, *size)
    row = torch.tensor([1.0, 2.0, 1.0]) / 4.0
    kernel = (row[:, None] * row).expand(3, 1, 3, 3)
    padded = F.pad(x, (2, 2, 2, 2), mode="reflect")
    torch.testing.assert_close(BlurPool()(x), F.conv2d(padded, kernel, stride=2, groups=3))


def test_vgg19_takes_torchvisions_tensors_and_range():
    network = build_feature_network("vgg19")
    # torchvision's numbers of the convolutions in `features`.
    numbers = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]
    network.load_convolutions(_tensors(VGG19_CONVS, [f"features.{n}" for n in numbers]))
    first = network.layers[0]
    torch.nn.init.dirac_(first.weight)
    rgb = torch.rand(1, 3, 8, 8)
    found = network(rgb * 2.0 - 1.0, ["conv1_1"])["conv1_1"][:, :3]
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    torch.testing.assert_close(found, (rgb - mean) / deviation)
    found = network(torch.zeros(1, 3, 48, 48), ["conv5_4", "conv3_4"])
    assert found["conv5_4"].shape == (1, 512, 3, 3)
    assert found["conv3_4"].shape == (1, 256, 12, 12)


def test_wrong_tensors_are_refused():
    network = build_feature_network("vgg16-shift-tolerant")
    names = [f"net.{n}" for n in range(16)]
    with pytest.raises(ValueError, match="not those of this network"):
        network.load_convolutions(_tensors(VGG19_CONVS, names))
    network.load_convolutions(_tensors(VGG16_CONVS, names[:13]))


def test_unknown_layers_are_refused_and_later_layers_are_not_run():
    network = build_feature_network("alex-shift-tolerant")
    with pytest.raises(ValueError, match=r"no layers \['conv9'\]; it has relu1"):
        network(torch.zeros(1, 3, 32, 32), ["conv9"])
    network.layers[3] = torch.nn.Identity()
    network.layers[-1] = None
    assert set(network(torch.zeros(1, 3, 32, 32), ["relu1"])) == {"relu1"}


def test_networks_are_frozen():
    for name in ("vgg19", "vgg16-shift-tolerant", "alex-shift-tolerant"):
        assert not any(p.requires_grad for p in build_feature_network(name).parameters())
