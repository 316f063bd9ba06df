"""File names as text that JSON can hold and that gives exactly the same name back."""

import json
import os
import sys
from pathlib import Path
from typing import Any, TypeVar

import msgspec

_Value = TypeVar("_Value")


def identity(path: Path | str) -> str:
    """Return the absolute path with the links of its folders resolved: one for each name.

    The last part is kept, also where it is a link: it has a result of its own.
    """
    folder, name = os.path.split(path)
    try:
        if name in ("", os.curdir, os.pardir):
            return os.path.realpath(path)
        return os.path.join(os.path.realpath(folder or os.curdir), name)
    except ValueError:  # a NUL; whoever opens it says what is wrong
        return os.path.abspath(path)


def path_to_text(path: Path | str) -> str:
    """Return a path as text that is the same in every locale.

    Bytes that are no UTF-8 are lone surrogates, as Python's file names have them (PEP 383).
    """
    if sys.getfilesystemencoding() == "utf-8":
        return str(path)
    return os.fsencode(path).decode("utf-8", "surrogateescape")


def text_to_path(text: str) -> Path:
    """Return the path of a text that `path_to_text` has made."""
    if sys.getfilesystemencoding() == "utf-8":
        return Path(text)
    return Path(os.fsdecode(text.encode("utf-8", "surrogateescape")))


def encode_line(value: msgspec.Struct) -> bytes:
    """Return a struct as one line of JSON in ASCII, which any terminal and locale can take.

    Lone surrogates are escaped as JSON allows; msgspec's own encoder refuses them.
    """
    return json.dumps(msgspec.to_builtins(value)).encode("ascii")


def decode_line(line: bytes, kind: type[_Value]) -> _Value:
    """Return the struct of a line; raises ValueError for anything else."""
    try:
        value: Any = json.loads(line)
        return msgspec.convert(value, kind)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{line[:40]!r} is no line of {kind.__name__} ({error})") from error
