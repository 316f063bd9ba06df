"""The row below the canvas: the photo's name and size, whether pixels are still coming, zoom."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from app.design.parts import tool_button
from app.design.tokens import M, S
from app.state import view as views
from app.state.frame_schedule import FrameSchedule
from app.widgets.elided_label import ElidedLabel
from app.widgets.quantities import pixels_text, work_text
from app.widgets.zoom_bar import ZoomBar

_SAID_MS = 5000
"""How long a note stays: time to read it."""
_LEAST = 0.01
"""Part from which a percentage is told; a bar that stands at nothing would look dead."""
_TICK_MS = 250
"""How often the time left is written anew."""
_BUSY_AFTER_MS = 200
"""A shorter frame needs no sign of life; it would only flicker."""


class StatusRow(QWidget):
    """Shows a document's state, and its schedule's. Main thread."""

    def __init__(self, schedule: FrameSchedule, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schedule = schedule
        self._document = document = schedule.document
        self._name, self._sizes = ElidedLabel(), QLabel()
        self._sizes.setToolTip(self.tr("Pixels of the photo, and of all of it at this zoom"))
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedWidth(64)
        self._busy.setAccessibleName(self.tr("Rendering"))
        self._busy.hide()
        self.work = QLabel()
        """How far what takes longer than a second is."""
        self.work.hide()
        self.peek = tool_button(
            "image",
            self.tr("Show the original"),
            tip=self.tr("Hold to see the original; so does the space bar, or the mouse held still"),
        )
        self.peek.pressed.connect(lambda: document.peek(True))
        self.peek.released.connect(lambda: document.peek(False))
        self.zoom_bar = ZoomBar(document)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(M, S, M, S)
        layout.setSpacing(M)
        layout.addWidget(self._name, 1)
        for widget in (self.work, self._busy, self._sizes, self.peek, self.zoom_bar):
            layout.addWidget(widget)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_BUSY_AFTER_MS)
        self._delay.timeout.connect(lambda: self._busy.setVisible(schedule.is_busy))
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show_work)
        document.photo_changed.connect(self._show_name)
        document.view_changed.connect(self._show_sizes)
        schedule.busy_changed.connect(self._show_busy)
        schedule.progressed.connect(self._show_work)
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(_SAID_MS)
        self._said.timeout.connect(self._show_name)
        self._show_name()

    def say(self, text: str) -> None:
        """Say something in the place of the photo's name, for a while."""
        self._name.setText(text)
        self._name.setToolTip(text)
        self.setAccessibleDescription(text)
        self._said.start()

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
            self._tick.start()
        else:
            self._tick.stop()
            self._delay.stop()
            self._busy.hide()
            self.work.hide()
            self._busy.setRange(0, 0)

    def _show_work(self) -> None:
        left = self._schedule.time_left
        if self._schedule.is_busy and left.is_long and left.fraction >= _LEAST:
            self._busy.setRange(0, 100)
            self._busy.setValue(round(100 * left.fraction))
            self.work.setText(work_text(left.fraction, left.seconds_left))
            self.work.show()
