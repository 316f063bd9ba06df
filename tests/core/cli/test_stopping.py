import signal
from collections.abc import Iterator

import pytest

from liifgan_core.cli import stopping
from liifgan_core.cli.stopping import cancel_on_signals


@pytest.fixture(autouse=True)
def handlers_are_put_back() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_and_says_so(number: int, capfd: pytest.CaptureFixture[str]) -> None:
    with cancel_on_signals("stopping") as cancel:
        assert not cancel.is_cancelled
        signal.raise_signal(number)
        assert cancel.is_cancelled
    assert capfd.readouterr().err == "liifgan: stopping\n"


def test_a_second_ctrl_c_stops_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), cancel_on_signals("stopping"):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)


def test_a_signal_that_is_ignored_stays_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with cancel_on_signals("stopping") as cancel:
        signal.raise_signal(signal.SIGINT)
        assert not cancel.is_cancelled
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_signal_in_the_middle_of_a_line_is_no_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    def in_the_middle(_message: str) -> None:
        raise RuntimeError("reentrant call inside <_io.BufferedWriter>")

    monkeypatch.setattr(stopping, "print_error", in_the_middle)
    with cancel_on_signals("stopping") as cancel:
        signal.raise_signal(signal.SIGINT)
        assert cancel.is_cancelled
