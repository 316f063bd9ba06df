"""The detail brush's settings and commands."""

import math
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.design.fields import EyeSlider
from app.design.parts import (
    FittedScroll,
    Form,
    SegmentedControl,
    quiet_label,
    section_header,
    tool_button,
)
from app.design.tokens import M, S
from app.state.auto_masks import AutoMasks
from app.state.brush import MAX_SIZE, MIN_SIZE
from app.state.mask_editor import MaskEditor
from app.state.sidecar_keeper import SidecarKeeper
from app.widgets.buttons import button_row, text_button
from app.widgets.quantities import number_text
from liifgan_core.images.detail_mask import MAX_STRENGTH

_STEPS = 100


class MaskPanel(QWidget):
    """Shows and sets a mask editor. Main thread."""

    def __init__(
        self, editor: MaskEditor, keeper: SidecarKeeper, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor, self._document, self._keeper = editor, editor.document, keeper
        self.automatic = AutoMasks(editor, self)
        self.tool = SegmentedControl(self.tr("What the mouse makes"))
        self.tool.add("brush", self.tr("Brush"), tip=self.tr("Paint strokes"))
        self.tool.add("graduated", self.tr("Graduated"), tip=self.tr("Drag from full to none"))
        self.tool.add("radial", self.tr("Radial"), tip=self.tr("Drag from the middle outwards"))
        self.effect = SegmentedControl(self.tr("What it does to the detail"))
        self.effect.add("less", self.tr("Less"))
        self.effect.add("more", self.tr("More"))
        self.effect.add("value", self.tr("To a value"))
        self._numbers: dict[EyeSlider, QLabel] = {}
        self.brush_size = self._slider(
            self.tr("Size"), self.tr("Diameter in the photo's pixels ([ and ])")
        )
        self.hardness = self._slider(
            self.tr("Hardness"), self.tr("Part of the brush with the full effect (Shift+[ and ])")
        )
        self.feather = self._slider(
            self.tr("Feather"), self.tr("How far the edge fades beyond the brush")
        )
        self.amount = self._slider(self.tr("Amount"), self.tr("How much one stroke changes"))
        self.value = self._slider(self.tr("Value"), self.tr("The strength to paint, 0 to 1.5"))
        self.shows = QCheckBox(self.tr("Show the mask (O)"))
        self.undo = tool_button("undo", self.tr("Undo"), editor.undo, tip=self.tr("Undo (Ctrl+Z)"))
        self.redo = tool_button(
            "redo", self.tr("Redo"), editor.redo, tip=self.tr("Redo (Ctrl+Shift+Z)")
        )
        self.remark = quiet_label()
        self.kept = quiet_label()
        self._lay_out()
        self._connect()
        self._show()

    def _slider(self, name: str, tip: str) -> EyeSlider:
        slider = EyeSlider(_STEPS)
        slider.setAccessibleName(name)
        slider.setToolTip(tip)
        number = QLabel()
        number.setMinimumWidth(self.fontMetrics().horizontalAdvance("0000"))
        self._numbers[slider] = number
        return slider

    def _lay_out(self) -> None:
        content = QWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(FittedScroll(content))
        column = QVBoxLayout(content)
        column.setContentsMargins(M, M, M, M)
        column.setSpacing(S)
        column.addWidget(self.tool)
        column.addWidget(self.effect)
        form = self._form = Form()
        for slider, number in self._numbers.items():
            row = QHBoxLayout()
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(slider, 1)
            row.addWidget(number)
            field = QWidget()
            field.setLayout(row)
            form.add(slider.accessibleName(), field)
        column.addLayout(form)
        column.addWidget(self.remark)
        shown = QHBoxLayout()
        shown.setSpacing(S)
        shown.addWidget(self.shows, 1)
        for button in (self.undo, self.redo):
            shown.addWidget(button)
        column.addLayout(shown)
        column.addLayout(
            button_row(
                text_button(self.tr("Fill"), self._editor.fill),
                text_button(self.tr("Invert"), self._editor.invert),
                text_button(self.tr("Erase"), self._editor.erase),
                None,
            )
        )
        column.addWidget(section_header(self.tr("Start from the photo")))
        column.addWidget(
            text_button(self.tr("Calm areas less"), lambda: self.automatic.start("calm"))
        )
        column.addWidget(
            text_button(self.tr("Text and line art less"), lambda: self.automatic.start("text"))
        )
        column.addStretch(1)
        column.addWidget(self.kept)
        column.addWidget(text_button(self.tr("Save edit"), self._keeper.save))

    def _connect(self) -> None:
        editor = self._editor
        self.tool.chosen.connect(editor.set_tool)
        self.effect.chosen.connect(
            lambda effect: editor.set_change(replace(editor.change, effect=effect))
        )
        self.brush_size.valueChanged.connect(
            lambda step: editor.set_brush(replace(editor.brush, size=_size(step)))
        )
        self.hardness.valueChanged.connect(
            lambda step: editor.set_brush(replace(editor.brush, hardness=step / _STEPS))
        )
        self.feather.valueChanged.connect(
            lambda step: editor.set_brush(replace(editor.brush, feather=step / _STEPS))
        )
        self.amount.valueChanged.connect(
            lambda step: editor.set_change(replace(editor.change, amount=step / _STEPS))
        )
        self.value.valueChanged.connect(
            lambda step: editor.set_change(
                replace(editor.change, value=step / _STEPS * MAX_STRENGTH)
            )
        )
        self.shows.toggled.connect(self._document.show_mask)
        for changed in (
            editor.tool_changed,
            editor.history_changed,
            self._document.look_changed,
            self._document.comparison_changed,
            self._document.models_changed,
            self._keeper.changed,
        ):
            changed.connect(self._show)

    def _show(self) -> None:
        editor, brush, change = self._editor, self._editor.brush, self._editor.change
        self.tool.set_value(editor.tool)
        self.effect.set_value(change.effect)
        for slider, step, text in (
            (self.brush_size, _step(brush.size), f"{brush.size:.0f}"),
            (self.hardness, brush.hardness * _STEPS, number_text(brush.hardness, 2)),
            (self.feather, brush.feather * _STEPS, number_text(brush.feather, 2)),
            (self.amount, change.amount * _STEPS, number_text(change.amount, 2)),
            (self.value, change.value / MAX_STRENGTH * _STEPS, number_text(change.value, 2)),
        ):
            with QSignalBlocker(slider):
                slider.setValue(round(step))
            self._numbers[slider].setText(text)
        for slider in (self.brush_size, self.hardness, self.feather):
            slider.setEnabled(editor.tool == "brush")
        self.value.setEnabled(change.effect == "value")
        with QSignalBlocker(self.shows):
            self.shows.setChecked(self._document.look.shows_mask)
        self.undo.setEnabled(editor.history.can_undo or editor.shape is not None)
        self.redo.setEnabled(editor.history.can_redo and editor.shape is None)
        self.remark.setText(self._remark())
        self.kept.setText(self._keeper.state_text())

    def _remark(self) -> str:
        shown = [m for m in self._document.models if m.name in self._document.comparison.sources]
        if not self._document.has_detail:
            return self.tr(
                "None of the pictures shown comes from a model with a detail layer, so the mask "
                "changes nothing that is seen."
            )
        if any(model.cleans and model.has_detail for model in shown):
            return self.tr("Where the mask is 0, the photo stays as it was taken; 1 is cleaned.")
        return self.tr("The detail at a place is the Detail slider times the mask.")


def _size(step: float) -> float:
    """Return the brush's diameter at a step of the slider: equal steps, equal factors."""
    return MIN_SIZE * (MAX_SIZE / MIN_SIZE) ** (step / _STEPS)


def _step(size: float) -> float:
    return _STEPS * math.log(size / MIN_SIZE) / math.log(MAX_SIZE / MIN_SIZE)
