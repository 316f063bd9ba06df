"""A field for a factor, to four decimals, without trailing zeros."""

from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QWidget

PREFIX = "\u00d7 "
"""The sign of multiplication, before a factor."""


class FactorBox(QDoubleSpinBox):
    """Shows 2 as "× 2" and 1.9975 as "× 1.9975". Main thread."""

    def __init__(self, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(4)
        self.setRange(low, high)
        self.setPrefix(PREFIX)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)

    def reserve(self, digits: str) -> None:
        """Be wide enough for a number, also while a shorter one is shown."""
        frame = self.sizeHint().width() - self.fontMetrics().horizontalAdvance(
            self.prefix() + self.textFromValue(self.maximum()) + self.suffix()
        )
        room = self.fontMetrics().horizontalAdvance(self.prefix() + digits + self.suffix())
        self.setMinimumWidth(frame + room)

    def textFromValue(self, val: float) -> str:
        text = super().textFromValue(val)
        point = self.locale().decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text
