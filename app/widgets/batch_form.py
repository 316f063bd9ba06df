"""One rule for all photos of a batch: size, model, format, folder."""

from pathlib import Path
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from app.design.fields import ChoiceBox, CountBox
from app.design.parts import Form, tool_button
from app.state.document import DocumentModel
from app.state.settings_store import SettingsStore
from app.widgets.quantities import number_text
from app.widgets.size_panel import SizePanel
from app.widgets.source_names import source_name
from liifgan_core.batch.names import Output
from liifgan_core.batch.options import BatchOptions, Existing
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.images.formats import FORMATS, format_by_name

_FIRST_FACTOR = 2.0
_AS_THE_PHOTO = ""
"""Format of a result: that of its photo, or PNG where that cannot be written."""
_GO_ON = "go on"


class BatchForm(QWidget):
    """Asks for a batch's options. Main thread."""

    changed = Signal()

    def __init__(
        self, document: DocumentModel, store: SettingsStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._store = document, store
        self.size_panel = SizePanel(None, _FIRST_FACTOR)
        self.model, self.format = ChoiceBox(), ChoiceBox()
        self.quality, self.folder = CountBox(), QLineEdit()
        self.detail = QLabel()
        self.detail.setToolTip(self.tr("As it is set in the window"))
        self.keeps_tree = QCheckBox(self.tr("Keep the tree of folders"))
        self.keeps_tree.setChecked(True)
        self.existing = ChoiceBox()
        self.existing.addItem(self.tr("Go on: do what is missing or has changed"), _GO_ON)
        self.existing.addItem(self.tr("Leave what is there"), "skip")
        self.existing.addItem(self.tr("Replace what is there"), "replace")
        self.existing.setToolTip(
            self.tr(
                "Going on replaces results of this queue whose photo or settings have changed, and "
                "no other file. The photos themselves are never replaced."
            )
        )
        self.format.addItem(self.tr("As the photo"), _AS_THE_PHOTO)
        for known in FORMATS:
            if known.can_write:
                self.format.addItem(known.name.upper(), known.name)
        self.quality.setRange(1, 100)
        self.quality.setValue(store.settings.export_quality or 95)
        self.quality.setToolTip(self.tr("For JPEG, WebP, AVIF and JPEG XL"))
        self.folder.setText(store.settings.batch_folder)
        self.folder.setPlaceholderText(self.tr("Choose a folder for the results"))
        self._lay_out()
        self.folder.textChanged.connect(lambda _: self.changed.emit())
        document.models_changed.connect(self._list_models)
        document.look_changed.connect(self._show_detail)
        self.model.currentIndexChanged.connect(lambda _: self._show_detail())
        self._list_models()

    def options(self) -> BatchOptions | None:
        """Return the options; None as long as there is no model or no folder for the results."""
        folder, model = self.folder.text().strip(), self.model.currentData()
        if not folder or model is None:
            return None
        settings = self._store.settings
        format_name: str | None = self.format.currentData() or None
        has_quality = format_name is None or format_by_name(format_name).is_lossy
        asked: Existing | str = self.existing.currentData()
        existing: Existing = "keep" if asked == _GO_ON else cast(Existing, asked)
        return BatchOptions(
            rules=(NamedRule(self.size_panel.rule().size_rule()),),
            output=Output(
                Path(folder).expanduser().absolute(),
                is_folder=True,
                format=format_name,
                name=settings.export_name,
                keeps_tree=self.keeps_tree.isChecked(),
            ),
            model=model,
            device=settings.device,
            precision=settings.precision,
            detail=self._document.look.detail,
            quality=self.quality.value() if has_quality else None,
            strip_metadata=not settings.export_keeps_metadata,
            names_program=settings.export_names_program,
            existing=existing,
            resume=asked == _GO_ON,
            max_pixels=settings.max_pixels,
            memory_bytes=settings.export_memory_bytes,
        )

    def follow_view(self) -> None:
        """Choose the model that the view shows; the detail strength is the view's anyway."""
        self.model.setCurrentIndex(max(0, self.model.findData(self._document.model)))

    def _lay_out(self) -> None:
        browse = tool_button("folder", self.tr("Browse…"), self._browse)
        folder_row = QWidget()
        row = QHBoxLayout(folder_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.folder, 1)
        row.addWidget(browse)
        form = self._form = Form(self)
        form.add(self.tr("Size"), self.size_panel)
        named: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Model"), self.model),
            (self.tr("Detail"), self.detail),
            (self.tr("Format"), self.format),
            (self.tr("Quality"), self.quality),
        )
        for name, widget in named:
            form.add(name, widget)
            widget.setAccessibleName(name)
        self.folder.setAccessibleName(self.tr("Folder for the results"))
        form.add(self.tr("Into"), folder_row)
        form.add("", self.keeps_tree)
        form.add(self.tr("Results"), self.existing)
        self.existing.setAccessibleName(self.tr("Results that are there already"))

    def _list_models(self) -> None:
        chosen = self.model.currentData() or self._document.model
        self.model.clear()
        for model in self._document.models:
            self.model.addItem(source_name(model.name), model.name)
        self.model.setCurrentIndex(max(0, self.model.findData(chosen)))
        self.changed.emit()

    def _show_detail(self) -> None:
        """Show the strength that all photos get, where the model has a detail layer."""
        name = self.model.currentData()
        model = next((known for known in self._document.models if known.name == name), None)
        self._form.setRowVisible(self.detail, model is not None and model.has_detail)
        self.detail.setText(number_text(self._document.look.detail, 2))

    def _browse(self) -> None:
        title = self.tr("Folder for the results")
        chosen = QFileDialog.getExistingDirectory(self, title, self.folder.text())
        if chosen:
            self.folder.setText(chosen)
