"""Where the files that ship with the program and the user's own data lie."""

import os
import sys
from pathlib import Path

import platformdirs

DATA_DIR_VARIABLE = "LIIFGAN_DATA_DIR"
"""Environment variable that moves the user's data folder."""
CONFIG_DIR_VARIABLE = "LIIFGAN_CONFIG_DIR"
"""Environment variable that moves the user's configuration folder."""


def resource_path(*parts: str) -> Path:
    """Return the path of a shipped file or folder; it may not exist.

    They lie in `resources/` beside the packages in a source tree, inside the package in a wheel and
    beside the program in a frozen build.
    """
    package = Path(__file__).parent
    frozen_root = getattr(sys, "_MEIPASS", None)
    if frozen_root is not None:
        root = Path(frozen_root) / "resources"
    elif (package / "_resources").is_dir():
        root = package / "_resources"
    else:
        root = package.parent / "resources"
    return root.joinpath(*parts)


def user_data_path(*parts: str) -> Path:
    """Return a path in the user's data folder; neither it nor the folder may exist yet."""
    override = os.environ.get(DATA_DIR_VARIABLE)
    root = Path(override) if override else platformdirs.user_data_path("liifgan", appauthor=False)
    return root.joinpath(*parts)


def user_config_path(name: str) -> Path:
    """Return the path of a configuration file; neither it nor its folder may exist yet."""
    override = os.environ.get(CONFIG_DIR_VARIABLE)
    folder = Path(override) if override else platformdirs.user_config_path("liifgan", False)
    return folder / name
