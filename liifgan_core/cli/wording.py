"""How a user of the command line does what an error says would help."""

import os
from collections.abc import Sequence
from typing import get_args

from liifgan_core.errors import LiifganError, Remedy

WRONG_USE = 2
"""Exit status of a command that was called with options that it cannot take."""
_OPTIONS: dict[Remedy, str] = {
    "memory": "--memory",
    "max-pixels": "--max-pixels",
    "overwrite": "--overwrite",
    "folder": "--recursive searches folders",
    "manifest": "--manifest",
    "resume": "go on with --resume",
    "cpu": "--device cpu",
}
assert set(_OPTIONS) == set(get_args(Remedy)), "every remedy has its words"


def told(error: LiifganError) -> str:
    """Return an error as a sentence that names the option which would help."""
    return with_remedy(str(error), error.remedy)


def with_remedy(message: str, remedy: Remedy | None) -> str:
    """Return a message with the option that would help, in brackets."""
    if remedy is None:
        return message
    return f"{message.rstrip('.')} ({_OPTIONS[remedy]})"


def dashed_file_hint(arguments: Sequence[str]) -> str | None:
    """Return what to write for a file that was taken for an option; None if there is no such."""
    for argument in arguments:
        if argument == "--":
            return None
        if len(argument) > 1 and argument.startswith("-") and os.path.lexists(argument):
            named = os.path.join(".", argument)
            return f"{argument} is a file here: write {named}, or put -- in front of all photos"
    return None
