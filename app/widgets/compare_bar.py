"""Which two pictures are compared, and how."""

from typing import get_args

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.design.fields import ChoiceBox
from app.design.parts import SegmentedControl, tool_button
from app.design.tokens import S
from app.state.comparison import COMPARE_MODES, CompareMode
from app.state.document import DocumentModel
from app.widgets.source_names import source_name
from liifgan_core.render.request import BICUBIC, NEAREST
from liifgan_core.weights.family import Group, group_of

_MORE = -1
"""Stands for the models that are not in the first list; those that are have their names."""


class CompareBar(QWidget):
    """Shows and sets a document's comparison. Main thread."""

    def __init__(self, document: DocumentModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._lists_all = False
        self.mode = SegmentedControl(self.tr("How to compare"))
        for number, mode in enumerate(COMPARE_MODES, start=1):
            name = self._mode_name(mode)
            self.mode.add(mode, name, icon_name=mode, tip=f"{name} ({number})")
        self.left = self._source_list(self.tr("Left picture"))
        self.right = self._source_list(self.tr("Right picture"))
        self.swap = tool_button(
            "swap", self.tr("Swap"), document.swap, tip=self.tr("Swap the two pictures (X)")
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(S)
        for widget in (self.mode, self.left, self.swap, self.right):
            layout.addWidget(widget)
        self.mode.chosen.connect(document.set_mode)
        for sources in (self.left, self.right):
            sources.activated.connect(lambda _, sources=sources: self._choose(sources))
        document.models_changed.connect(self._list_models)
        document.comparison_changed.connect(self._show)
        self._list_models()

    def _mode_name(self, mode: CompareMode) -> str:
        return {
            "single": self.tr("One picture"),
            "side": self.tr("Side by side"),
            "wipe": self.tr("Wipe"),
            "blink": self.tr("Blink"),
            "difference": self.tr("Difference"),
        }[mode]

    def _source_list(self, name: str) -> ChoiceBox:
        sources = ChoiceBox()
        sources.setAccessibleName(name)
        sources.setToolTip(name)
        return sources

    def _choose(self, sources: ChoiceBox) -> None:
        if sources.currentData() == _MORE:
            self._list_all()
            sources.showPopup()
            return
        self._document.set_sources(self.left.currentData(), self.right.currentData())

    def _list_models(self) -> None:
        groups: dict[Group, list[str]] = {}
        for model in self._document.models:
            groups.setdefault(model.group, []).append(model.name)
        has_more = not self._lists_all and groups.pop("table", None) is not None
        parts = [[NEAREST, BICUBIC], *(groups[key] for key in get_args(Group) if key in groups)]
        for sources in (self.left, self.right):
            with QSignalBlocker(sources):
                sources.clear()
                for part in parts:
                    if sources.count():
                        sources.insertSeparator(sources.count())
                    for name in part:
                        sources.addItem(source_name(name), name)
                if has_more:
                    sources.addItem(self.tr("More models…"), _MORE)
        self._show()

    def _show(self) -> None:
        comparison = self._document.comparison
        known = {model.name for model in self._document.models}
        hidden = {source for source in comparison.sources if group_of(source) == "table"} & known
        if hidden and not self._lists_all:
            self._list_all()
            return
        self.mode.set_value(comparison.mode)
        for box, value in ((self.left, comparison.left), (self.right, comparison.right)):
            with QSignalBlocker(box):
                box.setCurrentIndex(box.findData(value))
        for box in (self.left, self.right):  # a long name is cut off in the box
            box.setToolTip(f"{box.accessibleName()}: {box.currentText()}")
        is_pair = comparison.mode != "single"
        self.left.setVisible(is_pair)
        self.swap.setVisible(is_pair)

    def _list_all(self) -> None:
        """List models that are there to compare with, too."""
        self._lists_all = True
        self._list_models()
