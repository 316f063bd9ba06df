import logging
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.settings import MAX_RECENT, AppSettings, load_settings, save_settings, with_recent
from app.state.settings_store import SettingsStore
from app.widgets.about_dialog import AboutDialog
from app.widgets.settings_dialog import SettingsDialog

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.builds(
        AppSettings,
        device=TEXT,
        precision=st.sampled_from(["auto", "fp32"]),
        while_zooming=st.sampled_from(["auto", "quick", "chosen"]),
        recent=st.lists(TEXT, max_size=3).map(tuple),
        export_quality=st.none() | st.integers(1, 100),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_settings_survive_saving(tmp_path: Path, values: AppSettings) -> None:
    path = tmp_path / "app.toml"
    save_settings(path, values)
    assert load_settings(path) == values


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml") == AppSettings()


@pytest.mark.parametrize(
    "content",
    [
        "not toml = = =",
        "unknown = 1",
        'precision = "fp8"',
        "export_quality = 0",
        'while_zooming = "x"',
    ],
)
def test_a_broken_file_is_kept_beside(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "app.toml"
    path.write_text(content)
    with caplog.at_level(logging.WARNING):
        assert load_settings(path) == AppSettings()
    assert str(path) in caplog.text
    assert (tmp_path / "app.broken").read_text() == content


def test_settings_of_the_first_version_are_taken_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "app.toml"
    path.write_text(
        'device = "cpu"\nprecision = "fp32"\nlanguage = "de"\nrecent = ["/photos/a.jpg"]\n'
        'compare = "wipe"\nexport_format = "tiff"\nexport_quality = 80\nexport_folder = "/out"\n'
    )
    assert load_settings(path) == AppSettings(
        device="cpu",
        precision="fp32",
        language="de",
        recent=("/photos/a.jpg",),
        compare="wipe",
        export_format="tiff",
        export_quality=80,
        export_folder="/out",
    )
    assert not caplog.records
    assert [file.name for file in tmp_path.iterdir()] == ["app.toml"]


def test_what_another_version_wrote_costs_no_other_setting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "app.toml"
    content = 'language = "de"\nmood = "good"\ncompare = "dance"\nmemory_mb = 2048\n'
    path.write_text(content)
    assert load_settings(path) == AppSettings(language="de", memory_mb=2048)
    for text in (str(path), "mood = 'good' is left out", "compare = 'dance' is left out"):
        assert text in caplog.text
    # Until something is saved the file stays as it is, and a copy of it for good.
    assert path.read_text() == (tmp_path / "app.broken").read_text() == content


def test_a_photo_is_listed_once_and_first() -> None:
    known = AppSettings()
    for name in [*"abcdefghijkl", "c"]:
        known = with_recent(known, Path("/photos") / name)
    assert known.recent[0] == "/photos/c"
    assert len(known.recent) == len(set(known.recent)) == MAX_RECENT


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


def test_the_dialog_changes_all_settings(qtbot: QtBot, store: SettingsStore) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    names = [("cuda:0", "cuda:0 (NVIDIA H200)"), ("cpu", "cpu (2 threads)")]
    dialog = SettingsDialog(store, lambda: names, parent)
    qtbot.waitUntil(lambda: dialog.device.findText("cuda:0 (NVIDIA H200)") >= 0)
    for box, value in (
        (dialog.device, "cuda:0"),
        (dialog.precision, "bf16"),
        (dialog.memory, "4096"),
        (dialog.zooming, "chosen"),
        (dialog.language, "de"),
    ):
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    settings = store.settings
    assert (settings.device, settings.precision) == ("cuda:0", "bf16")
    assert (settings.memory_mb, settings.language) == (4096, "de")
    assert settings.while_zooming == "chosen"
    dialog.close()


def test_about_shows_the_licences(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    text = "".join(page.toPlainText() for page in dialog.findChildren(QPlainTextEdit))
    assert "Redistribution and use in source and binary forms" in text
    assert "PySide6-Essentials        LGPL-3.0" in text
