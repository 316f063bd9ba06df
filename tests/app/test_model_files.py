from pathlib import Path

import pytest

from app.state.model_files import install_weights, remove_weights
from liifgan_core.errors import WeightsError
from tests.app.fake_trainer import write_model


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A trainer's result with its card, in the folder of a run called `birds`."""
    folder = tmp_path / "birds"
    folder.mkdir()
    write_model(folder / "model.safetensors", 40)
    return folder / "model.safetensors"


def test_a_shipped_model_stays(data_dir: Path, weights: Path) -> None:
    shipped = install_weights(weights, data_dir / "shipped" / "weights" / "liif.safetensors")
    with pytest.raises(WeightsError, match="came with the app"):
        remove_weights(shipped)
    assert shipped.is_file()
