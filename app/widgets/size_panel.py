"""How large a result shall be: a rule, its value, and the pixels that follow."""

import contextlib
from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QStackedWidget,
    QWidget,
)

from app.widgets.factor_box import PREFIX, FactorBox
from liifgan_core.errors import SizeError
from liifgan_core.geometry import MAX_OUTPUT_SIDE, Size
from liifgan_core.sizing import RuleKind, SizeRule, relative_rule

_KINDS: tuple[RuleKind, ...] = get_args(RuleKind)


class SizePanel(QWidget):
    """Asks for a size rule for a photo. Main thread."""

    changed = Signal()

    def __init__(self, photo: Size, factor: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photo = photo
        self.kind = QComboBox()
        for kind in _KINDS:
            self.kind.addItem(self._kind_name(kind), kind)
        self.kind.setAccessibleName(self.tr("Size rule"))
        self.value = FactorBox(1e-4, MAX_OUTPUT_SIDE)
        self.value.setAccessibleName(self.tr("Size"))
        self.width_box = self._side(self.tr("Width"))
        self.height_box = self._side(self.tr("Height"))
        exact = QWidget()
        row = QHBoxLayout(exact)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.width_box, 1)
        row.addWidget(QLabel(PREFIX.strip()))
        row.addWidget(self.height_box, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.value)
        self._pages.addWidget(exact)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.kind)
        layout.addWidget(self._pages, 1)
        self._size = Size(max(1, round(photo.height * factor)), max(1, round(photo.width * factor)))
        self._show_kind(factor)
        self.kind.currentIndexChanged.connect(lambda _: self._show_kind(None))
        for box in (self.value, self.width_box, self.height_box):
            box.valueChanged.connect(self._take)

    def rule(self) -> SizeRule:
        """Return the rule; raises SizeError for a value that is no size."""
        kind: RuleKind = self.kind.currentData()
        if kind == "exact":
            size = Size(self.height_box.value(), self.width_box.value())
            return SizeRule("exact", size=size)
        return relative_rule(kind, self.value.value())

    def _take(self) -> None:
        with contextlib.suppress(SizeError):  # whoever listens shows the message
            self._size = self.rule().output_size(self._photo)
        self.changed.emit()

    def _show_kind(self, factor: float | None) -> None:
        """Show the present size in terms of the chosen rule."""
        kind: RuleKind = self.kind.currentData()
        self._pages.setCurrentIndex(1 if kind == "exact" else 0)
        height, width = self._size.height, self._size.width
        boxes = (self.value, self.width_box, self.height_box)
        for box in boxes:
            box.blockSignals(True)
        if kind == "exact":
            self.width_box.setValue(width)
            self.height_box.setValue(height)
        else:
            is_whole = kind in ("width", "height", "long-edge")
            self.value.setDecimals(0 if is_whole else 4)
            self.value.setPrefix(PREFIX if kind == "scale" else "")
            self.value.setSuffix({"scale": "", "megapixels": " MP"}.get(kind, " px"))
            values = {
                "scale": factor or width / self._photo.width,
                "width": width,
                "height": height,
                "long-edge": max(width, height),
                "megapixels": self._size.num_pixels / 1e6,
            }
            self.value.setValue(values[kind])
        for box in boxes:
            box.blockSignals(False)
        self.changed.emit()

    def _kind_name(self, kind: RuleKind) -> str:
        return {
            "scale": self.tr("Factor"),
            "width": self.tr("Width"),
            "height": self.tr("Height"),
            "long-edge": self.tr("Long edge"),
            "megapixels": self.tr("Megapixels"),
            "exact": self.tr("Exact size"),
        }[kind]

    def _side(self, name: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(1, MAX_OUTPUT_SIDE)
        box.setSuffix(" px")
        box.setAccessibleName(name)
        return box
