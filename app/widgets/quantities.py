"""Numbers, sizes, bytes and seconds for people, by the marks of their language."""

from PySide6.QtCore import QCoreApplication, QLocale

from liifgan_core.geometry import Size


def file_size_text(num_bytes: int) -> str:
    """Return a size such as "3.4 MB", in the user's locale."""
    return QLocale().formattedDataSize(num_bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def rough_size_text(num_bytes: int) -> str:
    """Return an estimated size such as "3.4 MB" or "34 MB": no digits that nobody knows."""
    digits = len(str(max(num_bytes, 1)))
    decimals = 1 if digits > 3 and digits % 3 == 1 else 0
    return QLocale().formattedDataSize(num_bytes, decimals, QLocale.DataSizeFormat.DataSizeSIFormat)


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


def number_text(value: float, decimals: int) -> str:
    """Return a number such as "1.57", with so many decimals."""
    return QLocale().toString(float(value), "f", decimals)


def short_number(value: float) -> str:
    """Return a number without trailing zeros, such as "4" or "2.5"."""
    return QLocale().toString(float(value), "g", 6)


def percent_text(part: float) -> str:
    """Return a part of one as a whole percentage, such as "45 %"."""
    text = QCoreApplication.translate("quantities", "{0}%", "a percentage")
    return text.format(QLocale().toString(round(100 * part)))


def work_text(fraction: float, seconds_left: float | None) -> str:
    """Return how far work has come and how long it takes, such as "45 % · 8 s left"."""
    percentage = percent_text(fraction)
    if seconds_left is None:
        return percentage
    text = QCoreApplication.translate("quantities", "{0} · {1} left", "a percentage, a duration")
    return text.format(percentage, time_text(seconds_left))


def pixels_text(size: Size) -> str:
    """Return a size such as "1280 × 960": width, then height."""
    return f"{size.width} × {size.height}"
