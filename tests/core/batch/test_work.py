import pytest

from liifgan_core.batch.work import Eta, work_of
from liifgan_core.geometry import Size


def test_the_time_left_follows_the_work_and_not_the_number_of_photos() -> None:
    now = [0.0]
    eta = Eta([100.0, 300.0, 600.0], clock=lambda: now[0])
    assert eta.seconds_left(0, 0.0) is None
    now[0] = 10.0
    assert eta.seconds_left(0, 1.0) == pytest.approx(90.0)
    eta.finish(0, is_skipped=False)
    now[0] = 25.0
    assert eta.seconds_left(1, 0.5) == pytest.approx(75.0)
    eta.finish(1, is_skipped=True)  # its 300 are no longer in the way
    assert eta.seconds_left(2, 0.0) == pytest.approx(25.0 * 6)
    eta.finish(2, is_skipped=False)
    assert eta.total == 700.0


def test_a_run_without_work_has_no_time_left() -> None:
    eta = Eta([0.0, 0.0])
    assert eta.seconds_left(0, 0.5) is None
    assert work_of(None, Size(1, 1)) == work_of(Size(1, 1), None) == 0.0
    assert work_of(Size(10, 10), Size(20, 20)) == pytest.approx(400 + 170)
    assert work_of(Size(10, 10), Size(20, 20), Size(2, 2)) == pytest.approx(400 + 100 + 170)
