"""Sizes, licences and notes of a package, without building one."""

import gzip
import sysconfig
import tarfile
from importlib import metadata
from pathlib import Path

import pytest
from build_package import BuildError, latest_changes, pack, size_report, write_notes
from licences import UnknownOriginError, bundled_parts, licence_document
from parts import largest_parts, total_bytes

from liifgan_core.weights.trunks import NETWORKS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "liifgan-1.2.3-linux-x86_64"
    for name, size in (
        ("liifgan", 10),
        ("_internal/numpy/core.so", 100),
        ("_internal/numpy.libs/blas.so", 200),
        ("_internal/libz.so", 50),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    (folder / "liifgan").chmod(0o755)
    return folder


def test_a_part_is_a_package_with_its_libraries(folder: Path) -> None:
    assert largest_parts(folder, 2) == [("numpy", 300), ("libz.so", 50)]
    assert total_bytes(folder) == 360


def test_too_large_a_folder_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert size_report(folder).startswith("unpacked: 0 MB")
    monkeypatch.setattr("build_package.MAX_FOLDER_BYTES", 359)
    with pytest.raises(BuildError, match="the limit"):
        size_report(folder)


def test_archives_of_the_same_files_are_equal(folder: Path) -> None:
    first = pack(folder)
    content = first.read_bytes()
    (folder / "_internal" / "libz.so").touch()
    assert pack(folder).read_bytes() == content
    with tarfile.open(first) as tar:
        modes = {entry.name: entry.mode for entry in tar.getmembers()}
    assert modes[f"{folder.name}/liifgan"] == 0o755
    assert modes[f"{folder.name}/_internal/libz.so"] == 0o644
    assert len(gzip.decompress(content)) > 360


def test_notes_have_checksum_and_changes(folder: Path) -> None:
    archive = pack(folder)
    write_notes(archive, "sizes")
    digest, name = (archive.parent / f"{archive.name}.sha256").read_text().split()
    (notes,) = archive.parent.glob("*-release-notes.md")
    assert name == archive.name
    assert digest in notes.read_text(encoding="utf-8")
    assert "### Added" in notes.read_text(encoding="utf-8")


def test_only_the_newest_changes_are_noted() -> None:
    assert latest_changes("# Log\n\n## 2\n\nnew\n\n## 1\n\nold\n") == "new"
    with pytest.raises(BuildError):
        latest_changes("# Log\n")


def test_a_bundled_file_is_traced_to_its_licence() -> None:
    package = metadata.distribution("msgspec")
    source = Path(str(package.locate_file("msgspec/__init__.py")))
    own = ROOT / "liifgan_core" / "__init__.py"
    parts = bundled_parts([source, own], ROOT)
    assert [part.name for part in parts] == ["msgspec", "Python"]
    text = licence_document(parts, "title")
    assert "Redistribution and use in source and binary forms" in text
    assert package.version in text


def test_networks_of_packages_are_traced_to_their_licences() -> None:
    files = [
        Path(sysconfig.get_path("purelib"), network.package.folder, name)
        for network in NETWORKS.values()
        if network.package is not None
        for name in network.sha256_by_file
    ]
    assert len(files) == 4
    assert all(file.is_file() for file in files)
    text = licence_document(bundled_parts(files, ROOT), "title")
    for words in ("MIT License", "Apache License", "Copyright (c) 2021, Xintao Wang"):
        assert words in text


def test_a_file_of_unknown_origin_is_an_error(tmp_path: Path) -> None:
    stray = tmp_path / "libstray.so"
    stray.touch()
    with pytest.raises(UnknownOriginError, match=r"libstray\.so"):
        bundled_parts([stray], ROOT)
