from pathlib import Path

import pytest

from app.state.settings_store import SettingsStore


def test_a_change_is_written_and_told(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "app.toml")
    told: list[str] = []
    store.changed.connect(lambda: told.append("changed"))
    store.engine_changed.connect(lambda: told.append("engine"))
    store.change(language="de")
    store.change(device="cpu")
    store.change(device="cpu")
    store.change(memory_mb=2048)
    assert told == ["changed", "changed", "engine", "changed", "engine"]
    assert SettingsStore(tmp_path / "app.toml").settings.device == "cpu"


def test_two_apps_do_not_forget_each_others_changes(tmp_path: Path) -> None:
    path = tmp_path / "app.toml"
    one, two = SettingsStore(path), SettingsStore(path)
    one.change(theme="dark", size_presets={"web": "long-edge 2048"})
    two.change(device="cpu")
    one.add_recent(Path("/photos/one.png"))
    two.add_recent(Path("/photos/two.png"))
    two.change(detail=0.7)
    assert two.settings.theme == "system", "what runs is not changed by another app"
    written = SettingsStore(path).settings
    assert (written.theme, written.device, written.detail) == ("dark", "cpu", 0.7)
    assert written.size_presets == {"web": "long-edge 2048"}
    assert [Path(name).name for name in written.recent] == ["two.png", "one.png"]


def test_the_later_of_two_changes_of_one_setting_counts(tmp_path: Path) -> None:
    path = tmp_path / "app.toml"
    one, two = SettingsStore(path), SettingsStore(path)
    one.change(theme="dark")
    two.change(theme="light")
    assert SettingsStore(path).settings.theme == "light"


def test_a_folder_that_cannot_be_made_does_not_stop_the_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = SettingsStore(tmp_path / "file" / "app.toml")
    store.change(theme="dark")
    assert store.settings.theme == "dark"
    assert "cannot be written" in caplog.text
