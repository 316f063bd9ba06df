"""The command line: the only part of the core that prints."""

import sys

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 + SIGINT, as shells have it."""


def main() -> None:
    """Run the command line and exit with its status: 0, 1, 2 or 130."""
    try:
        from liifgan_core.cli.commands import app

        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
