"""Ready-made parts that look alike everywhere: headers, cards, buttons, a choice of few.

They hold no state of the app and know nothing of it. Main thread.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.design.icons import Tone, icon
from app.design.tokens import ICON, TARGET, M, S


def set_part(widget: QWidget, part: str) -> None:
    """Let a widget look as a part of the style sheet, also when it is shown already."""
    set_look(widget, "part", part)


def set_look(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet asks for, and style the widget anew."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def section_header(text: str) -> QLabel:
    """Return the name of a section of a panel."""
    return _label(text, "section")


def quiet_label(text: str = "") -> QLabel:
    """Return a remark that wraps: smaller and in a quieter colour."""
    label = _label(text, "quiet")
    label.setWordWrap(True)
    return label


def title_label(text: str) -> QLabel:
    """Return the title of a dialog."""
    return _label(text, "title")


def primary_button(text: str, run: Callable[[], object]) -> QPushButton:
    """Return the filled button for what the window is there for; one a window."""
    button = QPushButton(text)
    button.clicked.connect(lambda _checked=False: run())
    set_part(button, "primary")
    return button


def tool_button(
    icon_name: str, name: str, run: Callable[[], object] | None = None, *, tip: str = ""
) -> QToolButton:
    """Return a flat button with an icon; `name` is for screen readers, and the tip without one."""
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(ICON, ICON))
    button.setAccessibleName(name)
    button.setToolTip(tip or name)
    if run is not None:
        button.clicked.connect(lambda _checked=False: run())
    set_part(button, "flat")
    return button


class IconLabel(QWidget):
    """An icon beside a text, which says what it means; it follows the theme."""

    def __init__(
        self,
        icon_name: str,
        *,
        side: int = ICON,
        tone: Tone = "text",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = icon(icon_name, tone)
        self.setFixedSize(side, side)

    def show_icon(self, icon_name: str, tone: Tone = "text") -> None:
        """Show another icon."""
        self._icon = icon(icon_name, tone)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._icon.paint(QPainter(self), self.rect())


class Card(QFrame):
    """A raised frame around what belongs together."""

    def __init__(self, layout: QLayout | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "card")
        self.column = QVBoxLayout()
        """Where to add widgets, without a layout of one's own."""
        layout = self.column if layout is None else layout
        layout.setContentsMargins(M, M, M, M)
        layout.setSpacing(S)
        self.setLayout(layout)


class ChoiceCard(QPushButton):
    """A card that is chosen among others: a picture, a name and a sentence.

    Put the cards of one choice into an exclusive QButtonGroup; arrows then move between them.
    """

    def __init__(self, name: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "choice")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.picture = QLabel()
        set_part(self.picture, "sample")
        self.picture.hide()
        self.name, self.sentence = section_header(name), quiet_label(sentence)
        words = QVBoxLayout()
        words.setSpacing(S // 2)
        words.addWidget(self.name)
        words.addWidget(self.sentence)
        words.addStretch(1)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(M, S, M, S)
        row.setSpacing(M)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        for label in (self.picture, self.name, self.sentence):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(name)
        self.setAccessibleDescription(sentence)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_picture(self, picture: QIcon, size: QSize, *, room: QSize | None = None) -> None:
        """Show a picture of a size in logical pixels, left of the words, in the middle of `room`;
        None: of itself."""
        self.picture.setPixmap(picture.pixmap(size, self.devicePixelRatioF()))
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setFixedSize(room or size)
        self.picture.setVisible(not picture.isNull())

    def sizeHint(self) -> QSize:
        return self._row.totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._row.totalMinimumSize()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._row.totalHeightForWidth(width)


class SegmentedControl(QWidget):
    """A choice of few that are all seen; one is chosen. Left and right move between them."""

    chosen = Signal(object)
    """The value that the user has chosen; not sent by `set_value`."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_part(self, "segments")
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._values: list[object] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(1, 1, 1, 1)
        self._row.setSpacing(1)
        self._group.idClicked.connect(lambda number: self.chosen.emit(self._values[number]))

    def add(self, value: object, text: str, *, icon_name: str = "", tip: str = "") -> QToolButton:
        """Add a segment: with an icon alone, whose name is then the text, or with words."""
        button = QToolButton()
        button.setCheckable(True)
        if icon_name:
            button.setIcon(icon(icon_name))
            button.setIconSize(QSize(ICON, ICON))
        else:
            button.setText(text)
        button.setAccessibleName(text)
        button.setToolTip(tip or (text if icon_name else ""))
        self._group.addButton(button, len(self._values))
        self._values.append(value)
        self._row.addWidget(button)
        return button

    @property
    def value(self) -> object:
        """The chosen value; None where none is."""
        number = self._group.checkedId()
        return self._values[number] if number >= 0 else None

    def set_value(self, value: object) -> None:
        """Show a value as chosen; one that is no segment leaves none chosen."""
        if value in self._values:
            self._group.button(self._values.index(value)).setChecked(True)
        elif (checked := self._group.checkedButton()) is not None:
            self._group.setExclusive(False)
            checked.setChecked(False)
            self._group.setExclusive(True)

    def buttons(self) -> Sequence[QAbstractButton]:
        """Return the segments, from left to right."""
        return self._group.buttons()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        number = self._group.checkedId() + step
        if 0 <= number < len(self._values):
            button = self._group.button(number)
            button.setFocus()
            button.click()


class Form(QFormLayout):
    """A form whose fields share the width and whose captions are centred beside them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__()
        if parent is not None:
            parent.setLayout(self)
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(M)
        self.setVerticalSpacing(S)
        self.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def add(self, caption: str, field: QWidget) -> None:
        """Add a row; one without a caption has its field below the others."""
        self.addRow(caption, field)
        label = self.labelForField(field) if caption else None
        if label is not None:
            label.setMinimumHeight(TARGET)  # Qt keeps lower ones above the middle of their fields


class FittedScroll(QScrollArea):
    """Asks for all the height that its content has, and scrolls where there is less.

    Wrapped texts of the content get all their lines: Qt alone would give them a guess.
    """

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        return self._content.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        layout = self._content.layout()
        if layout is not None and layout.hasHeightForWidth():
            needed = layout.totalHeightForWidth(self.viewport().width())
            if needed != self._content.minimumHeight():
                self._content.setMinimumHeight(needed)

    def minimumSizeHint(self) -> QSize:
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._content.minimumSizeHint().width() + bar, 3 * TARGET)


def _label(text: str, part: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    set_part(label, part)
    return label
