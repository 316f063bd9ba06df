from collections.abc import Iterator

import pytest

from liifgan_core.batch.work import Eta
from liifgan_core.cli import batch_progress
from liifgan_core.cli.batch_progress import BatchProgress


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock's next times; the last one stays."""
    times = [0.0]

    def ticks() -> Iterator[float]:
        while True:
            yield times.pop(0) if len(times) > 1 else times[0]

    ticking = ticks()
    monkeypatch.setattr(batch_progress.time, "monotonic", lambda: next(ticking))
    return times


def test_without_a_terminal_a_line_every_interval_tells_photo_and_time_left(
    seconds: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    with BatchProgress([100.0, 100.0]) as progress:
        progress._eta = Eta([100.0, 100.0], clock=lambda: now[0])
        with progress.photo(0, "a\nb.png") as report:
            seconds[:] = [5.0]
            report(0.1)
            now[0], seconds[:] = 20.0, [20.0]
            report(0.5)
            report(0.6)
        progress.finish(0)
    assert capsys.readouterr() == ("", "[1/2] a\\nb.png: 50%, 0:01:00 left\n")


def test_on_a_terminal_there_is_one_bar_for_all(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with BatchProgress([1.0, 1.0]) as progress:
        with progress.photo(1, "[red]b.png") as report:
            report(0.5)
        progress.finish(1)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "[2/2] [red]b.png" in shown.err
