import json
from pathlib import Path

import msgspec
import pytest
from safetensors.torch import save_file

from liifgan_core.models.config import EDSRConfig, LIIFConfig, RRDBConfig, TrunkConfig
from liifgan_core.weights.registry import HEADER_KEY, file_sha256
from tests.conftest import PROVENANCE, seeded_network
from tests.core.cli.conftest import Run


def test_without_models_the_way_to_one_is_told(run: Run) -> None:
    result = run("models")
    assert result.out == ""
    assert (
        result.err == "liifgan: no model is installed; get one with 'liifgan weights fetch liif'\n"
    )


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
    assert result.out.splitlines()[0] == "mine"


@pytest.mark.usefixtures("detail_weights")
def test_each_model_is_listed_with_all_that_is_known(run: Run, tiny_weights: Path) -> None:
    result = run("models")
    assert (result.status, result.err) == (0, "")
    assert [line for line in result.out.splitlines() if line[0] != " "] == ["tiny", "tiny-detail"]
    for text in ("liif", "x1 to x4", "none", "a test", str(tiny_weights)):
        assert text in result.out
    assert file_sha256(tiny_weights) in result.out


def test_json_is_one_record_per_model(run: Run, tiny_weights: Path) -> None:
    result = run("models", "--json")
    assert result.status == 0
    assert json.loads(result.out) == {
        "name": "tiny",
        "architecture": "liif",
        "trained_scales": "x1 to x4",
        "licence": "none",
        "origin": "a test",
        "file": str(tiny_weights),
        "sha256": file_sha256(tiny_weights),
    }


def test_a_broken_file_is_told_and_hides_no_other(run: Run, tiny_weights: Path) -> None:
    tiny_weights.with_name("bad.safetensors").write_text("nonsense")
    result = run("models")
    assert result.status == 1
    assert result.out.startswith("tiny\n")
    assert len(result.errors) == 1
    assert "bad.safetensors" in result.err
