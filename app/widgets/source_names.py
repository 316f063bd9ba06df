"""What sources are called in the view and in lists."""

from PySide6.QtCore import QCoreApplication

from liifgan_core.render.request import BICUBIC, NEAREST

_KNOWN = {
    "liif": "LIIF",
    "liif-air": "LIIF-air",
    "liif-gan": "LIIF-GAN",
    "liif-gan-air": "LIIF-GAN-air",
    "liif-gan-s": "LIIF-GAN-S",
    "liif-gan-sf": "LIIF-GAN-SF",
}
"""Proper names of the family's models; others are called as their files are."""


def source_name(source: str) -> str:
    """Return a source's name for people."""
    if source == NEAREST:
        return QCoreApplication.translate("sources", "Input")
    if source == BICUBIC:
        return QCoreApplication.translate("sources", "Bicubic")
    if source == "liif-public":
        return QCoreApplication.translate("sources", "LIIF, public")
    return _KNOWN.get(source, source)
