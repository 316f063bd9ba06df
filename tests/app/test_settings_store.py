from pathlib import Path

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
