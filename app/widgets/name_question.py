"""Asks what shall become of a file that has the name of an export already."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from app.state.export_queue import ExportQueue
from app.state.photo import Photo
from liifgan_core.batch.options import BatchOptions


class NameQuestion(QObject):
    """Asks in a window of its own, without holding the event loop. Main thread."""

    def __init__(self, queue: ExportQueue, window: QWidget) -> None:
        super().__init__(window)
        self._queue, self._window = queue, window
        self.box: QMessageBox | None = None
        """The question that is open."""
        queue.name_taken.connect(self.ask)

    def ask(self, photo: Photo, options: BatchOptions) -> None:
        """Ask; the export begins, or not, when the user has answered."""
        free = self._queue.free_options(options)
        path = options.output.path
        box = self.box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(self.tr("Export"))
        box.setText(self.tr("“{0}” is there already.").format(path.name))
        box.setInformativeText(self.tr("In the folder {0}").format(path.parent))
        keep = box.addButton(
            self.tr("Export as “{0}”").format(free.output.path.name),
            QMessageBox.ButtonRole.AcceptRole,
        )
        replace = box.addButton(self.tr("Replace"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(keep)

        def answer() -> None:
            self.box = None
            if box.clickedButton() is keep:
                self._queue.enqueue(photo, free)
            elif box.clickedButton() is replace:
                self._queue.enqueue(photo, self._queue.replacing(options))

        box.finished.connect(lambda _result: answer())
        box.open()
