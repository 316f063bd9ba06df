"""Colours, language, device, precision, memory, limits, what is shown while zooming."""

import logging
from collections.abc import Callable

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.design.fields import ChoiceBox, CountBox
from app.design.parts import Form, quiet_label, section_header
from app.design.tokens import L
from app.state.settings_store import SettingsStore
from app.workers.task import Task

_logger = logging.getLogger(__name__)

_MEMORY_MB = (256, 512, 1024, 2048, 4096, 8192)
_EXPORT_MB = (1024, 2048, 4096, 8192, 16384, 32768, 65536)
_LARGEST_MEGAPIXELS = 100_000
"""More than any format holds."""


class SettingsDialog(QDialog):
    """Shows and changes settings; every change is taken at once. Main thread."""

    def __init__(
        self,
        store: SettingsStore,
        device_names: Callable[[str], list[tuple[str, str]]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._device_names = store, device_names
        self.setWindowTitle(self.tr("Settings"))
        settings = store.settings
        self.device = _choice(
            [("auto", self.tr("Automatic")), ("cpu", "cpu")], settings.device, self.tr("Device")
        )
        self.precision = _choice(
            [
                ("auto", self.tr("Automatic: the fastest safe one")),
                ("fp32", self.tr("fp32: exact")),
                ("bf16", "bf16"),
                ("fp16", "fp16"),
            ],
            settings.precision,
            self.tr("Precision"),
        )
        self.memory = _choice(
            [(str(mb), f"{mb} MB" if mb < 1024 else f"{mb // 1024} GB") for mb in _MEMORY_MB],
            str(settings.memory_mb),
            self.tr("Memory for the photo"),
        )
        self.memory.setToolTip(
            self.tr("What is kept to show parts again at once; photos of any size work with any")
        )
        self.export_memory = _choice(
            [(str(mb), f"{mb // 1024} GB") for mb in _EXPORT_MB],
            str(settings.export_memory_mb),
            self.tr("Memory for exports"),
        )
        self.export_memory.setToolTip(
            self.tr("What reading and exporting a photo may take, in the queue too")
        )
        self.largest = CountBox()
        self.largest.setRange(1, _LARGEST_MEGAPIXELS)
        self.largest.setSuffix(self.tr(" MP"))
        self.largest.setValue(settings.max_megapixels)
        self.largest.setAccessibleName(self.tr("Largest photo"))
        self.largest.setToolTip(
            self.tr("Files that say they are larger are not read: damaged ones may say anything")
        )
        tiles = QLabel(self.tr("automatic: halved when memory runs out"))
        self.zooming = _choice(
            [
                ("auto", self.tr("Automatic: a fast model if there is no fast GPU")),
                ("quick", self.tr("A fast model, then the chosen one")),
                ("chosen", self.tr("Only the chosen model")),
            ],
            settings.while_zooming,
            self.tr("While zooming"),
        )
        self.zooming.setToolTip(
            self.tr(
                "A fast model draws the view while it moves; exports always take the chosen one"
            )
        )
        self.language = _choice(
            [("system", self.tr("As the system")), ("en", "English"), ("de", "Deutsch")],
            settings.language,
            self.tr("Language"),
        )
        self.theme = _choice(
            [
                ("system", self.tr("As the system")),
                ("light", self.tr("Light")),
                ("dark", self.tr("Dark")),
            ],
            settings.theme,
            self.tr("Colours"),
        )
        self._restart = quiet_label(self.tr("The language changes when the app is started again."))
        self._restart.hide()
        form = Form()
        form.addRow(section_header(self.tr("Appearance")))
        form.add(self.tr("Colours"), self.theme)
        form.add(self.tr("Language"), self.language)
        form.add("", self._restart)
        form.addRow(section_header(self.tr("Rendering")))
        form.add(self.tr("Device"), self.device)
        form.add(self.tr("Precision"), self.precision)
        form.add(self.tr("Memory for the photo"), self.memory)
        form.add(self.tr("Memory for exports"), self.export_memory)
        form.add(self.tr("Largest photo"), self.largest)
        form.add(self.tr("Size of tiles"), tiles)
        form.add(self.tr("While zooming"), self.zooming)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(L, L, L, L)
        layout.setSpacing(L)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(420)
        self.device.activated.connect(lambda _: store.change(device=self.device.currentData()))
        self.precision.activated.connect(lambda _: self._take_precision())
        self.memory.activated.connect(
            lambda _: store.change(memory_mb=int(self.memory.currentData()))
        )
        self.export_memory.activated.connect(
            lambda _: store.change(export_memory_mb=int(self.export_memory.currentData()))
        )
        self.largest.valueChanged.connect(lambda value: store.change(max_megapixels=value))
        self.zooming.activated.connect(
            lambda _: store.change(while_zooming=self.zooming.currentData())
        )
        self.theme.activated.connect(lambda _: store.change(theme=self.theme.currentData()))
        self.language.activated.connect(lambda _: self._take_language())
        self._look_for_devices()

    def _look_for_devices(self) -> None:
        """List the devices by what they draw in at the precision that is set."""
        names, precision = self._device_names, self._store.settings.precision
        # Counting devices imports torch, so it takes a while when it is the first to do so.
        # The task belongs to the parent, so that the dialog can be closed before it ends.
        task = Task(lambda _progress, _cancel: (precision, names(precision)), self.parent())
        task.succeeded.connect(self._list_devices)
        task.failed.connect(lambda message: _logger.warning("devices: %s", message))
        task.finished.connect(task.deleteLater)
        task.start()

    def _take_precision(self) -> None:
        self._store.change(precision=self.precision.currentData())
        self._look_for_devices()

    def _list_devices(self, found: tuple[str, list[tuple[str, str]]]) -> None:
        precision, devices = found
        if precision != self._store.settings.precision:
            return  # another one was set in between
        self.device.clear()
        _fill(self.device, [("auto", self.tr("Automatic")), *devices], self._store.settings.device)

    def _take_language(self) -> None:
        self._store.change(language=self.language.currentData())
        self._restart.show()


def _choice(options: list[tuple[str, str]], current: str, name: str) -> ChoiceBox:
    box = ChoiceBox()
    box.setAccessibleName(name)
    _fill(box, options, current)
    return box


def _fill(box: ChoiceBox, options: list[tuple[str, str]], current: str) -> None:
    if current not in {value for value, _ in options}:
        options = [*options, (current, current)]
    for value, label in options:
        box.addItem(label, value)
    box.setCurrentIndex(box.findData(current))
