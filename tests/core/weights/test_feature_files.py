import urllib.error
from pathlib import Path

import pytest
import torch

from liifgan_core.errors import WeightsError
from liifgan_core.models.feature_networks import build_feature_network
from liifgan_core.weights import feature_files
from liifgan_core.weights.feature_files import (
    FEATURE_FILES,
    get_feature_file,
    installed_feature_file,
    load_feature_network,
)
from liifgan_core.weights.registry import file_sha256

VGG19 = FEATURE_FILES["vgg19"]


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of torch.hub instead of the user's."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    return tmp_path / "hub" / "checkpoints"


@pytest.mark.parametrize(
    "error", [urllib.error.URLError("no route"), RuntimeError('invalid hash value (got "00")')]
)
def test_vgg19_that_cannot_be_had_names_the_ways_out(
    error: Exception, data_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    asked: dict[str, object] = {}

    def fail(url: str, part: str, **options: object) -> None:
        Path(part).write_bytes(b"half of it")
        asked.update(options, url=url)
        raise error

    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    with pytest.raises(WeightsError) as caught:
        get_feature_file("vgg19")
    for text in (str(VGG19.url), str(error), "put the file vgg19-dcbb9e9d.pth into"):
        assert text in str(caught.value)
    assert '"vgg16-shift-tolerant"' in str(caught.value)
    assert asked["url"] == VGG19.url
    assert asked["hash_prefix"] == "dcbb9e9d"
    assert list((data_dir / "features").iterdir()) == []


def test_vgg19_is_read_as_torchvision_saves_it(hub: Path, monkeypatch: pytest.MonkeyPatch):
    # torchvision's state: convolutions "features.N", and a classifier that is not used.
    torch.manual_seed(0)
    trained = build_feature_network("vgg19")
    numbers = iter([0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34])
    state = {"classifier.0.bias": torch.zeros(4)}
    for layer in trained.layers:
        if isinstance(layer, torch.nn.Conv2d):
            number = next(numbers)
            state |= {f"features.{number}.{k}": t for k, t in layer.state_dict().items()}
    path = hub / VGG19.name
    torch.save(state, path)
    assert installed_feature_file("vgg19") == path
    with pytest.raises(WeightsError, match="SHA-256 is"):
        load_feature_network("vgg19")

    short = {"vgg19": feature_files.FeatureFile(VGG19.name, file_sha256(path)[:8], "features.", "")}
    monkeypatch.setattr(feature_files, "FEATURE_FILES", short)
    network, others = load_feature_network("vgg19")
    rgb = torch.rand(1, 3, 16, 16) * 2.0 - 1.0
    expected = trained(rgb, ["conv5_4"])["conv5_4"]
    torch.testing.assert_close(network(rgb, ["conv5_4"])["conv5_4"], expected)
    assert not network.training
    assert not any(p.requires_grad for p in network.parameters())
    assert list(others) == ["classifier.0.bias"]


def test_the_users_folder_comes_before_the_hub(hub: Path, data_dir: Path):
    (hub / VGG19.name).touch()
    mine = data_dir / "features" / VGG19.name
    mine.parent.mkdir()
    mine.touch()
    assert installed_feature_file("vgg19") == mine
