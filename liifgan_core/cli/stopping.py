"""Stopping long commands at a place where everything is saved."""

import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType

from liifgan_core.cli.console import print_error
from liifgan_core.progress import CancelToken


@contextmanager
def cancel_on_signals(notice: str) -> Generator[CancelToken]:
    """Give a token that Ctrl-C and SIGTERM cancel, saying `notice`; a second Ctrl-C stops at once.

    For the main thread. A signal that is ignored, as in the background of a script, stays so. The
    handlers of before are put back.
    """
    cancel = CancelToken()

    def stop(number: int, _frame: FrameType | None) -> None:
        if cancel.is_cancelled and number == signal.SIGINT:
            raise KeyboardInterrupt
        cancel.cancel()
        with suppress(RuntimeError):  # the signal came in the middle of another line
            print_error(notice)

    before = {
        number: signal.signal(number, stop)
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
