"""The style sheet of a theme: how Qt's own widgets look. Variants are asked for by `set_part`."""

from string import Template

from app.design.tokens import DISPLAY, GRID, HEADING, RADIUS, SMALL, TARGET, TITLE, M, S, Theme
from liifgan_core.resources import resource_path

CONTROL_ICONS = {
    "check": "on_accent",
    "down": "text",
    "down-off": "disabled",
    "up": "text",
    "up-off": "disabled",
    "close": "quiet",
    "float": "quiet",
    "right": "text",
    "menu-check": "accent",
}
"""Marks that style sheets can only take from files, with the colour of the theme that they have;
`packaging/draw_icons.py` writes them."""


def control_icon_name(theme: Theme, mark: str) -> str:
    """Return the name of a mark's file."""
    return f"{theme.name}-{mark}.svg"


def sheet(theme: Theme, points: float) -> str:
    """Return the style sheet; `points` is the size of the application's type."""
    colours = {name: getattr(theme, name) for name in theme.__slots__}
    marks = {
        mark.replace("-", "_") + "_icon": _url(control_icon_name(theme, mark))
        for mark in CONTROL_ICONS
    }
    sizes = {
        "small": f"{points * SMALL:.2f}pt",
        "heading": f"{points * HEADING:.2f}pt",
        "title": f"{points * TITLE:.2f}pt",
        "display": f"{points * DISPLAY:.2f}pt",
        "grid": f"{GRID}px",
        "half": f"{GRID // 2}px",
        "s": f"{S}px",
        "m": f"{M}px",
        "radius": f"{RADIUS}px",
        "round": f"{2 * RADIUS}px",
        "inner": f"{TARGET - 2 - GRID}px",  # within borders and padding
        "step": f"{5 * GRID}px",
    }
    return Template(_SHEET).substitute(**colours, **marks, **sizes)


def _url(name: str) -> str:
    return f'url("{resource_path("icons", "controls", name).as_posix()}")'


_SHEET = """
QMainWindow, QDialog, QDockWidget > QWidget { background: $window; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QToolTip { color: $text; background: $raised; border: 1px solid $line; padding: $grid; }

QMenuBar { background: $window; padding: $half; }
QMenuBar::item { padding: $grid $s; border-radius: $radius; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $line; padding: $grid; }
QMenu::item { padding: $grid $m $grid 28px; border-radius: $radius; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: $grid $s; }
QMenu::indicator { width: 14px; height: 14px; left: $s; }
QMenu::indicator:checked { image: $menu_check_icon; }
QMenu::right-arrow { image: $right_icon; width: 12px; height: 12px; right: $grid; }

QPushButton, QToolButton {
  background: $raised; border: 1px solid $line; border-radius: $radius;
  padding: $half $m; min-height: $inner;
}
QToolButton { padding: $half $s; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $selection; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:default { border-color: $edge; }
QPushButton:disabled, QToolButton:disabled { background: transparent; }
QPushButton:checked, QToolButton:checked { background: $selection; border-color: $edge; }
QToolButton::menu-indicator { image: none; }
QPushButton[part="primary"] {
  background: $accent; border-color: $accent; color: $on_accent; font-weight: 600;
}
QPushButton[part="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[part="primary"]:focus { border: 2px solid $text; padding: 1px 11px; }
QPushButton[part="primary"]:disabled {
  background: $hover; border-color: $hover; color: $disabled;
}
QToolButton[part="flat"] {
  background: transparent; border-color: transparent; padding: $half $grid;
}
QToolButton[part="flat"]:hover { background: $hover; }
QToolButton[part="flat"]:checked { background: $selection; }
QToolButton[part="flat"]:focus { border-color: $accent; }

QWidget[part="segments"] { background: $field; border: 1px solid $line; border-radius: $radius; }
QWidget[part="segments"] QToolButton {
  background: transparent; border: 1px solid transparent; padding: 1px 6px; color: $quiet;
}
QWidget[part="segments"] QToolButton:hover { color: $text; background: $hover; }
QWidget[part="segments"] QToolButton:checked {
  background: $selection; border-color: $selection; color: $text;
}
QWidget[part="segments"] QToolButton:focus { border-color: $accent; }

QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }

QFrame[part="card"] { background: $raised; border: 1px solid $line; border-radius: $round; }
QPushButton[part="choice"] {
  background: $raised; border: 1px solid $line; border-radius: $round; text-align: left; padding: 0;
}
QPushButton[part="choice"]:hover { background: $hover; }
QPushButton[part="choice"]:checked { border: 2px solid $accent; background: $raised; }
QPushButton[part="choice"]:focus { border: 2px solid $edge; }
QPushButton[part="choice"]:checked:focus { border: 2px solid $accent_hover; background: $hover; }
QFrame[part="toast"] { background: $window; border: 1px solid $edge; border-radius: $round; }
QFrame[part="drop"] { background: transparent; border: 1px dashed $edge; border-radius: $round; }
QFrame[part="drop"][lit="true"] { background: $raised; border: 2px solid $accent; }
QFrame[part="message"] { background: $raised; border: none; border-bottom: 1px solid $line; }
QFrame[part="strip"] { background: $window; border: none; border-top: 1px solid $line; }
QFrame[part="strip"] QListView { background: transparent; border: none; }
QWidget[part="bar"] { background: $window; border-bottom: 1px solid $line; }

QLabel { background: transparent; }
QLabel[part="quiet"] { color: $quiet; font-size: $small; }
QLabel[part="section"] { color: $text; font-size: $heading; font-weight: 600; }
QLabel[part="title"] { font-size: $title; font-weight: 600; }
QLabel[part="display"] { font-size: $display; font-weight: 300; }
QLabel[part="sample"] { background: $hover; border-radius: $radius; }
QLabel[part="error"] { color: $error; }

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit {
  background: $field; border: 1px solid $edge; border-radius: $radius;
  selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QAbstractSpinBox, QComboBox { padding: $half $s; min-height: $inner; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
  border-color: $accent;
}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {
  background: transparent; border-color: $line;
}
QAbstractSpinBox { padding-right: $step; }
QAbstractSpinBox QLineEdit { border: none; padding: 0; background: transparent; min-height: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
  subcontrol-origin: border; width: 18px; border: none; background: transparent;
}
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow { image: $up_icon; width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: $down_icon; width: 10px; height: 10px; }
QAbstractSpinBox::up-arrow:disabled, QAbstractSpinBox::up-arrow:off { image: $up_off_icon; }
QAbstractSpinBox::down-arrow:disabled, QAbstractSpinBox::down-arrow:off { image: $down_off_icon; }
QComboBox { padding-right: $step; background: $raised; }
QComboBox:hover { background: $hover; }
QComboBox::drop-down {
  subcontrol-origin: border; subcontrol-position: center right; width: $step; border: none;
}
QComboBox::down-arrow { image: $down_icon; width: 12px; height: 12px; }
QComboBox::down-arrow:disabled { image: $down_off_icon; }
QComboBox QAbstractItemView {
  background: $raised; border: 1px solid $line; padding: $grid; outline: none;
  selection-background-color: $selection; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 $grid; border-radius: $radius; }

QCheckBox, QRadioButton { spacing: $s; background: transparent; min-height: 28px; }
QCheckBox::indicator, QRadioButton::indicator {
  width: 14px; height: 14px; border: 1px solid $edge; border-radius: 3px; background: $field;
}
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $text; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox::indicator:checked {
  background: $accent; border-color: $accent; image: $check_icon;
}
QCheckBox::indicator:disabled { border-color: $line; background: transparent; }
QCheckBox::indicator:checked:disabled { background: $disabled; border-color: $disabled; }
QRadioButton::indicator:checked { background: $accent; border: 4px solid $field; }

QSlider { min-height: 20px; background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $edge; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
  width: 12px; margin: -5px 0; border-radius: 7px; background: $text; border: 1px solid $window;
}
QSlider::handle:horizontal:hover { background: $accent_hover; }
QSlider::handle:horizontal:focus { border: 2px solid $text; width: 10px; background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $line; }
QSlider::groove:horizontal:disabled { background: $line; }
QSlider::handle:horizontal:disabled { background: $disabled; }
QSlider[part="large"] { min-height: 28px; }
QSlider[part="large"]::groove:horizontal { height: 6px; border-radius: 3px; }
QSlider[part="large"]::handle:horizontal { width: 18px; margin: -7px 0; border-radius: 10px; }
QSlider[part="large"]::handle:horizontal:focus { width: 16px; }
QSlider[part="zoom"]::sub-page:horizontal { background: $edge; }

QProgressBar {
  background: $selection; border: none; border-radius: 3px; min-height: 6px; max-height: 6px;
  color: transparent;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: $selection; border-radius: $radius; margin: $half; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $edge; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QAbstractItemView {
  background: $field; border: 1px solid $line; border-radius: $radius; outline: none;
  selection-background-color: $selection; selection-color: $text;
  alternate-background-color: $window;
}
QTableView { gridline-color: transparent; }
QListView::item, QTableView::item { padding: $grid; border: none; }
QListView::item:selected, QTableView::item:selected { background: $selection; color: $text; }
QHeaderView { background: $field; border: none; }
QHeaderView::section {
  background: $field; color: $quiet; border: none; border-bottom: 1px solid $line;
  padding: $grid $s; text-align: left;
}

QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab {
  background: transparent; color: $quiet; border: none; border-bottom: 2px solid transparent;
  padding: $grid $m; min-height: 20px;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { background: $hover; }

QDockWidget {
  titlebar-close-icon: $close_icon; titlebar-normal-icon: $float_icon; font-weight: 600;
}
QDockWidget::title { background: $window; padding: $s $m; text-align: left; }
QDockWidget::close-button, QDockWidget::float-button {
  border: none; border-radius: $radius; background: transparent; padding: 1px;
}
QAbstractButton#qt_dockwidget_closebutton, QAbstractButton#qt_dockwidget_floatbutton {
  icon-size: 14px;
}
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $hover; }
"""
