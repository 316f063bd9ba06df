"""The file that a result goes to: checks ahead of the work, and the last step that names it."""

import contextlib
import errno
import os
from pathlib import Path

from liifgan_core.errors import ImageWriteError, TargetExistsError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import Format, format_by_name, format_by_suffix, size_problem

NO_HARD_LINKS = frozenset(
    {
        errno.EPERM,
        errno.EACCES,
        errno.ENOSYS,
        errno.EOPNOTSUPP,
        getattr(errno, "ENOTSUP", errno.EOPNOTSUPP),
        errno.EMLINK,
    }
)
"""What file systems without hard links (FAT, some network shares) answer to `os.link`."""

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


def check_target(
    path: Path | str,
    *,
    size: Size,
    format: str | None = None,
    overwrite: bool = False,
    source: Path | str | None = None,
) -> Format:
    """Return the format that will be written, or raise ImageWriteError.

    Meant to be called before hours of work: it checks the format's limits, that the target does
    not exist (unless `overwrite`), is no folder and not `source`, and that the folder (or the
    nearest one that exists) can be written to. It creates nothing. Without `format` the file
    name's ending decides.
    """
    path = Path(path)
    chosen = format_by_name(format) if format else format_by_suffix(path)
    if not chosen.can_write:
        raise ImageWriteError(f"{path}: {chosen.name.upper()} can be read but not written.")
    problem = size_problem(chosen, size, bytes_per_pixel=4 if chosen.has_alpha else 3)
    if problem:
        raise ImageWriteError(
            f"{path}: {chosen.name.upper()} {problem}; choose PNG or TIFF, or a smaller size."
        )
    if "\0" in str(path):
        raise ImageWriteError(f"{str(path)!r} is not a file name; leave the NUL character out.")
    try:
        _check_place(path, overwrite=overwrite, source=source)
    except OSError as error:
        raise write_error(path, error) from error
    return chosen


def publish(temporary: Path, target: Path, *, overwrite: bool) -> None:
    """Give the finished file its name, at once and wholly, or raise ImageWriteError.

    Without `overwrite`, something that appeared under the name in the meantime stays. With it, a
    symbolic link is replaced itself; what it points to stays.
    """
    try:
        if overwrite:
            os.replace(temporary, target)
        else:
            _link_exclusively(temporary, target)
        sync_folder(target.parent)
    except FileExistsError as error:
        raise exists_error(target) from error
    except OSError as error:
        raise write_error(target, error) from error


def write_error(path: Path, error: OSError) -> ImageWriteError:
    """Return `error` as one sentence about `path` with a way out."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    way_out = _WAYS_OUT.get(error.errno or 0, "choose another place")
    return ImageWriteError(f"{path} cannot be written ({reason}); {way_out}.")


def _check_place(path: Path, *, overwrite: bool, source: Path | str | None) -> None:
    if path.is_dir():
        raise ImageWriteError(f"{path} is a folder; add a file name.")
    if os.path.lexists(path):
        path.lstat()  # lexists hides a name that is too long
        if source is not None and os.path.exists(path) and os.path.samefile(path, source):
            raise ImageWriteError(f"{path} is the source image itself; choose another name.")
        if not overwrite:
            raise exists_error(path)
    elif len(os.fsencode(path.name)) > _longest_name(path):
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
    folder = _nearest_folder(path)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _nearest_folder(path: Path) -> Path:
    """Return the closest parent that exists (it may turn out to be a file)."""
    return next(parent for parent in path.absolute().parents if os.path.lexists(parent))


def _longest_name(path: Path) -> int:
    """Return how many bytes a file name may have there."""
    with contextlib.suppress(AttributeError, OSError, ValueError):  # pathconf is POSIX only
        return os.pathconf(_nearest_folder(path), "PC_NAME_MAX")
    return 255


def exists_error(path: Path) -> TargetExistsError:
    """Return that there is something under the name already."""
    return TargetExistsError(
        f"{path} exists already; choose another name or allow overwriting.", remedy="overwrite"
    )


def _link_exclusively(temporary: Path, target: Path) -> None:
    """Move the file to `target`; FileExistsError when there is anything under that name."""
    try:
        os.link(temporary, target)
    except (OSError, NotImplementedError) as error:
        number = getattr(error, "errno", errno.ENOSYS)
        if number not in NO_HARD_LINKS:
            raise
        _reserve_and_replace(temporary, target)
    else:
        os.unlink(temporary)


def _reserve_and_replace(temporary: Path, target: Path) -> None:
    """Take the name with an empty file that must be new, then put the real one in its place."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        os.replace(temporary, target)
    except BaseException:
        os.unlink(target)
        raise


def sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system can."""
    with contextlib.suppress(OSError):  # Windows cannot open folders, some shares cannot sync them
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
