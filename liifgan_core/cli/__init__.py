"""The command line: the only part of the core that prints."""

import os
import sys

from liifgan_core.threads import share_cores

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 + SIGINT, as shells have it."""


def main() -> None:
    """Run the command line and exit with its status: 0, 1, 2 or 130."""
    try:
        _prepare_streams()
        share_cores()
        from liifgan_core.cli.commands import WRONG_USE, app

        try:
            app()
        except SystemExit as end:
            if end.code == WRONG_USE:
                _hint_at_dashed_files()
            raise
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _hint_at_dashed_files() -> None:
    from liifgan_core.cli.console import print_error
    from liifgan_core.cli.wording import dashed_file_hint

    hint = dashed_file_hint(sys.argv[1:])
    if hint:
        print_error(hint)


def _prepare_streams() -> None:
    """Make stdout and stderr take any text, also where they are closed or of a narrow encoding.

    A file name that the terminal's encoding lacks must not turn a finished file into a failure. A
    closed stream's number would be given to the next file that is opened, which errors would then
    be written into.
    """
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= 2:
        descriptor = os.dup(descriptor)
    os.close(descriptor)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for good
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
