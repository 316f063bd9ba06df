"""When the view asks for a frame: not with every event, and not faster than frames come."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

REQUEST_DELAY_MS = 16
"""One request per frame of a 60 Hz screen at most."""
REST_MS = 200
"""How long nothing must move until the view rests: longer than the pauses of a hand that drags,
shorter than one waits."""
PATIENCE_MS = 250
"""How long a quick frame is waited for before another replaces it, so that a view which moves all
the time gets whole frames and not only their middle. Several times what a frame takes; encoding a
photo takes longer, and is not waited for."""


class Pace(QObject):
    """Turns changes into turns to ask. Main thread."""

    due = Signal()
    """Ask for a frame now."""
    rested = Signal()
    """The view has not moved for REST_MS."""

    _asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_moving = self._is_asked = self._is_waiting = False
        # Queued, it comes before the next painting, which may take longer than the delay.
        self._asked.connect(self._take_turn, Qt.ConnectionType.QueuedConnection)
        self._throttle = self._timer(REQUEST_DELAY_MS, self._take_turn)
        self._rest = self._timer(REST_MS, self.rest)
        self._patience = self._timer(PATIENCE_MS, self.end)

    @property
    def is_moving(self) -> bool:
        """Whether the view has moved within REST_MS."""
        return self._is_moving

    @property
    def is_due(self) -> bool:
        """Whether a frame will be asked for, whatever the user does."""
        return self._is_asked or self._is_waiting

    def move(self) -> None:
        """Take note that the view moves."""
        self._is_moving = True
        self._rest.start()

    def rest(self) -> None:
        """Take note that it has stopped."""
        self._rest.stop()
        self._is_moving = False
        self.rested.emit()

    def ask(self) -> None:
        """Want a frame of the present state; wanted again before it is due, it is still one."""
        if not self._is_asked:
            self._is_asked = True
            if not self._throttle.isActive():
                self._asked.emit()

    def begin(self, *, is_quick: bool) -> None:
        """Take note that a frame was asked for; a quick one may take PATIENCE_MS undisturbed."""
        self._is_waiting = False
        if is_quick:
            self._patience.start()
        else:
            self._patience.stop()

    def end(self) -> None:
        """Take note that the frame is complete, failed or late; the next one need not wait."""
        self._patience.stop()
        if self._is_waiting:
            self._is_waiting = False
            self.due.emit()

    def stop(self) -> None:
        """Forget what was to come: another photo is shown, or none."""
        self._is_moving = self._is_asked = self._is_waiting = False
        for timer in (self._throttle, self._rest, self._patience):
            timer.stop()

    def _take_turn(self) -> None:
        if not self._is_asked:
            return
        self._is_asked = False
        self._throttle.start()
        if self._patience.isActive():
            self._is_waiting = True
        else:
            self.due.emit()

    def _timer(self, interval_ms: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(slot)
        return timer
