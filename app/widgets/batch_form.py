"""One rule for all photos of a batch: size, model, format, folder."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.state.batch_plan import AS_THE_PHOTO, BatchPlan
from app.state.document import DocumentModel
from app.state.settings_store import SettingsStore
from app.widgets.size_panel import SizePanel
from app.widgets.source_names import source_name
from liifgan_core.images.formats import FORMATS

_FIRST_FACTOR = 2.0


class BatchForm(QWidget):
    """Asks for a batch's plan. Main thread."""

    changed = Signal()

    def __init__(
        self, document: DocumentModel, store: SettingsStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._store = document, store
        self.size_panel = SizePanel(None, _FIRST_FACTOR)
        self.model, self.format = QComboBox(), QComboBox()
        self.quality, self.folder = QSpinBox(), QLineEdit()
        self.keeps_tree = QCheckBox(self.tr("Keep the tree of folders"))
        self.keeps_tree.setChecked(True)
        self.skips_existing = QCheckBox(self.tr("Skip results that are there already"))
        self.skips_existing.setChecked(True)
        self.skips_existing.setToolTip(
            self.tr("Otherwise they are replaced; the photos themselves never are")
        )
        self.format.addItem(self.tr("As the photo"), AS_THE_PHOTO)
        for known in FORMATS:
            if known.can_write:
                self.format.addItem(known.name.upper(), known.name)
        self.quality.setRange(1, 100)
        self.quality.setValue(store.settings.export_quality or 95)
        self.quality.setToolTip(self.tr("For JPEG and WebP"))
        self.folder.setText(store.settings.batch_folder)
        self.folder.setPlaceholderText(self.tr("Choose a folder for the results"))
        self._lay_out()
        self.folder.textChanged.connect(lambda _: self.changed.emit())
        document.models_changed.connect(self._list_models)
        self._list_models()

    def plan(self) -> BatchPlan | None:
        """Return the plan; None as long as there is no model or no folder for the results."""
        folder, model = self.folder.text().strip(), self.model.currentData()
        if not folder or model is None:
            return None
        settings = self._store.settings
        return BatchPlan(
            rule=self.size_panel.rule(),
            folder=Path(folder).expanduser(),
            keeps_tree=self.keeps_tree.isChecked(),
            existing="skip" if self.skips_existing.isChecked() else "replace",
            format=self.format.currentData(),
            quality=self.quality.value(),
            model=model,
            detail=self._document.look.detail,
            names_program=settings.export_names_program,
            keeps_metadata=settings.export_keeps_metadata,
            device=settings.device,
            precision=settings.precision,
        )

    def _lay_out(self) -> None:
        browse = QPushButton(self.tr("Browse…"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        folder_row = QWidget()
        row = QHBoxLayout(folder_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.folder, 1)
        row.addWidget(browse)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self.tr("Size"), self.size_panel)
        named: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Model"), self.model),
            (self.tr("Format"), self.format),
            (self.tr("Quality"), self.quality),
        )
        for name, widget in named:
            form.addRow(name, widget)
            widget.setAccessibleName(name)
        self.folder.setAccessibleName(self.tr("Folder for the results"))
        form.addRow(self.tr("Into"), folder_row)
        form.addRow("", self.keeps_tree)
        form.addRow("", self.skips_existing)

    def _list_models(self) -> None:
        chosen = self.model.currentData() or self._document.model
        self.model.clear()
        for model in self._document.models:
            self.model.addItem(source_name(model.name), model.name)
        self.model.setCurrentIndex(max(0, self.model.findData(chosen)))
        self.changed.emit()

    def _browse(self) -> None:
        title = self.tr("Folder for the results")
        chosen = QFileDialog.getExistingDirectory(self, title, self.folder.text())
        if chosen:
            self.folder.setText(chosen)
