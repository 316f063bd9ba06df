"""How the result is written and called; what is seldom changed lies behind a button."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.design.fields import ChoiceBox, CountBox
from app.design.parts import Form, quiet_label, section_header, set_part, tool_button
from app.design.tokens import S
from app.state.export_options import FIELDS, ExportOptionsModel
from app.widgets.elided_label import ElidedLabel
from app.wording import told
from liifgan_core.errors import LiifganError
from liifgan_core.images.formats import FORMATS

_BESIDE, _OTHER = "", "\0"
"""Data of the list of folders; the other rows have a path."""


class ExportSection(QWidget):
    """Shows and sets the options of exports. Main thread."""

    def __init__(self, options: ExportOptionsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = options
        self.format, self.bit_depth, self.folder = ChoiceBox(), ChoiceBox(), ChoiceBox()
        self.quality = CountBox()
        self.quality.setRange(1, 100)
        self.name, self.subfolder = QLineEdit(), QLineEdit()
        self.keeps_metadata = QCheckBox(self.tr("Keep the photo's data (EXIF, XMP)"))
        self.keeps_metadata.setToolTip(self.tr("The colour profile is kept in any case"))
        self.names_program = QCheckBox(self.tr("Name LIIF-GAN in the file"))
        self.target, self.error = ElidedLabel(), quiet_label()
        set_part(self.target, "quiet")
        set_part(self.error, "error")
        self.error.hide()
        self.more = tool_button("settings", self.tr("More options"))
        self.more.setCheckable(True)
        for known in FORMATS:
            if known.can_write:
                self.format.addItem(known.name.upper(), known.name)
        self.subfolder.setPlaceholderText(self.tr("none"))
        fields = " ".join(f"{{{field}}}" for field in FIELDS)
        self.name.setToolTip(self.tr("File name without ending; in braces: {0}").format(fields))
        self._lay_out()
        self._connect()
        options.changed.connect(self._show)
        self._show()

    def show_target(self, path: Path | None) -> None:
        """Show where the next result goes."""
        self.target.setText("" if path is None else path.name)
        self.target.setToolTip("" if path is None else str(path))

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.addWidget(section_header(self.tr("Export")))
        header.addStretch(1)
        header.addWidget(self.more)
        format_row = QWidget()
        row = QHBoxLayout(format_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S)
        row.addWidget(self.format, 1)
        row.addWidget(self.quality, 1)
        self._form = Form()
        self._extras: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Bit depth"), self.bit_depth),
            (self.tr("Subfolder"), self.subfolder),
            (self.tr("File name"), self.name),
        )
        captions = (
            (self.tr("Format"), format_row),
            (self.tr("Folder"), self.folder),
            *self._extras,
        )
        for caption, widget in captions:
            self._form.add(caption, widget)
            widget.setAccessibleName(caption)
        self.format.setAccessibleName(self.tr("Format"))
        self.quality.setAccessibleName(self.tr("Quality"))
        self.quality.setToolTip(self.tr("Quality, 1 to 100"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(S)
        layout.addLayout(header)
        layout.addLayout(self._form)
        layout.addWidget(self.keeps_metadata)
        layout.addWidget(self.names_program)
        layout.addWidget(self.error)
        layout.addWidget(self.target)

    def _connect(self) -> None:
        options = self._options
        self.format.activated.connect(lambda _: options.set_format(self.format.currentData()))
        self.bit_depth.activated.connect(
            lambda _: options.set_bit_depth(self.bit_depth.currentData())
        )
        self.quality.valueChanged.connect(options.set_quality)
        self.folder.activated.connect(lambda _: self._take_folder())
        self.name.editingFinished.connect(lambda: self._try(options.set_name, self.name.text()))
        self.subfolder.editingFinished.connect(
            lambda: self._try(options.set_subfolder, self.subfolder.text())
        )
        self.keeps_metadata.toggled.connect(options.set_keeps_metadata)
        self.names_program.toggled.connect(options.set_names_program)
        self.more.toggled.connect(lambda _: self._show())

    def _try(self, change: Callable[[str], None], text: str) -> None:
        """Take what was typed, or say why not; the text stays, to be mended."""
        try:
            change(text)
        except LiifganError as error:
            self.error.setText(told(error))
            self.error.show()
        else:
            self.error.hide()

    def _take_folder(self) -> None:
        chosen = self.folder.currentData()
        if chosen == _OTHER:
            title = self.tr("Folder for the results")
            kept = self._options.folder
            found = QFileDialog.getExistingDirectory(self, title, str(kept or Path.home()))
            if found:
                self._options.set_folder(Path(found))
            self._show()
        else:
            self._options.set_folder(Path(chosen) if chosen else None)

    def _show(self) -> None:
        options, chosen = self._options, self._options.format
        boxes = (self.format, self.bit_depth, self.folder, self.quality)
        blockers = [QSignalBlocker(box) for box in boxes]
        self.format.setCurrentIndex(self.format.findData(chosen.name))
        self.quality.setVisible(chosen.is_lossy)
        if options.quality is not None:
            self.quality.setValue(options.quality)
        self.bit_depth.clear()
        self.bit_depth.addItem(self.tr("As the photo"), None)
        for bits in chosen.depths:
            self.bit_depth.addItem(self.tr("{0} bits").format(bits), bits)
        self.bit_depth.setCurrentIndex(max(0, self.bit_depth.findData(options.bit_depth)))
        self._list_folders()
        del blockers
        for box, value in (
            (self.keeps_metadata, options.keeps_metadata),
            (self.names_program, options.names_program),
        ):
            with QSignalBlocker(box):
                box.setChecked(value)
        self.names_program.setEnabled(options.keeps_metadata)
        for field, text in ((self.name, options.name), (self.subfolder, options.subfolder)):
            if not field.hasFocus() and self.error.isHidden():
                field.setText(text)
        for box in (self.keeps_metadata, self.names_program):
            box.setVisible(self.more.isChecked())
        for _, widget in self._extras:
            self._form.setRowVisible(widget, self.more.isChecked())
        has_depths = len(chosen.depths) > 1
        self._form.setRowVisible(self.bit_depth, self.more.isChecked() and has_depths)

    def _list_folders(self) -> None:
        kept = self._options.folder
        self.folder.clear()
        self.folder.addItem(self.tr("Beside the photo"), _BESIDE)
        if kept is not None:
            self.folder.addItem(kept.name or str(kept), str(kept))
            self.folder.setCurrentIndex(1)
        self.folder.addItem(self.tr("Choose…"), _OTHER)
        self.folder.setToolTip("" if kept is None else str(kept))
