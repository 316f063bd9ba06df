"""Errors that a user can cause and can mend.

Every message names the bad value and the way out; the command line prints it as one line, the app
shows it in a dialog. Anything else that is raised is a defect of the program.
"""

from typing import Literal

Remedy = Literal["memory", "max-pixels", "overwrite", "folder", "manifest", "resume", "cpu"]
"""What would help beside what the message says: a higher bound of memory or of pixels, leave to
replace, a search of the folder, another manifest, going on later, the CPU as device. The core does
not know how a user does that; each face says it in its own words."""


class LiifganError(Exception):
    """Base of all errors with a message that is meant for the user."""

    def __init__(self, message: str = "", *, remedy: Remedy | None = None) -> None:
        super().__init__(message)
        self.remedy: Remedy | None = remedy


class ImageReadError(LiifganError):
    """A file is missing, damaged, too large or not an image that can be read."""


class ImageWriteError(LiifganError):
    """A result cannot be written: target, format, size or disk."""


class TargetExistsError(ImageWriteError):
    """There is a file under the result's name already."""


class WeightsError(LiifganError):
    """Weights are missing, damaged, of an unknown architecture or fail verification."""


class DeviceError(LiifganError):
    """A device or precision was asked for that this machine does not have."""


class MaskError(LiifganError):
    """A picture is no mask, or none for this photo."""


class OutOfMemoryError(LiifganError):
    """Even the smallest piece of work does not fit into the device's memory."""


class SizeError(LiifganError):
    """A size rule cannot be met: zero, negative, or beyond what can be rendered."""


class GeometryError(LiifganError):
    """A rotation, perspective or distortion that no picture can be drawn by."""
