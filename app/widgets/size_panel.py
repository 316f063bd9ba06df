"""How large a result shall be: a rule, its value, and the pixels that follow."""

import contextlib
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QWidget,
)

from app.design.fields import ChoiceBox, CountBox
from app.design.tokens import S
from app.state.target_rule import PAPERS, TARGET_KINDS, TargetKind, TargetRule
from app.widgets.factor_box import PREFIX, FactorBox
from liifgan_core.errors import SizeError
from liifgan_core.geometry import MAX_OUTPUT_SIDE, Size
from liifgan_core.sizing import half_up

PRINT_DPI = 300
"""What print shops ask for."""
_EXAMPLE = Size(1080, 1920)
"""Size to begin with where there is no photo."""
_VALUE_PAGE, _SIDES_PAGE, _PAPER_PAGE = range(3)
_PAGES = {"exact": _SIDES_PAGE, "fit": _SIDES_PAGE, "min": _SIDES_PAGE, "print": _PAPER_PAGE}


@dataclass(frozen=True, slots=True)
class _Unit:
    prefix: str = ""
    suffix: str = ""
    decimals: int = 0


_UNITS = {"scale": _Unit(prefix=PREFIX, decimals=4), "megapixels": _Unit(suffix=" MP", decimals=4)}


class SizePanel(QWidget):
    """Asks for a size rule, for one photo or for photos that are not known yet. Main thread."""

    changed = Signal()

    def __init__(
        self,
        photo: Size | None,
        factor: float,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._photo = photo
        self._factor = factor
        self.kind = ChoiceBox()
        for kind in TARGET_KINDS:
            self.kind.addItem(self._kind_name(kind), kind)
        self.kind.setAccessibleName(self.tr("Size rule"))
        self.value = FactorBox(1e-4, MAX_OUTPUT_SIDE)
        self.value.setAccessibleName(self.tr("Size"))
        self.width_box = self._side(self.tr("Width"))
        self.height_box = self._side(self.tr("Height"))
        self.paper = ChoiceBox()
        for number, paper in enumerate(PAPERS):
            self.paper.addItem(paper.name, number)
        self.paper.setAccessibleName(self.tr("Paper"))
        self.dpi = CountBox()
        self.dpi.setRange(36, 2400)
        self.dpi.setValue(PRINT_DPI)
        self.dpi.setSuffix(" dpi")
        self.dpi.setAccessibleName(self.tr("Dots per inch"))
        self._pages = QStackedWidget()
        self._pages.addWidget(self.value)
        self._pages.addWidget(_row(self.width_box, QLabel(PREFIX.strip()), self.height_box))
        self._pages.addWidget(_row(self.paper, self.dpi))
        # Where the photo is not known, or changes, it stands in a narrow panel.
        self._is_narrow = photo is None
        layout = self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(S)
        layout.addWidget(self.kind, 1)
        layout.addWidget(self._pages, 1)
        self._size = _EXAMPLE
        if photo is not None:
            sides = (photo.height * factor, photo.width * factor)
            self._size = Size(*(max(1, half_up(side)) for side in sides))
        self._show_kind()
        self.kind.currentIndexChanged.connect(lambda _: self._show_kind())
        for box in (self.value, self.width_box, self.height_box, self.dpi):
            box.valueChanged.connect(self._take)
        self.paper.currentIndexChanged.connect(lambda _: self._take())

    def rule(self) -> TargetRule:
        """Return the rule as it is set; whether it suits a photo, `output_size` says."""
        kind: TargetKind = self.kind.currentData()
        if kind in ("exact", "fit", "min"):
            return TargetRule(kind, size=Size(self.height_box.value(), self.width_box.value()))
        if kind == "print":
            paper = PAPERS[self.paper.currentData()]
            return TargetRule(kind, self.dpi.value(), paper=paper)
        return TargetRule(kind, self.value.value())

    def set_photo(self, photo: Size | None) -> None:
        """Take another photo; the rule stays."""
        self._photo = photo
        self._take()

    def set_rule(self, rule: TargetRule) -> None:
        """Show a rule, without a signal."""
        was_blocked = self.blockSignals(True)
        size = rule.size or Size(self.height_box.value(), self.width_box.value())
        # The kind first: it would show the present size in its own terms.
        self.kind.setCurrentIndex(self.kind.findData(rule.kind))
        if rule.kind in ("exact", "fit", "min"):
            self.width_box.setValue(size.width)
            self.height_box.setValue(size.height)
        elif rule.kind == "print" and rule.paper is not None:
            self.paper.setCurrentIndex(PAPERS.index(rule.paper))
            self.dpi.setValue(int(rule.value))
        else:
            self.value.setValue(rule.value)
        self._take()
        self.blockSignals(was_blocked)

    def _take(self) -> None:
        if self.kind.currentData() == "scale":
            self._factor = self.value.value()
        if self._photo is not None:
            with contextlib.suppress(SizeError):  # whoever listens shows the message
                self._size = self.rule().output_size(self._photo)
        self.changed.emit()

    def _show_kind(self) -> None:
        """Show the present size in terms of the chosen rule."""
        kind: TargetKind = self.kind.currentData()
        page = _PAGES.get(kind, _VALUE_PAGE)
        self._pages.setCurrentIndex(page)
        # One number has room beside the rule's name, two have none.
        directions, is_below = QBoxLayout.Direction, self._is_narrow and page != _VALUE_PAGE
        self._layout.setDirection(directions.TopToBottom if is_below else directions.LeftToRight)
        boxes = (self.value, self.width_box, self.height_box)
        for box in boxes:
            box.blockSignals(True)
        if kind in ("exact", "fit", "min"):
            self.width_box.setValue(self._size.width)
            self.height_box.setValue(self._size.height)
        elif kind != "print":
            unit = _UNITS.get(kind, _Unit(suffix=" px"))
            self.value.setDecimals(unit.decimals)
            self.value.setPrefix(unit.prefix)
            self.value.setSuffix(unit.suffix)
            self.value.setValue(self._value_of(kind))
        for box in boxes:
            box.blockSignals(False)
        self._take()

    def _value_of(self, kind: TargetKind) -> float:
        """Return the number that describes the present size."""
        height, width = self._size.height, self._size.width
        match kind:
            case "width":
                return width
            case "height":
                return height
            case "long-edge":
                return max(height, width)
            case "short-edge":
                return min(height, width)
            case "megapixels":
                return self._size.num_pixels / 1e6
            case _:
                return self._present_factor()

    def _present_factor(self) -> float:
        """Return the asked factor as long as it gives the present size, so that it stays exact."""
        if self._photo is None:
            return self._factor
        asked = TargetRule("scale", self._factor)
        with contextlib.suppress(SizeError):
            if asked.output_size(self._photo) == self._size:
                return self._factor
        return self._size.width / self._photo.width

    def _kind_name(self, kind: TargetKind) -> str:
        return {
            "scale": self.tr("Factor"),
            "width": self.tr("Width"),
            "height": self.tr("Height"),
            "long-edge": self.tr("Long edge"),
            "short-edge": self.tr("Short edge"),
            "fit": self.tr("Fit into"),
            "min": self.tr("At least"),
            "exact": self.tr("Exact size"),
            "megapixels": self.tr("Megapixels"),
            "print": self.tr("Paper"),
        }[kind]

    def _side(self, name: str) -> CountBox:
        box = CountBox()
        box.setRange(1, MAX_OUTPUT_SIDE)
        box.setSuffix(" px")
        box.setAccessibleName(name)
        return box


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget, 0 if isinstance(widget, QLabel) else 1)
    return row
