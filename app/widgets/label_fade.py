"""Lets the names on the picture step back when there is nothing more to come."""

from PySide6.QtCore import QEasingCurve, QObject, QTimer, QVariantAnimation, Signal

REST_MS = 2500
"""A final picture's names stay so long: time to read them."""
FADE_MS = 500
FAINT = 0.45
"""Opacity of names at rest: still to be found, no longer in the way."""


class LabelFade(QObject):
    """The opacity of names: 1 while something changes or the mouse moves. Main thread."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opacity = 1.0
        self._is_final = False
        self.rest = QTimer(self)
        self.rest.setSingleShot(True)
        self.rest.setInterval(REST_MS)
        self.animation = QVariantAnimation(self)
        self.animation.setDuration(FADE_MS)
        self.animation.setStartValue(1.0)
        self.animation.setEndValue(FAINT)
        self.animation.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self.animation.valueChanged.connect(self._set_opacity)
        self.rest.timeout.connect(self.animation.start)

    @property
    def opacity(self) -> float:
        """From FAINT to 1."""
        return self._opacity

    def follow(self, is_final: bool) -> None:
        """Take whether the picture is final; from then on the names rest, and fade."""
        if is_final != self._is_final:
            self._is_final = is_final
            self.wake()

    def wake(self) -> None:
        """Show the names, for a while."""
        self.rest.stop()
        self.animation.stop()
        self._set_opacity(1.0)
        if self._is_final:
            self.rest.start()

    def _set_opacity(self, opacity: float) -> None:
        if opacity != self._opacity:
            self._opacity = opacity
            self.changed.emit()
