"""The strength of the detail layer, the largest control, and the map of what it invented."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QSignalBlocker
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.design.fields import LargeSlider
from app.design.parts import quiet_label, section_header, tool_button
from app.design.tokens import S
from app.state.document import DocumentModel
from app.state.model_choice import ModelChoice
from app.widgets.quantities import number_text
from liifgan_core.render.export_options import MAX_DETAIL

_TO_TRANSLATE = (
    QT_TRANSLATE_NOOP("detail ends", "Plain"),
    QT_TRANSLATE_NOOP("detail ends", "Vivid"),
    QT_TRANSLATE_NOOP("detail ends", "As taken"),
    QT_TRANSLATE_NOOP("detail ends", "Cleaned"),
)
"""What descriptors call the ends, where the tool for translations finds them."""


class DetailSection(QWidget):
    """Shows and sets a document's look. Main thread."""

    def __init__(
        self, document: DocumentModel, choice: ModelChoice, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._choice = document, choice
        self.control = LargeSlider(
            self.tr("Detail strength"), 0.0, MAX_DETAIL, usual=1.0, words=("", "")
        )
        self.slider = self.control.slider
        self.value = QLabel()
        self.value.setMinimumWidth(self.fontMetrics().horizontalAdvance("0.000"))
        self.invented = tool_button("eye", self.tr("Show what was invented"))
        self.invented.setCheckable(True)
        self.remark = quiet_label(self.tr("This model invents nothing: there is no detail to set."))
        header = QHBoxLayout()
        header.setSpacing(S)
        header.addWidget(section_header(self.tr("Detail")))
        header.addStretch(1)
        header.addWidget(self.value)
        header.addWidget(self.invented)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(S)
        layout.addLayout(header)
        layout.addWidget(self.control)
        layout.addWidget(self.remark)
        self.control.changed.connect(document.set_detail)
        self.invented.toggled.connect(document.show_invented)
        document.look_changed.connect(self._show)
        document.comparison_changed.connect(self._show)
        document.models_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        look, has_detail = self._document.look, self._document.has_detail
        model = self._choice.model
        self.control.set_usual(self._choice.usual_detail)
        left, right = ("Plain", "Vivid") if model is None else model.detail_ends
        translate = QCoreApplication.translate
        self.control.set_words(translate("detail ends", left), translate("detail ends", right))
        self.control.set_value(look.detail)
        with QSignalBlocker(self.invented):
            self.invented.setChecked(look.shows_invented)
        self.value.setText(number_text(look.detail, 2))
        for widget in (self.control, self.value, self.invented):
            widget.setEnabled(has_detail)
        self.remark.setVisible(not has_detail and model is not None)
        if has_detail:
            usual = number_text(self._choice.usual_detail, 2)
            self.slider.setToolTip(self.tr("A double click sets {0} again").format(usual))
            self.invented.setToolTip(self.tr("Show how much the detail layer changed (I)"))
        else:
            why = self.tr("None of the pictures shown comes from a model with a detail layer")
            for widget in (self.slider, self.invented):
                widget.setToolTip(why)
