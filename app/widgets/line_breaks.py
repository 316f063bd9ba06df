"""Where lines of messages may be broken, so that they are wrapped instead of cut off."""

import re

_BREAK = "\u200b"
"""Unicode's zero width space: invisible, and a line may end there."""
_LONG_WORD = re.compile(r"[^\s\u200b]{24}(?=[^\s\u200b])")


def breakable(text: str) -> str:
    """Return a text in which paths may be broken after folders, and words every 24 letters."""
    return _LONG_WORD.sub(lambda part: part[0] + _BREAK, text.replace("/", f"/{_BREAK}"))
