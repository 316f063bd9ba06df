import logging
import os
import threading

import pytest

from liifgan_core.cli import console
from liifgan_core.cli.console import (
    file_progress,
    print_error,
    print_result,
    results_only_from_here,
    set_up_logging,
)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("plain", "plain"),
        ("two\nlines", r"two\nlines"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("Größe 图", "Größe 图"),
        (os.fsdecode(b"\xff.png"), r"\udcff.png"),
    ],
)
def test_an_error_is_one_printable_line(
    message: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_error(message)
    assert capsys.readouterr().err == f"liifgan: {line}\n"


def test_warnings_of_the_core_are_lines_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging()
    set_up_logging()
    logger = logging.getLogger("liifgan_core.somewhere")
    logger.info("quiet")
    logger.warning("odd\nname")
    assert capsys.readouterr() == ("", "liifgan: warning: odd\\nname\n")


def test_without_a_terminal_progress_is_a_line_every_interval(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([0.0, 5.0, 11.0, 12.0, 25.0])
    monkeypatch.setattr(console.time, "monotonic", lambda: next(times))
    with file_progress("a\nb.png") as progress:
        for fraction in (0.1, 0.2, 0.3, 0.99):
            progress(fraction)
    assert capsys.readouterr() == ("", "a\\nb.png: 20%\na\\nb.png: 99%\n")


def test_on_a_terminal_progress_is_a_bar_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with file_progress("[red]a.png[/red]") as progress:
        progress(0.5)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "[red]a.png[/red]" in shown.err


def test_what_other_threads_print_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    with results_only_from_here():
        other = threading.Thread(target=print, args=("about machines",))
        other.start()
        other.join()
        print_result("a result")
    print_result("after")
    assert capsys.readouterr() == ("a result\nafter\n", "about machines\n")
