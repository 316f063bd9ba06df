"""The installed models: what they are, from whom, under which licence."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.state.document import DocumentModel
from app.state.models import ModelChoice
from app.widgets.factor_box import PREFIX
from liifgan_core.weights.registry import user_weights_dir


class ModelsDialog(QDialog):
    """Shows a document's models. Main thread."""

    def __init__(self, document: DocumentModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setWindowTitle(self.tr("Models"))
        self.names = QListWidget()
        self.names.setAccessibleName(self.tr("Installed models"))
        self.names.setMaximumWidth(200)
        self.card = QLabel()
        self.card.setWordWrap(True)
        self.card.setTextFormat(Qt.TextFormat.PlainText)
        self.card.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.card.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.card.setContentsMargins(8, 4, 8, 4)
        scroll = QScrollArea()
        scroll.setWidget(self.card)
        scroll.setWidgetResizable(True)
        row = QHBoxLayout()
        row.addWidget(self.names)
        row.addWidget(scroll, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        folder = buttons.addButton(
            self.tr("Show the folder"), QDialogButtonBox.ButtonRole.ActionRole
        )
        folder.clicked.connect(_show_folder)
        folder.setEnabled(user_weights_dir().is_dir())
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(row, 1)
        layout.addWidget(buttons)
        self.resize(660, 400)
        self.names.currentRowChanged.connect(self._show_card)
        document.models_changed.connect(self._list)
        self._list()

    def _list(self) -> None:
        row = max(0, self.names.currentRow())
        self.names.clear()
        self.names.addItems([model.name for model in self._document.models])
        self.names.setCurrentRow(min(row, self.names.count() - 1))
        if not self._document.models:
            self.card.setText(
                self.tr("No model is installed. Get one with: liifgan weights fetch liif")
            )

    def _show_card(self, row: int) -> None:
        if 0 <= row < len(self._document.models):
            self.card.setText(self._text(self._document.models[row]))

    def _text(self, model: ModelChoice) -> str:
        low, high = model.trained_scales
        layers = self.tr("structure and detail") if model.has_detail else self.tr("structure only")
        facts = (
            (self.tr("Licence"), model.licence),
            (self.tr("Origin"), model.origin),
            (self.tr("Trained for"), f"{PREFIX}{low:g} \u2013 {PREFIX}{high:g}"),
            (self.tr("Layers"), layers),
            (self.tr("File"), model.path),
            ("SHA-256", model.sha256),
        )
        return "\n\n".join(f"{name}\n{_breakable(value)}" for name, value in facts)


def _breakable(text: str) -> str:
    """Return the text with places to break a line in long words: paths and checksums."""
    return text.replace("/", "/\u200b") if "/" in text else "\u200b".join(_chunks(text))


def _chunks(text: str) -> list[str]:
    if " " in text:
        return [text]
    return [text[start : start + 16] for start in range(0, len(text), 16)]


def _show_folder() -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(user_weights_dir())))
