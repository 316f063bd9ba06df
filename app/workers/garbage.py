"""Python's cyclic garbage, collected by the main thread alone.

Python collects in whichever thread happens to allocate. A cycle may hold widgets or timers of a
closed dialog, and a worker thread that destroyed them would crash the program.
"""

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 1000
"""How often it is looked at whether there is enough. A minute's garbage of a busy window is some
MB; large arrays are in no cycles and go at once."""


class GarbageCollector(QObject):
    """Collects as often as Python itself would, between events, until `stop`. Main thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        # What is there now stays: going through all of Qt's and torch's modules takes 0.1 s.
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def stop(self) -> None:
        """Leave it to Python again, which ends in an order of its own."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def collect(self) -> None:
        """Collect the oldest generation that has its threshold's worth, and those below it."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return
