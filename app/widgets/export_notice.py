"""A note over the picture about exports: how far they are, then what became of them, and where."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QImageReader
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.design.icons import Tone
from app.design.parts import IconLabel, set_part, tool_button
from app.design.tokens import GRID, M, S
from app.state.export_queue import ExportQueue
from app.state.queue_entries import QueueEntry, free_path
from app.widgets.buttons import text_button
from app.widgets.file_shower import open_file, show_in_folder
from app.widgets.line_breaks import breakable
from app.widgets.quantities import file_size_text, time_text
from app.widgets.queue_words import end_text, entry_name, loss_texts, progress_text

_COPIED_PIXELS = 50_000_000
"""More pixels would take 200 MB of the clipboard; then only the file is copied."""
_MOST_LOSSES = 3
"""Sentences that are shown; the queue has all of them."""
_WIDTH = 140 * GRID
"""Logical pixels: a sentence of 80 letters."""


class ExportNotice(QFrame):
    """One notice at a time; it stays until it is closed or the next export begins. Main thread.

    It lies at the lower edge of its parent: room of its own would move the picture at each export.
    """

    def __init__(
        self, queue: ExportQueue, show_queue: Callable[[], object], parent: QWidget
    ) -> None:
        super().__init__(parent)
        set_part(self, "toast")
        self.setAutoFillBackground(True)
        self._queue = queue
        self._ended: Sequence[QueueEntry] = ()
        self._num_restored = 0
        self._is_closed = False
        self._sign = IconLabel("export")
        self.text, self.losses = _words(), _words()
        set_part(self.losses, "quiet")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Progress of the exports"))
        self.resume = text_button(self.tr("Go on"), queue.resume)
        self.open = text_button(self.tr("Open"), self._open)
        self.show_folder = text_button(self.tr("Show in folder"), self._show_in_folder)
        self.copy = text_button(self.tr("Copy result"), self._copy)
        self.replace = text_button(self.tr("Replace"), lambda: self._do_again(replaces=True))
        free_name = self.tr("Export under a free name")
        self.rename = text_button(free_name, lambda: self._do_again(replaces=False))
        self.show_queue = text_button(self.tr("Show queue"), show_queue)
        self.close_ = tool_button("close", self.tr("Close the message"), self._close)
        self._buttons = (
            self.resume,
            self.replace,
            self.rename,
            self.open,
            self.show_folder,
            self.copy,
            self.show_queue,
        )
        words = QVBoxLayout()
        words.setSpacing(S // 2)
        words.addWidget(self.text)
        words.addWidget(self.losses)
        words.addWidget(self.progress)
        head = QHBoxLayout()
        head.setSpacing(S)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        head.addWidget(self.close_, 0, Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setSpacing(S)
        buttons.addStretch(1)
        for button in self._buttons:
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(M, S, S, S)
        column.setSpacing(S)
        column.addLayout(head)
        column.addLayout(buttons)
        self.hide()
        parent.installEventFilter(self)
        queue.state_changed.connect(self._follow)
        queue.finished.connect(self._tell_end)
        queue.restored.connect(self._tell_restored)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.ChildAdded):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """Lie above the lower edge, as wide as a message may be and as high as it needs."""
        parent, layout = self.parentWidget(), self.layout()
        assert parent is not None, "it was given one"
        assert layout is not None, "it was made"
        room = parent.rect().adjusted(M, M, -M, -M)
        width = min(_WIDTH, room.width())
        height = max(layout.totalHeightForWidth(width), layout.totalMinimumSize().height())
        self.setGeometry(room.center().x() - width // 2, room.bottom() - height, width, height)
        self.raise_()

    def _follow(self) -> None:
        """Show how far the queue is, while it works."""
        queue = self._queue
        if queue.state == "idle":
            if not self._ended:
                self.hide()
            self._is_closed = False
            return
        if queue.state == "running":
            self._ended, self._num_restored = (), 0
        if self._num_restored or self._is_closed:
            return
        current = queue.current
        texts: list[str] = []
        if current is not None:
            done = progress_text(current.fraction, current.seconds_left)
            texts.append(f"{entry_name(current)}: {done}")
        num_more = queue.num_left - (current is not None)
        if num_more and current is not None:
            texts.append(self.tr("{0} more").format(num_more))
            if (left_s := queue.seconds_left) is not None:
                texts.append(self.tr("{0} left in all").format(time_text(left_s)))
        elif num_more:
            texts.append(self.tr("{0} to do").format(num_more))
        is_paused = queue.state == "paused"
        if is_paused:
            texts.append(self.tr("paused"))
        self.progress.setValue(round(1000 * queue.fraction))
        shown = (self.resume, self.show_queue) if is_paused else (self.show_queue,)
        self._show("export", "text", ", ".join(texts), (self.progress, *shown))

    def _tell_restored(self, num_left: int) -> None:
        self._num_restored = num_left
        text = self.tr("1 export of last time is not done.")
        if num_left > 1:
            text = self.tr("{0} exports of last time are not done.").format(num_left)
        self._show("export", "text", text, (self.resume, self.show_queue))

    def _tell_end(self, entries: Sequence[QueueEntry]) -> None:
        self._ended, self._is_closed = entries, False
        failed = [entry for entry in entries if entry.status == "failed"]
        results = self._results()
        text = end_text(entries)
        if len(entries) == 1 and results:
            text += f" {file_size_text(results[0].stat().st_size)}."
        shown: list[QWidget] = []
        if len(entries) == 1 and entries[0].is_in_the_way:
            order = entries[0].order
            shown.append(self.replace)
            if order is not None and order.is_single:
                free = free_path(order.options.output.path)
                self.rename.setText(self.tr("Export as “{0}”").format(free.name))
                shown.append(self.rename)
        if len(results) == 1:
            shown += [self.open, self.show_folder, self.copy]
        elif results:
            shown.append(self.show_folder)
        if failed or len(entries) > 1:
            shown.append(self.show_queue)
        losses = loss_texts(entries)
        self._show(
            "warning" if failed else "done",
            "error" if failed else "accent",
            text,
            shown,
            losses=" ".join(losses[:_MOST_LOSSES]) + (" …" if len(losses) > _MOST_LOSSES else ""),
        )

    def _show(
        self,
        icon_name: str,
        tone: Tone,
        text: str,
        shown: Sequence[QWidget],
        *,
        losses: str = "",
    ) -> None:
        self._sign.show_icon(icon_name, tone)
        self.text.setText(breakable(text))
        self.losses.setText(breakable(losses))
        self.losses.setVisible(bool(losses))
        for widget in (self.progress, *self._buttons):
            widget.setVisible(widget in shown)
        self.setAccessibleName(f"{text} {losses}".strip())
        self.show()
        self._place()

    def _results(self) -> Sequence[Path]:
        targets = [entry.target for entry in self._ended if entry.status == "done"]
        return [path for path in targets if path is not None and path.is_file()]

    def _close(self) -> None:
        self._ended, self._num_restored, self._is_closed = (), 0, True
        self.hide()

    def _open(self) -> None:
        for path in self._results()[:1]:
            open_file(path)

    def _show_in_folder(self) -> None:
        for path in self._results()[:1]:
            show_in_folder(path, self)

    def _do_again(self, *, replaces: bool) -> None:
        numbers = {entry.number for entry in self._ended}
        rows = [row for row, e in enumerate(self._queue.entries) if e.number in numbers]
        self._queue.do_again(rows, replaces=replaces)

    def _copy(self) -> None:
        """Put the file into the clipboard, and its pixels where a clipboard can take them."""
        for path in self._results()[:1]:
            data = QMimeData()
            data.setUrls([QUrl.fromLocalFile(str(path))])
            size = QImageReader(str(path)).size()
            # Qt gives no size for formats that it cannot read.
            if size.isValid() and size.width() * size.height() <= _COPIED_PIXELS:
                data.setImageData(QImage(str(path)))
            QGuiApplication.clipboard().setMimeData(data)


def _words() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
