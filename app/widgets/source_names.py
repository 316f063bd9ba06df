"""What sources are called in the view and in lists."""

from PySide6.QtCore import QCoreApplication

from liifgan_core.render.request import BICUBIC, NEAREST


def source_name(source: str) -> str:
    """Return a source's name for people; a model's is its own."""
    if source == NEAREST:
        return QCoreApplication.translate("sources", "Input")
    if source == BICUBIC:
        return QCoreApplication.translate("sources", "Bicubic")
    return source
