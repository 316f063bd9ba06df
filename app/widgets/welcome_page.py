"""The first screen: drop a photo, go on with a recent one, or try one of the samples."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QIcon, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.design.icons import icon
from app.design.parts import (
    IconLabel,
    primary_button,
    quiet_label,
    section_header,
    set_look,
    set_part,
)
from app.design.tokens import ICON, XL, L, M, S
from app.widgets.before_after import BeforeAfter
from app.widgets.buttons import text_button
from app.widgets.thumbnails import Thumbnails
from liifgan_core.images.formats import readable_names
from liifgan_core.resources import resource_path

_SAMPLES = ("osprey.png", "circuits.png", "spices.png")
_THUMBNAIL = QSize(112, 84)
_MOST_RECENT = 5
"""As many as fit into a row of the smallest window."""


class WelcomePage(QWidget):
    """Shown while no photo is open. Lights up while files are dragged over it. Main thread."""

    def __init__(
        self,
        *,
        ask_for_photo: Callable[[], object],
        paste: Callable[[], object],
        open_path: Callable[[Path], object],
        open_mime: Callable[[QMimeData], object],
        begin_tour: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._open_path, self._open_mime = open_path, open_mime
        self.setAcceptDrops(True)
        self.drop_area = self._make_drop_area(ask_for_photo, paste)
        self.picture = BeforeAfter()
        top = QHBoxLayout()
        top.setSpacing(L)
        top.addWidget(self.drop_area, 1)
        top.addWidget(self.picture, 1)
        self.recent = _Row(self.tr("Recent photos"))
        self.samples = _Row(self.tr("Samples to try"))
        paths = [path for name in _SAMPLES if (path := resource_path("samples", name)).is_file()]
        for path in paths:
            button = self.samples.add(path, self.tr("Sample {0}").format(path.stem), open_path)
            button.setIcon(QIcon(str(path)))
            button.setToolTip(self.tr("Open the sample {0}").format(path.stem))
        self.tour = text_button(self.tr("Take a short tour"), begin_tour)
        self.samples.header.addWidget(self.tour)
        self.samples.setVisible(bool(paths))
        self.recent.hide()
        page = QVBoxLayout(self)
        page.setContentsMargins(XL, L, XL, L)
        page.setSpacing(L)
        page.addLayout(top, 1)
        page.addWidget(self.recent)
        page.addWidget(self.samples)
        self._thumbnails = Thumbnails(_THUMBNAIL, self)
        self._thumbnails.made.connect(self._show_thumbnail)
        self._thumbnails.missing.connect(self._leave_out)

    def show_recent(self, paths: Sequence[str]) -> None:
        """List photos that were opened before; those that are gone are left out.

        Where there are some, they take the place of the samples.
        """
        self.recent.clear()
        for name in paths[:_MOST_RECENT]:
            path = Path(name)
            button = self.recent.add(path, path.name, self._open_path)
            button.setIcon(icon("image", "quiet"))
            button.setToolTip(name)
        self._choose_row()
        self._thumbnails.ask([Path(name) for name in paths[:_MOST_RECENT]])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            set_look(self.drop_area, "lit", value=True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        set_look(self.drop_area, "lit", value=False)

    def dropEvent(self, event: QDropEvent) -> None:
        set_look(self.drop_area, "lit", value=False)
        self._open_mime(event.mimeData())
        event.acceptProposedAction()

    def _make_drop_area(
        self, ask_for_photo: Callable[[], object], paste: Callable[[], object]
    ) -> QFrame:
        area = QFrame()
        set_part(area, "drop")
        title = self.drop_title = QLabel(self.tr("Drop a photo or a folder"))
        set_part(title, "display")
        title.setWordWrap(True)
        formats = quiet_label(readable_names())
        self.choose = primary_button(self.tr("Choose a photo…"), ask_for_photo)
        self.choose.setAutoDefault(False)
        self.paste = text_button(self.tr("Paste"), paste)
        self.paste.setIcon(icon("paste"))
        self.paste.setToolTip(self.tr("Open the picture or the file in the clipboard (Ctrl+V)"))
        buttons = QHBoxLayout()
        buttons.setSpacing(S)
        buttons.addStretch(1)
        buttons.addWidget(self.choose)
        buttons.addWidget(self.paste)
        buttons.addStretch(1)
        column = QVBoxLayout(area)
        column.setContentsMargins(L, M, L, M)
        column.setSpacing(M)
        column.addStretch(1)
        column.addWidget(IconLabel("image", side=3 * ICON, tone="quiet"), 0, _CENTRE)
        for label in (title, formats):
            label.setAlignment(_CENTRE)
            column.addWidget(label)
        column.addLayout(buttons)
        column.addStretch(1)
        return area

    def _show_thumbnail(self, path: Path, picture: QPixmap) -> None:
        button = self.recent.buttons.get(path)
        if button is not None:
            button.setIcon(QIcon(picture))

    def _leave_out(self, path: Path) -> None:
        self.recent.remove(path)
        self._choose_row()

    def _choose_row(self) -> None:
        has_recent = bool(self.recent.buttons)
        self.recent.setVisible(has_recent)
        self.samples.setVisible(not has_recent and bool(self.samples.buttons))


class _Row(QWidget):
    """A caption and thumbnails in a row."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self.buttons: dict[Path, QToolButton] = {}
        self.header = QHBoxLayout()
        self.header.addWidget(section_header(caption))
        self.header.addStretch(1)
        self._row = QHBoxLayout()
        self._row.setSpacing(S)
        self._row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        column.addLayout(self.header)
        column.addLayout(self._row)

    def add(self, path: Path, name: str, run: Callable[[Path], object]) -> QToolButton:
        """Add a thumbnail, without its picture, that runs something with its path."""
        button = QToolButton()
        set_part(button, "flat")
        button.setIconSize(_THUMBNAIL)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        room = _THUMBNAIL.width() - S
        button.setText(button.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room))
        words = button.fontMetrics().height()
        button.setFixedSize(_THUMBNAIL.width() + M, _THUMBNAIL.height() + words + M)
        button.setAccessibleName(name)
        button.clicked.connect(lambda _checked=False: run(path))
        self.buttons[path] = button
        self._row.insertWidget(self._row.count() - 1, button)
        return button

    def remove(self, path: Path) -> None:
        """Take a thumbnail away."""
        button = self.buttons.pop(path, None)
        if button is not None:
            button.hide()
            button.deleteLater()

    def clear(self) -> None:
        """Take all away."""
        for path in list(self.buttons):
            self.remove(path)


_CENTRE = Qt.AlignmentFlag.AlignCenter
