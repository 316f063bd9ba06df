from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PilImage

from liifgan_core.errors import WeightsError
from liifgan_core.evaluation.st_lpips import STLPIPS, load_st_lpips
from liifgan_core.models.feature_networks import build_feature_network
from liifgan_core.resources import DATA_DIR_VARIABLE, resource_path, user_data_path
from liifgan_core.weights import feature_files
from liifgan_core.weights.feature_files import installed_feature_file, load_feature_network

USER_DATA = user_data_path()
"""As the environment names it, before any test changes that."""
WIDTHS = [64, 192, 384, 256, 256]


@pytest.fixture(scope="module")
def random_distance() -> STLPIPS:
    torch.manual_seed(0)
    heads = [torch.rand(1, width, 1, 1) for width in WIDTHS]
    return STLPIPS("alex", build_feature_network("alex-shift-tolerant"), heads)


def _sample() -> np.ndarray:
    image = PilImage.open(resource_path("samples", "osprey.png")).convert("RGB")
    return np.asarray(image.crop((96, 64, 224, 192)), np.float32) / 255.0


def _bicubic(image: np.ndarray, factor: int) -> np.ndarray:
    height, width = image.shape[:2]
    pixels = PilImage.fromarray(np.round(image * 255.0).astype(np.uint8))
    small = pixels.resize((width // factor, height // factor), PilImage.Resampling.BICUBIC)
    large = small.resize((width, height), PilImage.Resampling.BICUBIC)
    return np.asarray(large, np.float32) / 255.0


def test_equal_pictures_have_distance_zero_and_it_is_symmetric(random_distance: STLPIPS):
    first, second = _sample(), _bicubic(_sample(), 4)
    assert random_distance.distance(first, first) == 0.0
    there, back = random_distance.distance(first, second), random_distance.distance(second, first)
    assert there == pytest.approx(back, rel=1e-5)
    assert there > 0.0


def test_pictures_of_different_size_are_refused(random_distance: STLPIPS):
    with pytest.raises(ValueError, match="cannot compare"):
        random_distance.distance(_sample(), _sample()[1:])


@pytest.mark.parametrize("trunk", ["alex", "vgg"])
def test_published_weights_order_pictures_by_their_damage(trunk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(USER_DATA))
    name = "alex-shift-tolerant" if trunk == "alex" else "vgg16-shift-tolerant"
    if installed_feature_file(name) is None:
        pytest.skip(f"the weights of ST-LPIPS({trunk}) are not in the user's data folder")
    distance, original = load_st_lpips(trunk), _sample()
    by_factor = [distance.distance(_bicubic(original, factor), original) for factor in (1, 2, 4)]
    assert by_factor[0] == 0.0
    assert by_factor[0] < by_factor[1] < by_factor[2]
    shifted = distance.distance(original[:, :-1], original[:, 1:])
    assert shifted < by_factor[2]


def test_missing_weights_are_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.setattr(feature_files, "_download", _no_network)
    with pytest.raises(WeightsError, match=r"alex_shift_tolerant\.pth.*put the file"):
        load_st_lpips("alex")


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path))
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "vgg19-dcbb9e9d.pth").write_bytes(b"not the weights")
    with pytest.raises(WeightsError, match=r"vgg19-dcbb9e9d\.pth: its SHA-256 is .*not used"):
        load_feature_network("vgg19")


def _no_network(wanted: feature_files.FeatureFile, _target: Path) -> None:
    raise OSError("no network")
