from pathlib import Path

import pytest
import torch

from liifgan_core.cli import weights
from liifgan_core.errors import WeightsError
from liifgan_core.models.config import LIIFConfig
from liifgan_core.progress import Progress
from liifgan_core.weights.store import load_weights
from liifgan_core.weights.trunks import ExternalNetwork, find_network
from tests.conftest import seeded_network
from tests.core.cli.conftest import Run
from tests.core.weights.test_checkpoints import HIDDEN, public_layout, public_tensors


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "my-liif.pth"
    network = seeded_network(LIIFConfig(hidden=HIDDEN))
    torch.save(public_layout(public_tensors(network)), path)
    return path


def test_an_imported_checkpoint_is_installed_under_the_files_name(
    run: Run, checkpoint: Path, data_dir: Path
) -> None:
    result = run("weights", "import", checkpoint)
    target = data_dir / "weights" / "my-liif.safetensors"
    assert (result.status, result.out, result.err) == (0, f"{target}\n", "")
    assert run("models").out.startswith("my-liif\n")


def test_name_and_licence_may_be_given(run: Run, checkpoint: Path, data_dir: Path) -> None:
    result = run("weights", "import", checkpoint, "--name", "other", "--licence", "MIT")
    assert result.status == 0
    stored = load_weights(data_dir / "weights" / "other.safetensors")
    assert stored.info.header.provenance.licence == "MIT"


def test_an_installed_model_is_replaced_only_when_told(
    run: Run, checkpoint: Path, data_dir: Path
) -> None:
    target = data_dir / "weights" / "my-liif.safetensors"
    target.parent.mkdir()
    target.write_text("mine")
    result = run("weights", "import", checkpoint)
    assert result.status == 1
    assert "is installed already" in result.err
    assert target.read_text() == "mine"
    assert run("weights", "import", checkpoint, "--overwrite").status == 0
    load_weights(target)


@pytest.mark.parametrize("name", ["", "a/b", "../evil", ".hidden", "a b", "ü", "-x", "a" * 65])
def test_names_that_could_leave_the_folder_are_refused(
    name: str, run: Run, checkpoint: Path, data_dir: Path
) -> None:
    result = run("weights", "import", checkpoint, f"--name={name}")
    assert result.status == 1
    assert "cannot name a model" in result.err
    assert not list(data_dir.rglob("*.safetensors"))


def test_a_file_that_is_no_checkpoint_is_one_clear_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_text("hello")
    for name in ("a.pth", "missing.pth"):
        result = run("weights", "import", tmp_path / name)
        assert result.status == 1
        assert len(result.errors) == 1
        assert name in result.err


def test_fetching_prints_the_file(
    run: Run, tiny_rrdb: ExternalNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []

    def fetch(name: str, *, progress: Progress) -> Path:
        fetched.append(name)
        return find_network(name)

    monkeypatch.setattr(weights, "fetch_network", fetch)
    target = find_network(tiny_rrdb.name)
    for options, num_fetched in (([], 1), (["--if-missing"], 1), ([], 2)):
        result = run("weights", "fetch", tiny_rrdb.name, *options)
        assert (result.status, result.out) == (0, f"{target}\n")
        assert len(fetched) == num_fetched
    target.unlink()
    monkeypatch.setattr(weights, "fetch_network", lambda *_, **__: Path("new"))
    assert run("weights", "fetch", tiny_rrdb.name, "--if-missing").out == "new\n"


def test_a_failed_fetch_is_one_clear_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> Path:
        raise WeightsError("the index could not\nbe had")

    monkeypatch.setattr(weights, "fetch_network", fail)
    result = run("weights", "fetch", "realsr")
    assert (result.status, result.errors[-1]) == (1, r"liifgan: the index could not\nbe had")


@pytest.mark.parametrize("name", ["liif", "liif-public", "rdn"])
def test_nothing_but_networks_to_build_on_is_fetched(name: str, run: Run) -> None:
    result = run("weights", "fetch", name)
    assert result.status == 1
    assert f"no network '{name}' is known; known are realsr" in result.err
