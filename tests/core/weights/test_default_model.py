import shutil
from pathlib import Path

import pytest

from liifgan_core.errors import WeightsError
from liifgan_core.weights.default_model import default_model
from liifgan_core.weights.trunks import ExternalNetwork


def chosen(*, is_accelerated: bool) -> str:
    found = default_model(is_accelerated=is_accelerated)
    assert found.path.stem == found.name
    assert found.path.is_file()
    return found.name


@pytest.mark.usefixtures("natural_models")
def test_it_follows_from_the_device() -> None:
    assert chosen(is_accelerated=True) == "liif-gan"
    assert chosen(is_accelerated=False) == "liif-gan-fast"
    for is_accelerated in (True, False):
        assert default_model(is_accelerated=is_accelerated).passed_over == ()


@pytest.mark.parametrize("suffix", [".bin", ".param"])
def test_without_its_trunk_the_next_is_taken_and_the_ways_out_are_told(
    suffix: str, natural_models: Path, tiny_rrdb: ExternalNetwork, data_dir: Path
) -> None:
    (data_dir / "networks" / tiny_rrdb.weights_name).with_suffix(suffix).unlink()
    found = default_model(is_accelerated=True)
    assert found.name == "liif-gan-fast"
    [reason] = found.passed_over
    for text in ("liif-gan cannot", "'tiny-rrdb'", '"liifgan[models]"', "weights fetch tiny-rrdb"):
        assert text in reason
    assert default_model(is_accelerated=False).passed_over == ()
    (natural_models / "liif-gan-fast.safetensors").unlink()
    assert default_model(is_accelerated=True).name == "liif"
    assert default_model(is_accelerated=False).name == "liif"


def test_weights_of_another_size_are_not_the_trunk(
    natural_models: Path, tiny_rrdb: ExternalNetwork, data_dir: Path
) -> None:
    with (data_dir / "networks" / tiny_rrdb.weights_name).open("ab") as file:
        file.write(b"0")
    assert natural_models.is_dir()
    assert chosen(is_accelerated=True) == "liif-gan-fast"


def test_models_that_are_not_there_are_no_reason_to_say_anything(natural_models: Path) -> None:
    (natural_models / "liif-gan-fast.safetensors").unlink()
    found = default_model(is_accelerated=False)
    assert (found.name, found.passed_over) == ("liif", ())


def test_the_large_one_is_taken_on_a_plain_processor_only_where_there_is_nothing_else(
    natural_models: Path,
) -> None:
    (natural_models / "liif-gan-fast.safetensors").unlink()
    (natural_models / "liif.safetensors").rename(natural_models / "zebra.safetensors")
    assert chosen(is_accelerated=False) == "zebra"
    (natural_models / "zebra.safetensors").unlink()
    assert chosen(is_accelerated=False) == "liif-gan"


def test_a_damaged_file_is_passed_over_and_told(natural_models: Path) -> None:
    (natural_models / "liif-gan.safetensors").write_text("nonsense")
    found = default_model(is_accelerated=True)
    assert found.name == "liif-gan-fast"
    [reason] = found.passed_over
    assert "liif-gan.safetensors: not a readable safetensors file" in reason


def test_a_users_file_wins_over_a_shipped_one(natural_models: Path, data_dir: Path) -> None:
    shipped = data_dir / "shipped" / "weights"
    shipped.mkdir(parents=True)
    shutil.copy(natural_models / "liif-gan.safetensors", shipped)
    assert default_model(is_accelerated=True).path.parent == natural_models


def test_with_nothing_that_can_be_used_all_reasons_are_told(
    natural_models: Path, tiny_rrdb: ExternalNetwork, data_dir: Path
) -> None:
    (data_dir / "networks" / tiny_rrdb.weights_name).unlink()
    for name in ("liif-gan-fast", "liif"):
        (natural_models / f"{name}.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"can be used: liif-gan cannot.*weights fetch"):
        default_model(is_accelerated=False)
    (natural_models / "liif-gan.safetensors").unlink()
    with pytest.raises(WeightsError, match="no model is installed; install LIIF-GAN again"):
        default_model(is_accelerated=True)
