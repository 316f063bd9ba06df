import pytest

from liifgan_core.progress import Cancelled, CancelToken, no_progress, part


def test_a_part_fills_its_share_of_the_whole() -> None:
    seen: list[float] = []
    inner = part(part(seen.append, 0.5, 1.0), 0.0, 0.5)
    for fraction in (0.0, 0.5, 1.0):
        inner(fraction)
    assert seen == [0.5, 0.625, 0.75]


def test_no_progress_takes_any_report() -> None:
    no_progress(0.5)


def test_a_token_stops_work_only_after_it_was_cancelled() -> None:
    token = CancelToken()
    token.check()
    assert not token.is_cancelled
    token.cancel()
    token.cancel()
    assert token.is_cancelled
    with pytest.raises(Cancelled):
        token.check()


def test_cancelling_is_no_error() -> None:
    from liifgan_core.errors import LiifganError

    assert not issubclass(Cancelled, LiifganError)
