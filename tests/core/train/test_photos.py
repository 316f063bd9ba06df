from pathlib import Path

import msgspec
import pytest
from PIL import Image as PilImage

from liifgan_core.train.config import TrainConfig
from liifgan_core.train.data_config import DataConfig, ScaleRange
from liifgan_core.train.image_folder import DataError
from liifgan_core.train.photos import load_photos
from tests.core.train.conftest import photo


def _folder(root: Path, count: int) -> Path:
    root.mkdir()
    for number in range(count):
        PilImage.fromarray(photo(number)).save(root / f"{number:02d}.png")
    return root


@pytest.mark.parametrize(
    ("count", "wanted", "held_out"),
    [
        (1, 0, []),
        (2, 8, ["00"]),
        (4, 8, ["00"]),
        (20, 8, ["00", "10"]),
        (20, 1, ["00"]),
        (5, 0, []),
    ],
)
def test_a_tenth_at_most_is_held_out_evenly(
    count: int, wanted: int, held_out: list[str], config: TrainConfig, tmp_path: Path
):
    validation = msgspec.structs.replace(config.validation, num_images=wanted)
    config = msgspec.structs.replace(config, validation=validation)
    found = load_photos(config, _folder(tmp_path / "data", count), None)
    assert list(found.validation.names) == held_out
    trained = [path.stem for path in found.training.paths]
    assert len(trained) == count - len(held_out)
    assert not set(trained) & set(held_out)


def test_a_single_photo_is_not_its_own_validation(config: TrainConfig, tmp_path: Path):
    data = _folder(tmp_path / "data", 1)
    with pytest.raises(DataError, match=r"00\.png is the only usable image.*--validation"):
        load_photos(config, data, None)
    assert len(load_photos(config, data, _folder(tmp_path / "other", 1)).training.paths) == 1


def test_a_validation_folder_leaves_all_images_to_training(config: TrainConfig, tmp_path: Path):
    data, other = _folder(tmp_path / "data", 3), _folder(tmp_path / "other", 2)
    found = load_photos(config, data, other)
    assert len(found.training.paths) == 3
    assert found.validation.names == ("00",)
    with pytest.raises(DataError, match="no such folder"):
        load_photos(config, data, tmp_path / "missing")


def test_validation_sees_images_as_training_does(config: TrainConfig, tmp_path: Path):
    scales = (ScaleRange(low=1.0, high=2.0),)
    data = DataConfig(lr_size=16, scales=scales, resize_hr=40)
    found = load_photos(
        msgspec.structs.replace(config, data=data), _folder(tmp_path / "data", 2), None
    )
    assert [crop.shape for crop in found.validation.crops] == [(40, 40, 3)]
    assert found.cache.get(found.training.paths[0]).shape == (40, 40, 3)
