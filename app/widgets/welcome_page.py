"""The first screen: drop a photo, or try one of the samples."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from liifgan_core.resources import resource_path

_SAMPLES = ("osprey.png", "circuits.png", "spices.png")
_THUMBNAIL = QSize(160, 120)


class WelcomePage(QWidget):
    """Shown while no photo is open. Main thread."""

    def __init__(
        self,
        *,
        ask_for_photo: Callable[[], object],
        open_path: Callable[[Path], object],
        begin_tour: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("Drop a photo here"))
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 2.2)
        title.setFont(font)
        hint = QLabel(
            self.tr("Zoom to any factor: the picture is rendered anew at exactly that size.")
        )
        hint.setWordWrap(True)
        browse = QPushButton(self.tr("Choose a photo…"))
        browse.clicked.connect(ask_for_photo)
        browse.setMinimumWidth(180)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        for widget in (title, hint):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(widget)
        layout.addSpacing(12)
        layout.addWidget(browse, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addSpacing(28)
        samples = [path for name in _SAMPLES if (path := resource_path("samples", name)).is_file()]
        if samples:
            caption = QLabel(self.tr("or try a sample"))
            caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(caption)
            layout.addLayout(self._sample_row(samples, open_path))
            tour = QPushButton(self.tr("Take a short tour"))
            tour.setMinimumWidth(180)
            tour.clicked.connect(begin_tour)
            layout.addSpacing(12)
            layout.addWidget(tour, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(3)

    def _sample_row(self, samples: list[Path], open_path: Callable[[Path], object]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        for path in samples:
            button = QToolButton()
            button.setIcon(QIcon(str(path)))
            button.setIconSize(_THUMBNAIL)
            button.setAutoRaise(True)
            button.setAccessibleName(self.tr("Sample {0}").format(path.stem))
            button.setToolTip(self.tr("Open the sample {0}").format(path.stem))
            button.clicked.connect(lambda _checked=False, path=path: open_path(path))
            row.addWidget(button)
        row.addStretch(1)
        return row
