from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.state.settings_store import SettingsStore
from app.widgets.settings_dialog import SettingsDialog


def test_the_dialog_changes_all_settings(qtbot: QtBot, store: SettingsStore) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)

    def names(precision: str) -> list[tuple[str, str]]:
        return [("cuda:0", "cuda:0 (NVIDIA H200)"), ("cpu", f"cpu (2 threads, {precision})")]

    dialog = SettingsDialog(store, names, parent)
    qtbot.waitUntil(lambda: dialog.device.findText("cuda:0 (NVIDIA H200)") >= 0)
    assert dialog.device.findText("cpu (2 threads, auto)") >= 0
    for box, value in (
        (dialog.device, "cuda:0"),
        (dialog.precision, "bf16"),
        (dialog.memory, "4096"),
        (dialog.export_memory, "8192"),
        (dialog.zooming, "chosen"),
        (dialog.language, "de"),
    ):
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    dialog.largest.setValue(500)
    settings = store.settings
    assert (settings.export_memory_bytes, settings.max_pixels) == (8192 * 2**20, 500_000_000)
    assert (settings.device, settings.precision) == ("cuda:0", "bf16")
    assert (settings.memory_mb, settings.language) == (4096, "de")
    assert settings.while_zooming == "chosen"
    qtbot.waitUntil(lambda: dialog.device.findText("cpu (2 threads, bf16)") >= 0)
    assert dialog.device.currentData() == "cuda:0"
    dialog.close()
