"""The file that a result goes to: checks ahead of the work."""

import contextlib
import errno
import os
from pathlib import Path

from liifgan_core.errors import ImageWriteError
from liifgan_core.files.failures import exists_error, write_error
from liifgan_core.geometry import Size
from liifgan_core.images.formats import Format, format_by_name, format_by_suffix, size_problem


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
