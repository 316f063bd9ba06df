from pathlib import Path

import platformdirs
import pytest

from liifgan_core.resources import DATA_DIR_VARIABLE, resource_path, user_data_path


def test_the_samples_are_found_in_a_source_tree() -> None:
    assert resource_path("samples", "osprey.png").is_file()


def test_a_frozen_program_looks_beside_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert resource_path("a", "b") == tmp_path / "resources" / "a" / "b"


def test_the_environment_moves_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path))
    assert user_data_path("weights") == tmp_path / "weights"


@pytest.mark.parametrize("value", [None, ""])
def test_without_it_the_platform_decides(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv(DATA_DIR_VARIABLE)
    else:
        monkeypatch.setenv(DATA_DIR_VARIABLE, value)
    expected = platformdirs.user_data_path("liifgan", appauthor=False)
    assert user_data_path("weights") == expected / "weights"
