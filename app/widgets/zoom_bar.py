"""Zoom: a logarithmic slider, an exact factor, and the whole photo."""

import math

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.design.fields import EyeSlider
from app.design.parts import set_part, tool_button
from app.state.document import DocumentModel
from app.state.view import MAX_ZOOM, MIN_ZOOM
from app.widgets.factor_box import FactorBox

_STEPS = 1000
"""Positions of the slider: 0.6 percent of the factor each."""


class ZoomBar(QWidget):
    """Shows and sets a document's zoom. Main thread."""

    def __init__(self, document: DocumentModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.slider = EyeSlider(_STEPS)
        self.slider.reset.connect(document.fit)
        set_part(self.slider, "zoom")
        self.slider.setMinimumWidth(80)
        self.slider.setMaximumWidth(260)
        self.slider.setAccessibleName(self.tr("Zoom"))
        self.slider.setToolTip(self.tr("Zoom; the mouse wheel over the photo does the same"))
        self.factor = FactorBox(MIN_ZOOM, MAX_ZOOM)
        self.factor.setKeyboardTracking(False)
        self.factor.reserve("32.0000")
        self.factor.setAccessibleName(self.tr("Exact zoom factor"))
        self.factor.setToolTip(
            self.tr("Exact factor, {0}: type any number").format(self.factor.range_text())
        )
        self.fit = tool_button(
            "fit", self.tr("Fit"), document.fit, tip=self.tr("Show the whole photo (0)")
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.fit, self.slider, self.factor):
            layout.addWidget(widget)
        self.slider.valueChanged.connect(lambda step: document.zoom_to(zoom_of_step(step)))
        self.factor.valueChanged.connect(lambda zoom: document.zoom_to(zoom))
        document.view_changed.connect(self._show_zoom)
        document.photo_changed.connect(self._show_zoom)
        self._show_zoom()

    def _show_zoom(self) -> None:
        self.setEnabled(self._document.photo is not None)
        zoom = self._document.zoom
        with QSignalBlocker(self.slider), QSignalBlocker(self.factor):
            self.slider.setValue(step_of_zoom(zoom))
            self.factor.setMinimum(min(MIN_ZOOM, zoom))  # a photo that fits only below it
            self.factor.setValue(zoom)


def zoom_of_step(step: int) -> float:
    """Return the zoom at a slider's position; equal steps are equal factors."""
    return MIN_ZOOM * (MAX_ZOOM / MIN_ZOOM) ** (step / _STEPS)


def step_of_zoom(zoom: float) -> int:
    """Return the slider's position nearest to a zoom."""
    return round(_STEPS * math.log(zoom / MIN_ZOOM) / math.log(MAX_ZOOM / MIN_ZOOM))
