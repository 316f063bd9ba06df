"""A field for a factor, to four decimals, without trailing zeros."""

from PySide6.QtWidgets import QWidget

from app.design.fields import NumberField

PREFIX = "\u00d7 "
"""The sign of multiplication, before a factor."""


class FactorBox(NumberField):
    """Shows 2 as "× 2" and 1.9975 as "× 1.9975". Main thread."""

    def __init__(self, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(low, high, 4, parent)
        self.setPrefix(PREFIX)

    def reserve(self, digits: str) -> None:
        """Be wide enough for a number, also while a shorter one is shown."""
        frame = self.sizeHint().width() - self.fontMetrics().horizontalAdvance(
            self.prefix() + self.textFromValue(self.maximum()) + self.suffix()
        )
        room = self.fontMetrics().horizontalAdvance(self.prefix() + digits + self.suffix())
        self.setMinimumWidth(frame + room)
