"""The panel at the right: Model, Detail, Size, Export; the button below is always seen."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.design.parts import FittedScroll, primary_button
from app.design.tokens import GRID, M, S
from app.state import export_job
from app.state.document import DocumentModel
from app.state.export_options import ExportOptionsModel
from app.state.model_choice import ModelChoice
from app.state.size_choice import SizeChoice
from app.widgets.detail_section import DetailSection
from app.widgets.export_section import ExportSection
from app.widgets.model_section import ModelSection
from app.widgets.quantities import pixels_text, rough_size_text, short_number, time_text
from app.widgets.size_section import SizeSection
from app.widgets.source_names import source_name
from liifgan_core.errors import SizeError
from liifgan_core.geometry import Size

WIDTH = 80 * GRID
"""Logical pixels: enough for a card, and a third of the smallest window."""


class SidePanel(QWidget):
    """Puts the sections together and says what an export would be. Main thread."""

    export_asked = Signal()
    """The result is wanted as it is set."""

    def __init__(
        self,
        document: DocumentModel,
        models: ModelSection,
        choice: ModelChoice,
        size_choice: SizeChoice,
        options: ExportOptionsModel,
        pixels_per_second: Callable[[str], float | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._choice = document, choice
        self._size_choice, self._options = size_choice, options
        self._pixels_per_second = pixels_per_second
        self.models = models
        self.detail = DetailSection(document, choice)
        self.size_section = SizeSection(document, size_choice)
        self.export_section = ExportSection(options)
        self.export = primary_button("", self.export_asked.emit)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(M, S, M, M)
        column.setSpacing(2 * S)
        for section in (self.models, self.detail, self.size_section, self.export_section):
            column.addWidget(section)
        column.addStretch(1)
        foot = QVBoxLayout()
        foot.setContentsMargins(M, S, M, M)
        foot.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(FittedScroll(content), 1)
        layout.addLayout(foot)
        self.setFixedWidth(WIDTH)
        for signal in (
            document.photo_changed,
            document.comparison_changed,
            document.models_changed,
            size_choice.changed,
            options.changed,
        ):
            signal.connect(self.show_result)
        self.show_result()

    def result_size(self) -> Size | None:
        """Return the result's size; None without a photo, or where the rule does not suit it."""
        photo = self._document.photo
        if photo is None:
            return None
        try:
            return self._size_choice.rule.output_size(photo.image.size)
        except SizeError:
            return None

    def show_result(self) -> None:
        """Show what an export would be and what it would cost."""
        photo, model, size = self._document.photo, self._choice.model, self.result_size()
        is_possible = size is not None and model is not None
        self.export.setEnabled(is_possible)
        shown = self.tr("Export…") if size is None else self.tr("Export {0}…")
        self.export.setText(shown if size is None else shown.format(pixels_text(size)))
        if photo is None or size is None or model is None:
            self.export_section.show_target(None)
            return
        factor = size.height / photo.image.size.height
        self._choice.set_factor(factor)
        options = self._options
        written = options.for_export(photo.image.num_bits, detail=self._document.look.detail)
        num_bytes = export_job.file_bytes(
            size, written.format, bit_depth=written.bit_depth or 8, quality=written.quality
        )
        about = self.tr("about {0}").format(rough_size_text(num_bytes))
        pace = self._pixels_per_second(model.name)
        seconds = export_job.seconds(photo.image.size, size, pace)
        text = about if seconds is None else f"{about}, {time_text(seconds)}"
        most = model.provenance.trained_scales[1]
        if factor > most * 1.001:
            beyond = self.tr("{0} was trained up to ×{1}; beyond that results only get smoother.")
            text = f"{text}\n{beyond.format(source_name(model.name), short_number(most))}"
        self.size_section.show_remark(text)
        target = options.target(
            photo.path,
            stem=self.tr("picture"),
            photo_size=photo.image.size,
            size=size,
            model=model.name,
        )
        self.export_section.show_target(target)
