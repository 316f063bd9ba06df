"""One click to get the network of others that a model reads: size, licence, progress."""

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.design.icons import icon
from app.design.parts import quiet_label, set_part
from app.design.tokens import M, S
from app.state.network_fetcher import NetworkFetcher
from app.widgets.buttons import text_button
from app.widgets.line_breaks import breakable
from app.widgets.quantities import file_size_text, percent_text
from liifgan_core.weights.descriptor import ExternalTrunk


class NetworkRow(QWidget):
    """Shown while something is missing that can be had. Main thread."""

    def __init__(self, fetcher: NetworkFetcher, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fetcher = fetcher
        self._trunk: ExternalTrunk | None = None
        self.remark = quiet_label()
        self.get = text_button(self.tr("Download"), self._fetch)
        self.get.setIcon(icon("download"))
        self.stop = text_button(self.tr("Stop"), fetcher.cancel)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Progress of the download"))
        row = QHBoxLayout()
        row.setSpacing(M)
        row.addWidget(self.progress, 1)
        row.addWidget(self.get, 1)
        row.addWidget(self.stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(M, 0, M, S)
        layout.setSpacing(S)
        layout.addLayout(row)
        layout.addWidget(self.remark)
        fetcher.changed.connect(self._show)
        fetcher.progressed.connect(lambda _: self._show())
        self._show()

    def set_trunk(self, trunk: ExternalTrunk | None) -> None:
        """Offer a model's network; None, and one that is there or cannot be had, offers nothing."""
        self._trunk = trunk
        self._show()

    def _fetch(self) -> None:
        if self._trunk is not None and self._trunk.name is not None:
            self._fetcher.fetch(self._trunk.name)

    def _show(self) -> None:
        trunk, fetcher = self._trunk, self._fetcher
        if trunk is None or trunk.name is None or trunk.is_installed:
            self.hide()
            return
        is_coming = fetcher.present == trunk.name
        self.get.setText(self.tr("Download, {0}").format(file_size_text(trunk.download_bytes)))
        self.get.setVisible(not is_coming)
        self.get.setEnabled(not fetcher.present)
        for widget in (self.progress, self.stop):
            widget.setVisible(is_coming)
        self.progress.setValue(round(1000 * fetcher.fraction))
        error = fetcher.error_of(trunk.name)
        if is_coming:
            size = file_size_text(trunk.download_bytes)
            text = self.tr("{0} of {1}").format(percent_text(fetcher.fraction), size)
        elif error:
            text = breakable(error)
        else:
            text = self.tr("Reads the network {0}. Licence: {1}").format(trunk.name, trunk.licence)
        set_part(self.remark, "error" if error and not is_coming else "quiet")
        self.remark.setText(text)
        self.show()
