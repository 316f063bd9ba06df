"""The licence of the app and the notice of what it contains, wherever an installation has them."""

from importlib import metadata
from pathlib import Path

import liifgan_core
from liifgan_core.resources import resource_path


def licence_text(name: str) -> str:
    """Return the text of LICENSE or NOTICE; empty where this installation lacks it.

    It lies in the package's metadata, in a source tree at the top, in a frozen build among the
    resources.
    """
    for path in (
        Path(liifgan_core.__file__).parents[1] / name,
        resource_path("licences", name),
    ):
        if path.is_file():
            return path.read_text(encoding="utf-8")
    try:
        return metadata.distribution("liifgan").read_text(f"licenses/{name}") or ""
    except metadata.PackageNotFoundError:
        return ""
