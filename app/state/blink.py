"""Which picture is up where only one can be seen."""

from PySide6.QtCore import QObject, QTimer, Signal

from app.state.document import DocumentModel

BLINK_MS = 600
"""How long each picture stays: long enough to look, short enough to see what jumps."""


class Blink(QObject):
    """Shows a document's right picture, or in its blink view the two in turns. Main thread."""

    turned = Signal()
    """The other picture is up."""

    def __init__(self, document: DocumentModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._is_left_up = False
        self._timer = QTimer(self)
        self._timer.setInterval(BLINK_MS)
        self._timer.timeout.connect(self._turn)
        document.comparison_changed.connect(self._follow)
        self._follow()

    @property
    def up(self) -> str:
        """The picture that is up."""
        shown = self._document.shown
        return shown.left if self._is_left_up and shown.mode == "blink" else shown.right

    def _follow(self) -> None:
        if self._document.comparison.mode == "blink":
            self._timer.start()
        else:
            self._timer.stop()
            self._is_left_up = False

    def _turn(self) -> None:
        self._is_left_up = not self._is_left_up
        self.turned.emit()
