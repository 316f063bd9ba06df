"""Fields for lists, numbers and what is set by eye. Main thread.

The wheel over a panel scrolls it; it changes a field only while the field has the focus, and a list
never: a photographer who scrolls must not change the model unnoticed.
"""

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)

from app.design.parts import quiet_label, set_part
from app.design.tokens import GRID

_FEW = 9
"""Letters that the narrowest field shows: "100000 px"."""
_STEPS = 1000
"""Positions of a slider over its range."""


class ChoiceBox(QComboBox):
    """A list to choose from that the wheel does not change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def minimumSizeHint(self) -> QSize:
        # Long names widen the opened list, not the window.
        return _narrow(self, super().minimumSizeHint())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def showPopup(self) -> None:
        view = self.view()
        view.setTextElideMode(Qt.TextElideMode.ElideNone)
        view.setMinimumWidth(view.sizeHintForColumn(0) + 4 * view.frameWidth() + 24)
        super().showPopup()


class CountBox(QSpinBox):
    """A whole number; too large or too small a number is brought to the nearest that works."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return _narrow(self, super().minimumSizeHint())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberField(QDoubleSpinBox):
    """A number without trailing zeros. Takes comma and point, in every language.

    A number beyond the range is taken as the range's end when the field is left, and the tip says
    the range: nothing that is typed is swallowed.
    """

    def __init__(
        self, low: float, high: float, decimals: int = 2, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._tip = ""
        self.setDecimals(decimals)
        self.setRange(low, high)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)

    def minimumSizeHint(self) -> QSize:
        return _narrow(self, super().minimumSizeHint())

    def range_text(self) -> str:
        """Return the range for people."""
        low, high = (self.textFromValue(end) for end in (self.minimum(), self.maximum()))
        return self.tr("{0} to {1}").format(low, high)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def textFromValue(self, val: float) -> str:
        text = self.locale().toString(val, "f", self.decimals())
        point = self.locale().decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text

    def valueFromText(self, text: str) -> float:
        number = self._number(text)
        if number is None:
            return self.value()
        return min(max(number, self.minimum()), self.maximum())

    def validate(self, input: str, pos: int) -> object:
        state = QValidator.State.Acceptable
        if self._number(input) is None:
            bare = self._bare(input)
            is_begun = all(sign.isdigit() or sign in ".,-" for sign in bare)
            state = QValidator.State.Intermediate if is_begun else QValidator.State.Invalid
        return state, input, pos

    def fixup(self, str: str) -> str:
        return self.prefix() + self.textFromValue(self.value()) + self.suffix()

    def _bare(self, text: str) -> str:
        bare = text.strip().removeprefix(self.prefix().strip())
        return bare.removesuffix(self.suffix().strip()).strip()

    def _number(self, text: str) -> float | None:
        """Return what was typed; the last comma or point is the decimal mark."""
        bare = self._bare(text).replace(",", ".")
        if bare.count(".") > 1:  # those before are of thousands
            whole, _, part = bare.rpartition(".")
            bare = f"{whole.replace('.', '')}.{part}"
        try:
            return float(bare)
        except ValueError:
            return None


class LargeSlider(QWidget):
    """A large slider from `low` to `high` with words at its ends; a double click resets it."""

    changed = Signal(float)
    """The value that the user has set; not sent by `set_value`."""

    def __init__(
        self,
        name: str,
        low: float,
        high: float,
        *,
        usual: float,
        words: tuple[str, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._low, self._high, self._usual = low, high, usual
        self.slider = EyeSlider()
        self.slider.setAccessibleName(name)
        set_part(self.slider, "large")
        self.left, self.right = quiet_label(), quiet_label()
        self.right.setAlignment(Qt.AlignmentFlag.AlignRight)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.addWidget(self.slider, 0, 0, 1, 2)
        grid.addWidget(self.left, 1, 0)
        grid.addWidget(self.right, 1, 1)
        self.set_words(*words)
        self.set_value(usual)
        self.slider.valueChanged.connect(lambda _: self.changed.emit(self.value))
        self.slider.reset.connect(lambda: self.slider.setValue(self._step(self._usual)))

    @property
    def value(self) -> float:
        """The value, exact at the usual one."""
        step = self.slider.value()
        if step == self._step(self._usual):
            return self._usual
        return self._low + (self._high - self._low) * step / _STEPS

    def set_value(self, value: float) -> None:
        """Show a value."""
        self.slider.blockSignals(True)
        self.slider.setValue(self._step(value))
        self.slider.blockSignals(False)

    def set_usual(self, value: float) -> None:
        """Set the value that a double click leads back to."""
        self._usual = value

    def set_words(self, left: str, right: str) -> None:
        """Say what lies at the ends."""
        self.left.setText(left)
        self.right.setText(right)

    def _step(self, value: float) -> int:
        return round(_STEPS * (value - self._low) / (self._high - self._low))


class EyeSlider(QSlider):
    """Jumps to where it is pressed, as sliders of photo editors do."""

    reset = Signal()
    """It was double-clicked."""

    def __init__(self, num_steps: int = _STEPS) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, num_steps)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSingleStep(max(1, num_steps // 100))
        self.setPageStep(max(1, num_steps // 10))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._is_on_handle(
            event.position().toPoint()
        ):
            handle = self._part(QStyle.SubControl.SC_SliderHandle)
            room = max(1, self.width() - handle.width())
            at = round(event.position().x()) - handle.width() // 2
            self.setValue(QStyle.sliderValueFromPosition(0, self.maximum(), at, room))
        super().mousePressEvent(event)

    def _is_on_handle(self, at: QPoint) -> bool:
        return self._part(QStyle.SubControl.SC_SliderHandle).contains(at)

    def _part(self, part: QStyle.SubControl) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)


def _narrow(field: QWidget, hint: QSize) -> QSize:
    """Return a hint that is no wider than a field of few letters."""
    room = field.fontMetrics().averageCharWidth() * _FEW + 5 * GRID
    return QSize(min(hint.width(), room), hint.height())
