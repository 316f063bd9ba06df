import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from safetensors.torch import save_file

from liifgan_core.models.config import EDSRConfig, LIIFConfig, RRDBConfig, TrunkConfig
from liifgan_core.resources import DATA_DIR_VARIABLE
from liifgan_core.weights.registry import HEADER_KEY, file_sha256
from liifgan_core.weights.trunks import ExternalNetwork
from tests.conftest import PROVENANCE, seeded_network
from tests.core.cli.conftest import Run


def test_without_models_the_way_to_one_is_told(run: Run) -> None:
    result = run("models")
    assert result.out == ""
    assert result.status == 0
    assert len(result.errors) == 1
    assert result.err.startswith("liifgan: no model is installed; install LIIF-GAN again")


def test_a_model_is_listed_without_the_network_that_it_reads(run: Run, data_dir: Path) -> None:
    trunk = TrunkConfig(network=RRDBConfig(), sha256="0" * 64)
    network = seeded_network(LIIFConfig(encoder=EDSRConfig(num_features=4, num_blocks=1)))
    config = msgspec.to_builtins(network.config) | {"detail_trunk": msgspec.to_builtins(trunk)}
    header = {
        "architecture": "liif",
        "config": config,
        "provenance": msgspec.to_builtins(PROVENANCE),
    }
    (data_dir / "weights").mkdir()
    path = data_dir / "weights" / "mine.safetensors"
    save_file(network.state_dict(), path, {HEADER_KEY: json.dumps(header)})
    result = run("models")
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "mine"
    assert [line.partition(": ")[2] for line in lines if line.startswith("default")] == ["none"] * 2
    assert lines[-1].startswith("  no model can be used: mine cannot be the default here: ")


@pytest.mark.usefixtures("detail_weights")
def test_each_model_is_listed_with_all_that_is_known(run: Run, tiny_weights: Path) -> None:
    result = run("models")
    assert (result.status, result.err) == (0, "")
    assert [line for line in result.out.splitlines() if line[0] != " "] == [
        "tiny",
        "tiny-detail",
        "default with an accelerator (CUDA, XPU, MPS) or AMX: tiny",
        "default on other processors: tiny",
    ]
    for text in ("liif", "x1 to x4", "none", "a test", str(tiny_weights)):
        assert text in result.out
    assert file_sha256(tiny_weights) in result.out


def test_json_is_one_record_per_model(run: Run, tiny_weights: Path) -> None:
    result = run("models", "--json")
    assert result.status == 0
    assert json.loads(result.out) == {
        "name": "tiny",
        "label": "tiny",
        "purpose": "faithful",
        "pace": "full",
        "group": "own",
        "description": "Enlarges what the photo tells and invents nothing.",
        "has_detail": False,
        "is_gan": False,
        "cleans": False,
        "draws_quickly": False,
        "default_strength": [],
        "trunk": None,
        "bytes": tiny_weights.stat().st_size,
        "architecture": "liif",
        "trained_scales": "x1 to x4",
        "licence": "none",
        "origin": "a test",
        "file": str(tiny_weights),
        "sha256": file_sha256(tiny_weights),
        "default": ["accelerator", "processor"],
    }


def test_a_broken_file_is_told_and_hides_no_other(run: Run, tiny_weights: Path) -> None:
    tiny_weights.with_name("bad.safetensors").write_text("nonsense")
    result = run("models")
    assert result.status == 1
    assert result.out.startswith("tiny\n")
    assert len(result.errors) == 1
    assert "bad.safetensors" in result.err


@pytest.mark.usefixtures("natural_models")
def test_what_a_model_is_for_and_what_it_reads_are_told(
    run: Run, tiny_rrdb: ExternalNetwork, data_dir: Path
) -> None:
    lines = run("models").out.splitlines()
    assert lines[:3] == ["liif-gan", "  label:          Natural", "  purpose:        natural, full"]
    assert "  purpose:        natural, quick" in lines
    assert "  purpose:        faithful, full" in lines
    size = f"{tiny_rrdb.weights_bytes / 1e6:.1f} MB"
    assert f"  reads:          tiny-rrdb, {size}, installed; none" in lines
    (data_dir / "networks" / tiny_rrdb.weights_name).unlink()
    assert f"  reads:          tiny-rrdb, {size}, not installed; none\n" in run("models").out
    trunks = [json.loads(line)["trunk"] for line in run("models", "--json").out.splitlines()]
    assert trunks[1:] == [None, None]
    assert (trunks[0]["name"], trunks[0]["is_installed"]) == ("tiny-rrdb", False)
    assert trunks[0]["size_bytes"] == tiny_rrdb.weights_bytes


@pytest.mark.usefixtures("natural_models")
def test_both_defaults_are_told_with_their_condition(run: Run) -> None:
    result = run("models")
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines()[-2:] == [
        "default with an accelerator (CUDA, XPU, MPS) or AMX: liif-gan",
        "default on other processors: liif-gan-fast",
    ]
    records = map(json.loads, run("models", "--json").out.splitlines())
    assert {record["name"]: record["default"] for record in records} == {
        "liif-gan": ["accelerator"],
        "liif-gan-fast": ["processor"],
        "liif": [],
    }


@pytest.mark.usefixtures("natural_models")
def test_a_default_whose_trunk_is_missing_is_told_with_the_ways_to_it(
    run: Run, tiny_rrdb: ExternalNetwork, data_dir: Path
) -> None:
    (data_dir / "networks" / tiny_rrdb.weights_name).unlink()
    result = run("models")
    assert (result.status, result.err) == (0, "")
    first, second, reason = result.out.splitlines()[-3:]
    assert first == "default with an accelerator (CUDA, XPU, MPS) or AMX: liif-gan-fast"
    assert second == "default on other processors: liif-gan-fast"
    assert reason.startswith("  liif-gan cannot be the default here: ")
    assert 'pip install "liifgan[models]"' in reason
    assert "liifgan weights fetch tiny-rrdb" in reason


@pytest.mark.usefixtures("natural_models")
def test_the_defaults_are_told_without_torch(data_dir: Path) -> None:
    code = (
        "import sys\nfrom liifgan_core.cli import models\n"
        "status = models.run(as_json=False)\nassert 'torch' not in sys.modules\nsys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, DATA_DIR_VARIABLE: str(data_dir)},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "default on other processors: liif-gan-fast\n" in done.stdout
