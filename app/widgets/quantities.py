"""Bytes and seconds for people."""

from PySide6.QtCore import QCoreApplication, QLocale


def file_size_text(num_bytes: int) -> str:
    """Return a size such as "3.4 MB", in the user's locale."""
    return QLocale().formattedDataSize(num_bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def time_text(seconds: float) -> str:
    """Return a duration such as "8 s", "3 min" or "2.5 h"."""
    locale = QLocale()
    if seconds < 90:
        text = QCoreApplication.translate("quantities", "{0} s")
        return text.format(locale.toString(max(1, round(seconds))))
    if seconds < 90 * 60:
        text = QCoreApplication.translate("quantities", "{0} min")
        return text.format(locale.toString(round(seconds / 60)))
    text = QCoreApplication.translate("quantities", "{0} h")
    return text.format(locale.toString(seconds / 3600, "f", 1))
