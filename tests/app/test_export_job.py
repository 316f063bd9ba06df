import pytest

from app.state import export_job
from liifgan_core.geometry import Size


def test_estimates_grow_with_the_work() -> None:
    small, large = Size(100, 100), Size(400, 400)
    assert export_job.seconds(small, large, None) is None
    at_4 = export_job.seconds(small, large, 1e5)
    assert at_4 == pytest.approx((160_000 + 17_000) / 1e5)
    sizes = [
        export_job.file_bytes(large, "jpeg", bit_depth=8, quality=quality) for quality in (50, 90)
    ]
    assert sizes[0] < sizes[1]
    png = [export_job.file_bytes(large, "png", bit_depth=bits, quality=None) for bits in (8, 16)]
    assert png[0] < png[1]
