import shutil
from pathlib import Path

import msgspec
import pytest
from safetensors.numpy import save_file

from liifgan_core.errors import WeightsError
from liifgan_core.weights.descriptor import installed_models
from liifgan_core.weights.registry import (
    HEADER_KEY,
    file_sha256,
    find_model,
    installed_files,
    read_header,
    user_weights_dir,
)
from tests.conftest import PROVENANCE


@pytest.fixture
def install(tiny_weights: Path, data_dir: Path):
    """Copy the tiny network under other names, to the user's or the shipped weights."""
    tiny_weights.rename(data_dir / "stock")

    def install(*names: str, shipped: bool = False) -> None:
        folder = data_dir / "shipped" / "weights" if shipped else data_dir / "weights"
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copy(data_dir / "stock", folder / f"{name}.safetensors")

    return install


def test_nothing_is_installed_at_first() -> None:
    assert installed_models() == ([], [])
    assert installed_files() == {}
    with pytest.raises(WeightsError, match="installed: none"):
        find_model("liif")


def test_models_are_listed_by_the_family_with_a_users_own_in_its_middle(install) -> None:
    install("zebra", "liif-public", "liif-air", "aardvark", "liif-gan-s", "liif-gan", "liif")
    install("liif-gan-air", "liif-gan-fast", "liif-gan-edsr", "liif-gan-restore", "liif-gan-sf")
    install("liif-gan-restore-fast")
    usable, broken = installed_models()
    assert [info.name for info in usable] == [
        "liif-gan",
        "liif-gan-fast",
        "liif",
        "liif-gan-restore",
        "liif-gan-restore-fast",
        "aardvark",
        "liif-public",
        "zebra",
        "liif-gan-air",
        "liif-air",
        "liif-gan-edsr",
        "liif-gan-sf",
        "liif-gan-s",
    ]
    assert not broken


def test_a_record_tells_file_sum_and_provenance(install) -> None:
    install("one")
    ([info], _) = installed_models()
    assert info.path == user_weights_dir() / "one.safetensors"
    assert info.sha256 == file_sha256(info.path)
    assert len(info.sha256) == 64
    assert info.header.provenance == PROVENANCE
    assert read_header(info.path) == info.header


def test_a_users_file_comes_before_a_shipped_one(install, data_dir: Path) -> None:
    install("both", "mine")
    install("both", "theirs", shipped=True)
    usable, _ = installed_models()
    assert [info.name for info in usable] == ["both", "mine", "theirs"]
    assert find_model("both").parent == data_dir / "weights"
    assert find_model("theirs").parent == data_dir / "shipped" / "weights"
    assert usable[0].path == find_model("both")


def test_a_broken_file_is_told_apart_and_hides_no_other(install) -> None:
    install("good")
    (user_weights_dir() / "bad.safetensors").write_text("nonsense")
    usable, broken = installed_models()
    assert [info.name for info in usable] == ["good"]
    assert len(broken) == 1
    assert "bad.safetensors" in str(broken[0])


def test_other_files_and_temporary_ones_are_no_models(install) -> None:
    install("good")
    for name in ("notes.txt", "old.pth", ".good.abc.part"):
        (user_weights_dir() / name).write_text("x")
    usable, broken = installed_models()
    assert [info.name for info in usable] == ["good"]
    assert not broken


def test_the_public_checkpoints_earlier_name_means_liif_unless_a_file_has_it(install) -> None:
    with pytest.raises(WeightsError, match="no model 'liif-public'; installed: none"):
        find_model("liif-public")
    install("liif", shipped=True)
    assert find_model("liif-public") == find_model("liif")
    install("liif-public")
    assert find_model("liif-public").stem == "liif-public"
    assert find_model("liif").stem == "liif"


def test_a_path_is_taken_as_it_is(install, tmp_path: Path) -> None:
    install("good")
    missing = tmp_path / "away.safetensors"
    assert find_model(str(missing)) == missing
    odd = tmp_path / "odd"
    odd.write_text("")
    assert find_model(str(odd)) == odd


def test_an_unknown_name_lists_what_there_is(install) -> None:
    install("b", "a")
    with pytest.raises(WeightsError, match=r"no model 'c'; installed: a, b\. Give one"):
        find_model("c")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ('{"architecture": "evil", "config": {}, "provenance": %s}', "unknown architecture 'evil'"),
        (
            '{"architecture": "liif", "config": {"detail_tap": 99}, "provenance": %s}',
            "tap 99 is not in 1..16",
        ),
        (
            '{"architecture": "liif", "config": {"a": ' + "[" * 200_000 + "]" * 200_000 + "}}",
            "without a valid LIIF-GAN header",
        ),
    ],
)
def test_what_cannot_be_used_is_not_listed(install, header: str, reason: str) -> None:
    install("good")
    provenance = msgspec.json.encode(PROVENANCE).decode()
    content = header % provenance if "%s" in header else header
    save_file({}, user_weights_dir() / "bad.safetensors", {HEADER_KEY: content})
    usable, broken = installed_models()
    assert [info.name for info in usable] == ["good"]
    assert reason in str(broken[0])


def test_a_folder_that_cannot_be_listed_is_an_error(data_dir: Path) -> None:
    (data_dir / "weights").write_text("a file in the folder's place")
    with pytest.raises(WeightsError, match="cannot be listed"):
        installed_models()
