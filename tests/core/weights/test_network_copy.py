from pathlib import Path

import pytest

from liifgan_core.errors import WeightsError
from liifgan_core.weights import trunks
from liifgan_core.weights.network_copy import network_files, put_network
from liifgan_core.weights.trunks import NETWORKS, find_network

REALSR = NETWORKS["realsr"]


@pytest.fixture
def files() -> dict[str, bytes]:
    """RealSR's, of this machine."""
    return network_files(REALSR.sha256)


@pytest.fixture
def elsewhere(files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a user on a machine that has no network."""
    folder = tmp_path / "networks"
    monkeypatch.setattr("liifgan_core.weights.network_copy.user_networks_dir", lambda: folder)
    monkeypatch.setattr(trunks, "_folders", lambda network: iter([folder]))
    return folder


def test_a_network_comes_to_a_machine_without_it(files: dict[str, bytes], elsewhere: Path):
    assert list(files) == list(REALSR.sha256_by_file)
    with pytest.raises(WeightsError, match="not here"):
        find_network("realsr")
    put_network(REALSR.sha256, files)
    assert find_network("realsr").parent == elsewhere


def test_what_is_there_is_left(elsewhere: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("liifgan_core.weights.network_copy.is_installed", lambda name: True)
    put_network(REALSR.sha256, {})
    assert not elsewhere.exists()


def test_other_files_are_not_taken(elsewhere: Path):
    for other in (dict.fromkeys(REALSR.sha256_by_file, b"other"), {}):
        with pytest.raises(WeightsError, match="not the files of the network 'realsr'"):
            put_network(REALSR.sha256, other)
    assert not elsewhere.exists()
