"""The row below the canvas: the photo's name and size, whether pixels are still coming, zoom."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from app.design.tokens import M, S
from app.state import view as views
from app.state.frame_schedule import FrameSchedule
from app.widgets.elided_label import ElidedLabel
from app.widgets.quantities import pixels_text
from app.widgets.zoom_bar import ZoomBar

_BUSY_AFTER_MS = 200
"""A shorter frame needs no sign of life; it would only flicker."""


class StatusRow(QWidget):
    """Shows a document's state, and its schedule's. Main thread."""

    def __init__(self, schedule: FrameSchedule, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document = schedule.document
        self._name, self._sizes = ElidedLabel(), QLabel()
        self._sizes.setToolTip(self.tr("Pixels of the photo, and of all of it at this zoom"))
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedWidth(64)
        self._busy.setAccessibleName(self.tr("Rendering"))
        self._busy.hide()
        self.zoom_bar = ZoomBar(document)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(M, S, M, S)
        layout.setSpacing(M)
        layout.addWidget(self._name, 1)
        for widget in (self._busy, self._sizes, self.zoom_bar):
            layout.addWidget(widget)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_BUSY_AFTER_MS)
        self._delay.timeout.connect(lambda: self._busy.setVisible(schedule.is_busy))
        document.photo_changed.connect(self._show_name)
        document.view_changed.connect(self._show_sizes)
        schedule.busy_changed.connect(self._show_busy)
        self._show_name()

    def _show_name(self) -> None:
        photo = self._document.photo
        name = "" if photo is None else photo.name
        self._name.setText(name)
        self._name.setToolTip(str(photo.path) if photo is not None and photo.path else name)
        self._show_sizes()

    def _show_sizes(self) -> None:
        photo = self._document.photo
        if photo is None:
            self._sizes.clear()
        else:
            size = views.output_size(photo.image.size, self._document.zoom)
            self._sizes.setText(f"{pixels_text(photo.image.size)} → {pixels_text(size)}")

    def _show_busy(self, is_busy: bool) -> None:
        if is_busy:
            self._delay.start()
        else:
            self._delay.stop()
            self._busy.hide()
