"""How large the result shall be: usual sizes at a click, own ones, all rules; and its cost."""

from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.design.parts import SegmentedControl, quiet_label, section_header, set_part
from app.design.tokens import S
from app.state.document import DocumentModel
from app.state.size_choice import MAX_PRESET_NAME, SizeChoice
from app.state.target_rule import PAPERS, TargetRule
from app.widgets.quantities import number_text, pixels_text
from app.widgets.size_panel import PRINT_DPI, SizePanel
from app.wording import told
from liifgan_core.errors import SizeError

UHD_WIDTH = 3840
"""What is called 4K on screens."""
_A4 = next(paper for paper in PAPERS if paper.name == "A4")
_PRINT = TargetRule("print", float(PRINT_DPI), paper=_A4)


class SizeSection(QWidget):
    """Shows and sets the size rule. Main thread."""

    def __init__(
        self, document: DocumentModel, choice: SizeChoice, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._choice = document, choice
        self.usual = SegmentedControl(self.tr("Usual sizes"))
        for factor in (2, 3, 4):
            self.usual.add(TargetRule("scale", float(factor)), f"\u00d7{factor}")
        self.usual.add(
            TargetRule("long-edge", float(UHD_WIDTH)),
            "4K",
            tip=self.tr("The long edge has {0} pixels").format(UHD_WIDTH),
        )
        self.usual.add(_PRINT, self.tr("Print"), tip=self.tr("On paper, at 300 dots per inch"))
        self.own = QToolButton()
        self.own.setText(self.tr("Own sizes"))
        self.own.setToolTip(self.tr("Sizes that you have saved"))
        self.own.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        set_part(self.own, "flat")
        self._menu = QMenu(self.own)
        self.own.setMenu(self._menu)
        self.panel = SizePanel(None, 2.0)
        self.pixels, self.remark = QLabel(), quiet_label()
        header = QHBoxLayout()
        header.addWidget(section_header(self.tr("Size")))
        header.addStretch(1)
        header.addWidget(self.own)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(S)
        layout.addLayout(header)
        layout.addWidget(self.usual)
        layout.addWidget(self.panel)
        layout.addWidget(self.pixels)
        layout.addWidget(self.remark)
        self.usual.chosen.connect(self._choose)
        self.panel.changed.connect(lambda: choice.set_rule(self.panel.rule()))
        choice.changed.connect(self._show)
        choice.presets_changed.connect(self._list_presets)
        document.photo_changed.connect(self._show)
        self._list_presets()
        self._show()

    def show_remark(self, text: str) -> None:
        """Say what the result will cost, or what to know about it."""
        self.remark.setText(text)
        self.remark.setVisible(bool(text))

    def ask_for_preset(self) -> None:
        """Let the user name the present size."""
        title, caption = self.tr("Save this size"), self.tr("Name")
        name, is_wanted = QInputDialog.getText(self, title, caption)
        if is_wanted:
            try:
                self._choice.save_preset(name[: 2 * MAX_PRESET_NAME])
            except SizeError as error:
                self.show_remark(told(error))

    def _choose(self, rule: object) -> None:
        if isinstance(rule, TargetRule):
            self._choice.set_rule(rule)

    def _show(self) -> None:
        rule, photo = self._choice.rule, self._document.photo
        size = None if photo is None else photo.image.size
        was_blocked = self.panel.blockSignals(True)
        self.panel.set_photo(size)
        if self.panel.rule() != rule:
            self.panel.set_rule(rule)
        self.panel.blockSignals(was_blocked)
        is_print = rule.kind == "print"
        self.usual.set_value(_PRINT if is_print else rule)
        self.pixels.setVisible(size is not None)
        if size is None:
            return
        try:
            result = rule.output_size(size)
        except SizeError as error:
            self.pixels.setText("\u2013")
            self.show_remark(told(error))
        else:
            megapixels = number_text(result.num_pixels / 1e6, 2)
            text = self.tr("{0} pixels, {1} MP").format(pixels_text(result), megapixels)
            self.pixels.setText(text)

    def _list_presets(self) -> None:
        self._menu.clear()
        presets = self._choice.presets
        for name, rule in presets.items():
            action = self._menu.addAction(name.replace("&", "&&"))
            action.triggered.connect(lambda _=False, rule=rule: self._choice.set_rule(rule))
        if presets:
            self._menu.addSeparator()
        self._menu.addAction(self.tr("Save this size…"), self.ask_for_preset)
        if presets:
            removing = self._menu.addMenu(self.tr("Remove"))
            for name in presets:
                action = removing.addAction(name.replace("&", "&&"))
                action.triggered.connect(
                    lambda _=False, name=name: self._choice.remove_preset(name)
                )
