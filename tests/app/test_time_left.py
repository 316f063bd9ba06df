import pytest

from app.state.time_left import TimeLeft


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_short_work_is_not_told(clock: Clock) -> None:
    left = TimeLeft(clock)
    left.begin()
    clock.now_s += 0.9
    left.take(0.5)
    assert not left.is_long
    assert left.seconds_left is None


def test_the_rest_takes_as_long_as_what_is_done_did(clock: Clock) -> None:
    left = TimeLeft(clock)
    left.begin()
    clock.now_s += 3.0
    left.take(0.25)
    assert left.is_long
    assert left.seconds_left == pytest.approx(9.0)
    left.take(0.2)
    assert left.fraction == 0.25, "it never goes back"


def test_with_too_little_to_go_by_nothing_is_promised(clock: Clock) -> None:
    left = TimeLeft(clock)
    left.begin()
    clock.now_s += 5.0
    left.take(0.01)
    assert left.is_long
    assert left.seconds_left is None
    left.end()
    assert not left.is_long
