"""The installed models: what they are, under which licence; bring some in, take some away."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QMessageBox,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.design.tokens import L, M, S
from app.state.document import DocumentModel
from app.state.model_files import can_remove, free_model_path, read_card, remove_weights
from app.state.network_fetcher import NetworkFetcher
from app.widgets.buttons import button_row, text_button
from app.widgets.model_card import card_text
from app.widgets.network_row import NetworkRow
from app.widgets.source_names import source_name
from app.workers.task import Task
from liifgan_core.errors import LiifganError
from liifgan_core.weights.descriptor import WeightsInfo
from liifgan_core.weights.registry import user_weights_dir

ImportModel = Callable[[Path, Path], Path]

_TRAINERS_NAME = "model"
"""What the trainer calls every result; its folder's name says more."""


class ModelsDialog(QDialog):
    """Shows and changes the installed models. Main thread."""

    files_changed = Signal()
    """A model was added or removed: the list must be made anew."""

    def __init__(
        self,
        document: DocumentModel,
        import_model: ImportModel,
        fetcher: NetworkFetcher,
        parent: QWidget | None = None,
        *,
        present: str = "",
    ) -> None:
        """`present` is the name of the model to begin with; empty: the first."""
        super().__init__(parent)
        self._document, self._import = document, import_model
        self._task: Task | None = None
        self._wanted: str | None = present or None
        self.setWindowTitle(self.tr("Models"))
        self.names = QListWidget()
        self.names.setAccessibleName(self.tr("Installed models"))
        self.names.setMaximumWidth(240)
        self.card = QLabel()
        self.card.setWordWrap(True)
        self.card.setTextFormat(Qt.TextFormat.RichText)
        self.card.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.card.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.card.setContentsMargins(M, S, M, S)
        scroll = QScrollArea()
        scroll.setWidget(self.card)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.hide()
        self.add = text_button(self.tr("Import…"), self._ask_for_file)
        self.add.setToolTip(self.tr("A weights file (.safetensors) or a LIIF checkpoint (.pth)"))
        self.remove = text_button(self.tr("Remove…"), self._ask_and_remove)
        self.folder = text_button(self.tr("Show the folder"), _show_folder)
        self.folder.setEnabled(user_weights_dir().is_dir())
        close = text_button(self.tr("Close"), self.reject)
        row = QHBoxLayout()
        row.addWidget(self.names)
        self.network = NetworkRow(fetcher)
        about = QVBoxLayout()
        about.addWidget(scroll, 1)
        about.addWidget(self.network)
        row.addLayout(about, 1)
        row.setSpacing(M)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(L, L, L, L)
        layout.setSpacing(M)
        layout.addLayout(row, 1)
        layout.addWidget(self.status)
        layout.addLayout(button_row(self.add, self.remove, self.folder, None, close))
        self.resize(720, 520)
        self.names.currentRowChanged.connect(self._show_card)
        document.models_changed.connect(self._list)
        self._list()

    def import_file(self, source: Path) -> None:
        """Verify a file and put it into the user's folder, in the background."""
        is_trainers = source.stem == _TRAINERS_NAME and source.parent.name
        name = source.parent.name if is_trainers else source.stem
        try:
            target = free_model_path(name)
        except LiifganError as error:
            self._say(str(error))
            return
        self._say(self.tr("Checking {0}…").format(source.name))
        self.add.setEnabled(False)
        bring = self._import
        task = self._task = Task(lambda _progress, _cancel: bring(source, target), self)
        task.succeeded.connect(self._take)
        task.failed.connect(self._say)
        task.finished.connect(self._end)
        task.start()

    def remove_present(self) -> None:
        """Remove the model that is shown, without asking."""
        model = self._present()
        if model is None:
            return
        try:
            remove_weights(model.path)
        except LiifganError as error:
            self._say(str(error))
            return
        self._say(self.tr("{0} is removed.").format(source_name(model.name)))
        self.files_changed.emit()

    def _take(self, target: Path) -> None:
        self._wanted = target.stem
        self._say(self.tr("{0} is installed.").format(target.stem))
        self.files_changed.emit()

    def _end(self) -> None:
        self._task = None
        self.add.setEnabled(True)

    def _ask_for_file(self) -> None:
        kinds = self.tr("Models ({0});;All files (*)").format("*.safetensors *.pth *.pt")
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Import a model"), "", kinds)
        if name:
            self.import_file(Path(name))

    def _ask_and_remove(self) -> None:
        model = self._present()
        if model is None:
            return
        question = self.tr("Delete {0} from this computer?").format(model.path)
        no, yes = QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes
        title = self.tr("Remove a model")
        if QMessageBox.question(self, title, question, yes | no, no) == yes:
            self.remove_present()

    def _list(self) -> None:
        row = max(0, self.names.currentRow())
        models = self._document.models
        self.names.clear()
        self.names.addItems([source_name(model.name) for model in models])
        found = [n for n, model in enumerate(models) if model.name == self._wanted]
        self._wanted = None
        self.names.setCurrentRow(found[0] if found else min(row, len(models) - 1))
        if not models:
            self.network.set_trunk(None)
            self.remove.setEnabled(False)
            self.card.setText(
                self.tr("No model is installed. Install LIIF-GAN again, which brings some.")
            )

    def _present(self) -> WeightsInfo | None:
        row, models = self.names.currentRow(), self._document.models
        return models[row] if 0 <= row < len(models) else None

    def _show_card(self, _row: int) -> None:
        model = self._present()
        if model is None:
            return
        self.card.setText(card_text(model, read_card(model.path)))
        self.network.set_trunk(model.trunk)
        is_own = can_remove(model.path)
        self.remove.setEnabled(is_own)
        self.remove.setToolTip("" if is_own else self.tr("This model came with the app"))

    def _say(self, message: str) -> None:
        self.status.setText(message)
        self.status.setVisible(bool(message))


def _show_folder() -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(user_weights_dir())))
