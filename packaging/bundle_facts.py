"""What packages are called and open, for the spec and the tools around it. Imports no torch."""

import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import liifgan_core
from liifgan_core.images.formats import FORMATS

NAME = "liifgan"
APP_NAME = "LIIF-GAN"
BUNDLE_IDENTIFIER = "org.liifgan.app"
VERSION = liifgan_core.__version__

_SYSTEMS = {"linux": "linux", "win32": "windows", "darwin": "macos"}


def folder_name() -> str:
    """Return `liifgan-<version>-<system>-<processor>`, e.g. liifgan-0.1.0-linux-x86_64."""
    return f"{NAME}-{VERSION}-{_SYSTEMS[sys.platform]}-{platform.machine().lower()}"


def suffixes() -> list[str]:
    """Return the endings, with the dot, of files that the app opens."""
    return sorted({suffix for known in FORMATS if known.can_read for suffix in known.suffixes})
