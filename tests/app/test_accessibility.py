import numpy as np
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.qimage import rgb_from_qimage

CONTROLS = (
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QAbstractButton,
    QAbstractItemView,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
)


def is_part_of_a_control(widget: QWidget) -> bool:
    """Whether Qt made it: a combo box's list, a scroll bar, a header."""
    if widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar):
        return True
    parents = []
    parent = widget.parent()
    while parent is not None:
        parents.append(parent.metaObject().className())
        parent = parent.parent()
    made = {"QComboBoxPrivateContainer", "QAbstractScrollAreaScrollBarContainer", "QTabBar"}
    made |= {"QTableView", "QueueView", "QListWidget", "QHeaderView"}
    return bool(made.intersection(parents)) or isinstance(widget.parent(), QAbstractSpinBox)


def test_every_control_has_a_name_for_screen_readers(
    photo_window: MainWindow, qtbot: QtBot
) -> None:
    window = photo_window
    window.panels.batch_dock.show()
    window.panels.trainer_dock.show()
    window.show_models()
    window.show_settings()
    window.show_about()
    assert len(window.findChildren(QDialog)) >= 3
    controls = {w for kind in CONTROLS for w in window.findChildren(kind)}
    nameless = [
        f"{type(control).__name__} in {type(control.parent()).__name__}"
        for control in controls
        if not is_part_of_a_control(control)
        and not control.accessibleName()
        and not (isinstance(control, QAbstractButton) and control.text())
    ]
    assert nameless == []
    assert len(controls) > 60


def dark_palette() -> QPalette:
    """As Qt makes it for a dark desktop; the offscreen platform has no themes of its own."""
    palette = QPalette(QColor("#2b2b2b"))
    for role in (QPalette.ColorRole.Base, QPalette.ColorRole.AlternateBase):
        palette.setColor(role, QColor("#1e1e1e"))
    return palette


def test_all_parts_follow_a_dark_theme(photo_window: MainWindow, qapp: QApplication) -> None:
    window = photo_window
    window.panels.trainer_dock.show()
    window.messages.show_message("A message.")
    light = qapp.palette()
    qapp.setPalette(dark_palette())
    qapp.processEvents()
    try:
        parts = (window.messages, window.status_row, window.panels.trainer_dock.widget())
        for part in parts:
            pixels = rgb_from_qimage(part.grab().toImage())
            assert np.median(pixels) < 110, type(part).__name__
        beside_the_photo = rgb_from_qimage(window.canvas.grab().toImage())[2, 2]
        assert beside_the_photo.max() < 110
    finally:
        qapp.setPalette(light)
        qapp.processEvents()
    assert np.median(rgb_from_qimage(window.status_row.grab().toImage())) > 150
