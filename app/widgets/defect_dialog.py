"""Says that the program has a defect, with a report for its developers."""

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.widgets.log_opener import open_log


class DefectDialog(QDialog):
    """Shows a report and copies it. Main thread."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong that should not"))
        text = QLabel(
            self.tr(
                "This is a defect of the program, not your mistake. You can go on, but something "
                "may be missing.\n\nPlease send the report to whoever gave you the program. It "
                "holds no pictures, but may name files and folders."
            )
        )
        text.setWordWrap(True)
        self.report = QPlainTextEdit(report)
        self.report.setReadOnly(True)
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.report.setAccessibleName(self.tr("Report"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.copy = buttons.addButton(self.tr("&Copy report"), role)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(report))
        self.log = buttons.addButton(self.tr("Open &log"), role)
        self.log.clicked.connect(open_log)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(text)
        layout.addWidget(self.report, 1)
        layout.addWidget(buttons)
        self.resize(680, 420)
