"""Paths of clients: only into the folders that were named at start, and through no link."""

import os
from collections.abc import Sequence
from pathlib import Path

from liifgan_core.serve.refusal import Refusal


class Folders:
    """The folders that clients may name files in. A value; any thread."""

    def __init__(self, named: Sequence[Path] = ()) -> None:
        """Raises Refusal for one that is no folder."""
        for path in named:
            if not os.path.isdir(path):
                raise Refusal(422, "no_folder", f"--folder {path} is no folder; name one that is")
        # Both names count: as it was typed, and as it is.
        self._roots = {
            Path(os.path.abspath(path)): Path(os.path.realpath(path)) for path in named
        } | {Path(os.path.realpath(path)): Path(os.path.realpath(path)) for path in named}

    @property
    def paths(self) -> list[Path]:
        """The folders, links resolved, each once."""
        return sorted(set(self._roots.values()))

    def check(self, text: str, *, field: str) -> Path:
        """Return the path that a client has named; raises Refusal outside of the folders.

        Links below a folder are refused, wherever they lead, and so is "..". Whether something
        outside exists is not told. A file that does not exist yet is as good as another.
        """
        path = Path(text)
        if "\0" in text or not path.is_absolute() or ".." in path.parts:
            raise Refusal(
                422,
                "bad_path",
                f"{field} needs an absolute path without '..', not {text[:200]!r}",
                field=field,
            )
        inside = self._inside(path)
        if inside is None:
            known = ", ".join(map(str, self.paths)) or "none"
            raise Refusal(
                403,
                "outside_folders",
                f"{field} {text[:200]!r} is outside of the folders that the service was started "
                f"with (--folder: {known}); upload the photo, or name a file in one of them",
                field=field,
            )
        # realpath also knows Windows' junctions and short names.
        if os.path.realpath(inside) != str(inside):
            raise Refusal(
                403,
                "link",
                f"{field} {text[:200]!r} leads through a link, which is not followed; name the "
                "file itself",
                field=field,
            )
        return inside

    def _inside(self, path: Path) -> Path | None:
        for root, real in self._roots.items():
            if path == root or root in path.parents:
                return real / path.relative_to(root)
        return None
