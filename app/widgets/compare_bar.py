"""Which two pictures are compared, and how."""

from typing import get_args

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QWidget

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
        self.mode = QComboBox()
        for mode in COMPARE_MODES:
            self.mode.addItem(self._mode_name(mode), mode)
        self.mode.setAccessibleName(self.tr("How to compare"))
        self.mode.setToolTip(self.tr("How to compare two pictures (1 to 5)"))
        self.left = self._source_list(self.tr("Left picture"))
        self.right = self._source_list(self.tr("Right picture"))
        self.swap = QToolButton()
        self.swap.setText("⇄")
        self.swap.setAccessibleName(self.tr("Swap"))
        self.swap.setToolTip(self.tr("Swap the two pictures (X)"))
        self.swap.clicked.connect(document.swap)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.mode, self.left, self.swap, self.right):
            layout.addWidget(widget)
        self.mode.activated.connect(lambda _: document.set_mode(self.mode.currentData()))
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

    def _source_list(self, name: str) -> QComboBox:
        sources = QComboBox()
        sources.setAccessibleName(name)
        sources.setToolTip(name)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        sources.setSizeAdjustPolicy(policy)
        sources.setMinimumContentsLength(9)
        return sources

    def _choose(self, sources: QComboBox) -> None:
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
        pairs = (
            (self.mode, comparison.mode),
            (self.left, comparison.left),
            (self.right, comparison.right),
        )
        for box, value in pairs:
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
