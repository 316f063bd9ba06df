"""The strength of the detail layer, and the map of what it invented."""

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.design.fields import EyeSlider
from app.design.parts import tool_button
from app.design.tokens import GRID, S
from app.look import MAX_DETAIL
from app.state.document import DocumentModel
from app.widgets.quantities import number_text

_STEPS = 150


class DetailBar(QWidget):
    """Shows and sets a document's look. Main thread."""

    def __init__(self, document: DocumentModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.slider = EyeSlider(_STEPS)
        self.slider.reset.connect(lambda: document.set_detail(1.0))
        self.slider.setMinimumWidth(10 * GRID)
        self.slider.setMaximumWidth(160)
        self.slider.setAccessibleName(self.tr("Detail strength"))
        self.value = QLabel()
        self.value.setMinimumWidth(self.fontMetrics().horizontalAdvance("0.000"))
        self.invented = tool_button("eye", self.tr("Show what was invented"))
        self.invented.setCheckable(True)
        caption = QLabel(self.tr("Detail"))
        caption.setBuddy(self.slider)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(S)
        for widget in (caption, self.slider, self.value, self.invented):
            layout.addWidget(widget)
        self.slider.valueChanged.connect(
            lambda step: document.set_detail(step * MAX_DETAIL / _STEPS)
        )
        self.invented.toggled.connect(document.show_invented)
        document.look_changed.connect(self._show)
        document.comparison_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        look, has_detail = self._document.look, self._document.has_detail
        with QSignalBlocker(self.slider), QSignalBlocker(self.invented):
            self.slider.setValue(round(look.detail / MAX_DETAIL * _STEPS))
            self.invented.setChecked(look.shows_invented)
        self.value.setText(number_text(look.detail, 2))
        self.setEnabled(has_detail)
        if has_detail:
            self.slider.setToolTip(
                self.tr("0 is the faithful structure alone, 1 the model's result")
            )
            self.invented.setToolTip(self.tr("Show how much the detail layer changed (I)"))
            self.setToolTip("")
        else:
            why = self.tr("None of the pictures shown comes from a model with a detail layer")
            for widget in (self, self.slider, self.invented):
                widget.setToolTip(why)
