"""Puts a theme on the application, and says which one it wears."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.design.sheet import sheet
from app.design.tokens import DARK, LIGHT, Theme, ThemeChoice

_TABULAR = "tnum"
"""OpenType's feature for digits of one width, so that numbers do not dance."""


def dress(application: QApplication, choice: ThemeChoice) -> None:
    """Let the application look as chosen; "system" follows the desktop from now on. Main thread."""
    hints = application.styleHints()
    if not application.property("was-dressed"):
        application.setProperty("was-dressed", True)
        application.setStyle("Fusion")
        font = application.font()
        font.setFeature(QFont.Tag(_TABULAR), 1)
        application.setFont(font)
        hints.colorSchemeChanged.connect(lambda _: _follow(application))
    application.setProperty("theme-choice", choice)
    asked = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    hints.setColorScheme(asked.get(choice, Qt.ColorScheme.Unknown))  # title bars, file dialogs
    _follow(application)


def current() -> Theme:
    """Return the theme that the application wears, by its palette."""
    return DARK if QGuiApplication.palette().window().color().lightness() < 128 else LIGHT


def palette_of(theme: Theme) -> QPalette:
    """Return Qt's palette for a theme."""
    palette = QPalette(QColor(theme.raised), QColor(theme.window))
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.window,
        role.Text: theme.text,
        role.PlaceholderText: theme.quiet,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Mid: theme.line,
        role.Dark: theme.edge,
    }
    for which, colour in colours.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.disabled))
    return palette


def _follow(application: QApplication) -> None:
    choice = application.property("theme-choice")
    is_dark = choice == "dark" or (
        choice == "system" and application.styleHints().colorScheme() == Qt.ColorScheme.Dark
    )
    theme = DARK if is_dark else LIGHT
    wanted = sheet(theme, application.font().pointSizeF())
    application.setPalette(palette_of(theme))
    if application.styleSheet() != wanted:
        application.setStyleSheet(wanted)
