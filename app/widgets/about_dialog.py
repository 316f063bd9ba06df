"""Version and licences."""

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLabel,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

import liifgan_core
from app.design.parts import title_label
from app.design.tokens import L, M
from app.state.licence_texts import licence_text


class AboutDialog(QDialog):
    """Says what this is and whose work it contains. Main thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About LIIF-GAN"))
        title = title_label(f"LIIF-GAN {liifgan_core.__version__}")
        text = QLabel(
            self.tr(
                "An image upscaler that treats a photo as a continuous function.\n\n"
                "BSD-3-Clause. Contains LIIF (Chen, Liu and Wang 2021; BSD-3-Clause), PyTorch "
                "(BSD-3-Clause), Qt {0} and PySide6 (LGPL-3.0), NumPy (BSD-3-Clause), OpenCV "
                "(Apache-2.0), OpenImageIO (Apache-2.0) and Pillow (MIT-CMU). The licences of "
                "models are in the list of models."
            ).format(PySide6.__version__)
        )
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        text.setMargin(M)
        self.tabs = QTabWidget()
        self.tabs.addTab(text, self.tr("About"))
        self.tabs.addTab(_page("LICENSE"), self.tr("Licence"))
        self.tabs.addTab(_page("NOTICE"), self.tr("Notices"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(L, L, L, M)
        layout.setSpacing(M)
        layout.addWidget(title)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(buttons)
        self.resize(720, 480)


def _page(name: str) -> QPlainTextEdit:
    page = QPlainTextEdit(licence_text(name))
    page.setReadOnly(True)
    page.setFrameShape(QFrame.Shape.NoFrame)
    # Also long words such as addresses are wrapped: no licence needs scrolling sideways.
    page.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    page.setAccessibleName(name)
    return page
