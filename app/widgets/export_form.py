"""What to export: size, model, format, file; with what it will cost and why it may not work."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

import liifgan_core
from app.design.fields import ChoiceBox, CountBox
from app.design.parts import Form
from app.state import export_job
from app.state.document import DocumentModel
from app.state.export_job import ExportJob
from app.state.photo import Photo
from app.state.settings_store import SettingsStore
from app.widgets.quantities import (
    file_size_text,
    number_text,
    pixels_text,
    short_number,
    time_text,
)
from app.widgets.size_panel import SizePanel
from app.widgets.source_names import source_name
from liifgan_core.errors import LiifganError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import FORMATS, Format, format_by_name, result_depth
from liifgan_core.images.target import check_target
from liifgan_core.render.export_options import ExportOptions

_FIRST_FACTOR = 2.0
"""Factor to begin with where the view is no enlargement."""


class ExportForm(QWidget):
    """Asks for an export job for one photo. Main thread."""

    changed = Signal()

    def __init__(
        self,
        photo: Photo,
        document: DocumentModel,
        store: SettingsStore,
        pixels_per_second: Callable[[str], float | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._pixels_per_second = pixels_per_second
        self._photo, self._document, self._store = photo, document, store
        self._is_named_by_hand = False
        zoom = document.zoom
        self.size_panel = SizePanel(photo.image.size, zoom if zoom > 1.0 else _FIRST_FACTOR)
        self.model, self.format, self.bit_depth = ChoiceBox(), ChoiceBox(), ChoiceBox()
        self.quality, self.target = CountBox(), QLineEdit()
        self.replace = QCheckBox(self.tr("Replace the existing file"))
        self.names_program = QCheckBox(self.tr("Say in the file that LIIF-GAN enlarged it"))
        self.keeps_metadata = QCheckBox(self.tr("Keep the photo's data (EXIF, XMP)"))
        self.keeps_metadata.setToolTip(self.tr("The colour profile is kept in any case"))
        self.keeps_metadata.setChecked(store.settings.export_keeps_metadata)
        self.keeps_metadata.toggled.connect(self.names_program.setEnabled)
        self.names_program.setChecked(store.settings.export_names_program)
        self.pixels, self.cost = QLabel(), QLabel()
        self._fill()
        self._lay_out()
        self.size_panel.changed.connect(self._show)
        for box in (self.model, self.bit_depth):
            box.currentIndexChanged.connect(lambda _: self._show())
        self.format.currentIndexChanged.connect(lambda _: self._take_format())
        self.quality.valueChanged.connect(lambda _: self._show())
        self.replace.toggled.connect(lambda _: self._show())
        self.target.textEdited.connect(lambda _: self._name_by_hand())
        # Leave to replace one file is none to replace another.
        self.target.textChanged.connect(lambda _: self.replace.setChecked(False))
        self._take_format()

    def size_asked(self) -> Size:
        """Return the result's size; raises SizeError."""
        return self.size_panel.rule().output_size(self._photo.image.size)

    def job(self) -> ExportJob:
        """Return what shall be exported; raises LiifganError saying what does not work."""
        size, chosen, target = self.size_asked(), self._format(), self._target()
        check_target(
            target,
            size=size,
            format=chosen.name,
            overwrite=self.replace.isChecked(),
            source=self._photo.path,
        )
        settings = self._store.settings
        names_program = self.names_program.isChecked()
        return ExportJob(
            image=self._photo.image,
            target=target,
            size=size,
            model=self.model.currentData(),
            device=settings.device,
            precision=settings.precision,
            options=ExportOptions(
                format=chosen.name,
                bit_depth=self.bit_depth.currentData(),
                quality=self.quality.value() if chosen.is_lossy else None,
                overwrite=self.replace.isChecked(),
                detail=self._document.look.detail,
                detail_mask=self._document.mask,
                software=f"LIIF-GAN {liifgan_core.__version__}" if names_program else None,
                strip_metadata=not self.keeps_metadata.isChecked(),
                dpi=self.size_panel.rule().dpi,
            ),
        )

    def remark(self) -> str:
        """Return what the user should know of the size; empty where there is nothing to say."""
        name = self.model.currentData()
        factor = self.size_asked().height / self._photo.image.size.height
        model = next((known for known in self._document.models if known.name == name), None)
        if model is None or factor <= model.provenance.trained_scales[1] * 1.001:
            return ""
        text = self.tr("{0} was trained up to ×{1}; beyond that results only get smoother.")
        return text.format(source_name(name), short_number(model.provenance.trained_scales[1]))

    def _fill(self) -> None:
        for model in self._document.models:
            self.model.addItem(source_name(model.name), model.name)
        self.model.setCurrentIndex(self.model.findData(self._document.model))
        for known in FORMATS:
            if known.can_write:
                self.format.addItem(known.name.upper(), known.name)
        kept = self.format.findData(self._store.settings.export_format)
        self.format.setCurrentIndex(max(0, kept))
        self.quality.setRange(1, 100)

    def _lay_out(self) -> None:
        browse = QPushButton(self.tr("Browse…"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        file_row = QWidget()
        row = QHBoxLayout(file_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.target, 1)
        row.addWidget(browse)
        self._form = Form(self)
        self._form.add(self.tr("Size"), self.size_panel)
        self._form.add(self.tr("Result"), self.pixels)
        named: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Model"), self.model),
            (self.tr("Format"), self.format),
            (self.tr("Quality"), self.quality),
            (self.tr("Bit depth"), self.bit_depth),
        )
        for name, widget in named:
            self._form.add(name, widget)
            widget.setAccessibleName(name)
        self._form.add(self.tr("File"), file_row)
        self.target.setAccessibleName(self.tr("File"))
        self._form.add("", self.replace)
        self._form.add(self.tr("Metadata"), self.keeps_metadata)
        self._form.add("", self.names_program)
        self._form.add(self.tr("Estimate"), self.cost)

    def _format(self) -> Format:
        return format_by_name(self.format.currentData())

    def _target(self) -> Path:
        return Path(self.target.text().strip()).expanduser()

    def _take_format(self) -> None:
        chosen = self._format()
        with QSignalBlocker(self.bit_depth), QSignalBlocker(self.quality):
            self.bit_depth.clear()
            for bits in chosen.depths:
                self.bit_depth.addItem(self.tr("{0} bits").format(bits), bits)
            # As deep as the photo, where the format can.
            usual = result_depth(chosen, self._photo.image.num_bits)
            self.bit_depth.setCurrentIndex(chosen.depths.index(usual))
            if chosen.default_quality is not None:
                kept = self._store.settings.export_quality
                self.quality.setValue(chosen.default_quality if kept is None else kept)
        self._form.setRowVisible(self.quality, chosen.is_lossy)
        self._form.setRowVisible(self.bit_depth, len(chosen.depths) > 1)
        if self._is_named_by_hand and self._target().suffix.lower() not in chosen.suffixes:
            self.target.setText(str(self._target().with_suffix(chosen.suffixes[0])))
        self._show()

    def _show(self) -> None:
        """Show what follows from the choice."""
        try:
            size = self.size_asked()
        except LiifganError:
            self.pixels.setText("\u2013")
            self.cost.setText("\u2013")
        else:
            megapixels = number_text(size.num_pixels / 1e6, 2)
            self.pixels.setText(self.tr("{0} pixels, {1} MP").format(pixels_text(size), megapixels))
            self.cost.setText(self._cost_text(size))
            if not self._is_named_by_hand:
                self.target.setText(self._suggestion(size))
        self._form.setRowVisible(self.replace, self._target().is_file())
        self.changed.emit()

    def _cost_text(self, size: Size) -> str:
        chosen, photo = self._format(), self._photo.image.size
        num_bytes = export_job.file_bytes(
            size,
            chosen.name,
            bit_depth=self.bit_depth.currentData(),
            quality=self.quality.value() if chosen.is_lossy else None,
        )
        pace = self._pixels_per_second(self.model.currentData())
        about = self.tr("about {0}").format(file_size_text(num_bytes))
        seconds = export_job.seconds(photo, size, pace)
        return about if seconds is None else f"{about}, {time_text(seconds)}"

    def _suggestion(self, size: Size) -> str:
        photo = self._photo.path
        folder = self._store.settings.export_folder or (str(photo.parent) if photo else "")
        stem = photo.stem if photo else self.tr("picture")
        return str(Path(folder or Path.home()) / f"{stem}_{size}{self._format().suffixes[0]}")

    def _browse(self) -> None:
        chosen = self._format()
        kinds = f"{chosen.name.upper()} (*{' *'.join(chosen.suffixes)})"
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Export as"), self.target.text(), kinds)
        if name:
            path = Path(name)
            has_suffix = path.suffix.lower() in chosen.suffixes
            if not has_suffix:
                path = path.with_name(path.name + chosen.suffixes[0])
            self.target.setText(str(path))
            self.replace.setChecked(has_suffix and path.is_file())  # the file dialog has asked
            self._name_by_hand()

    def _name_by_hand(self) -> None:
        self._is_named_by_hand = bool(self.target.text().strip())
        self._show()
