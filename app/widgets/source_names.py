"""What sources are called in the view and in lists."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from liifgan_core.render.request import BICUBIC, NEAREST
from liifgan_core.weights.family import FAMILY

_TO_TRANSLATE = (
    QT_TRANSLATE_NOOP("sources", "Natural"),
    QT_TRANSLATE_NOOP("sources", "Natural, fast"),
    QT_TRANSLATE_NOOP("sources", "Faithful"),
    QT_TRANSLATE_NOOP("sources", "Clean up"),
    QT_TRANSLATE_NOOP("sources", "Clean up, fast"),
    QT_TRANSLATE_NOOP("sources", "Natural (quick view)"),
    QT_TRANSLATE_NOOP("sources", "Faithful (quick view)"),
)
"""Labels of the family, where the tool for translations finds them; proper names stay."""


def source_name(source: str) -> str:
    """Return a source's name for people; a user's own models are called as their files are."""
    if source == NEAREST:
        return QCoreApplication.translate("sources", "Input")
    if source == BICUBIC:
        return QCoreApplication.translate("sources", "Bicubic")
    known = FAMILY.get(source)
    return source if known is None else QCoreApplication.translate("sources", known.label)
