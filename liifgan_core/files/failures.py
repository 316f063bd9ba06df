"""Why a file cannot be written, in one sentence with a way out."""

import errno
import os
from pathlib import Path

from liifgan_core.errors import ImageWriteError, TargetExistsError

_WAYS_OUT = {
    errno.ENOSPC: "free some space or choose another disk",
    errno.EDQUOT: "free some space or choose another disk",
    errno.EFBIG: "choose a disk that can hold larger files, or a smaller size",
    errno.EACCES: "choose a folder that you may write to",
    errno.EPERM: "choose a folder that you may write to",
    errno.EROFS: "choose a disk that can be written to",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOTDIR: "choose a folder that is not below a file",
}


def write_error(path: Path, error: OSError) -> ImageWriteError:
    """Return `error` as one sentence about `path` with a way out."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    way_out = _WAYS_OUT.get(error.errno or 0, "choose another place")
    return ImageWriteError(f"{path} cannot be written ({reason}); {way_out}.")


def exists_error(path: Path) -> TargetExistsError:
    """Return that there is something under the name already."""
    return TargetExistsError(
        f"{path} exists already; choose another name or allow overwriting.", remedy="overwrite"
    )
