"""Shipped weights are a run's, in half precision, with a card that is theirs."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch
from prepare_weights import prepare

from liifgan_core.models.config import EDSRConfig, LIIFConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.train.card import DataRecord, write_model
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.data_config import DataConfig
from liifgan_core.train.learner import RunFacts
from liifgan_core.weights.registry import Facts, file_sha256, read_header
from liifgan_core.weights.store import load_weights, save_weights

CONFIG = TrainConfig(
    name="tiny",
    init="some/folder/start.safetensors",
    network=LIIFConfig(encoder=EDSRConfig(num_features=4, num_blocks=1), hidden=(8,)),
    data=DataConfig(lr_size=16),
)
DATA = DataRecord(
    folder="photos",
    num_images=3,
    num_skipped=0,
    num_validation=0,
    fingerprint="f",
    licences={"CC0": 3},
)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    write_model(
        tmp_path,
        CONFIG,
        LIIF(CONFIG.network).state_dict(),
        RunFacts(5, 3600.0, {"val/x4/psnr": 30.0}, datetime(2026, 1, 1, tzinfo=UTC)),
        data=DATA,
        init=None,
    )
    return tmp_path


def test_the_weights_are_the_runs_rounded_to_half_precision(run: Path, tmp_path: Path):
    path = prepare(run, "tiny-model", ["It is tiny."], tmp_path / "shipped")
    before = load_weights(run / "model.safetensors").network.state_dict()
    after = load_weights(path).network.state_dict()
    assert all(torch.equal(after[name], before[name].half().float()) for name in before)
    assert path.stat().st_size < (run / "model.safetensors").stat().st_size
    assert "recipe tiny, 5 steps" in read_header(path).provenance.origin
    assert "tiny-model.json" in read_header(path).provenance.origin


def test_the_card_is_the_runs_with_the_weaknesses_and_the_new_hash(run: Path, tmp_path: Path):
    path = prepare(run, "tiny-model", ["It is tiny."], tmp_path / "shipped")
    before = json.loads((run / "model.json").read_bytes())
    after = json.loads(path.with_suffix(".json").read_bytes())
    assert after.pop("weaknesses") == ["It is tiny."]
    assert after["recipe"]["init"] == "start.safetensors"
    assert after.pop("sha256") == file_sha256(path)
    assert after == {n: v for n, v in before.items() if n not in ("weaknesses", "sha256")}


def test_what_the_model_does_comes_along_with_the_strengths_that_are_advised(
    run: Path, tmp_path: Path
):
    assert read_header(run / "model.safetensors").facts == Facts(is_gan=False, cleans=False)
    path = prepare(run, "a", [], tmp_path / "shipped", strengths=[(8.0, 0.7), (4.0, 1.0)])
    strengths = ((4.0, 1.0), (8.0, 0.7))
    facts = read_header(path).facts
    assert facts == Facts(is_gan=False, cleans=False, default_strength=strengths)


def test_a_run_of_before_there_were_facts_gets_them_of_its_recipe(run: Path, tmp_path: Path):
    loaded = load_weights(run / "model.safetensors")
    save_weights(run / "model.safetensors", loaded.network, loaded.info.provenance)
    card = json.loads((run / "model.json").read_bytes())
    damage = {"num_stages": 1}
    card["recipe"]["data"]["degradation"] = damage
    card["sha256"] = file_sha256(run / "model.safetensors")
    (run / "model.json").write_text(json.dumps(card))
    path = prepare(run, "a", [], tmp_path / "shipped")
    assert read_header(path).facts == Facts(is_gan=False, cleans=True)


def test_a_card_of_other_weights_is_refused(run: Path, tmp_path: Path):
    (run / "model.safetensors").write_bytes(b"other")
    with pytest.raises(SystemExit, match="is not the card of the weights"):
        prepare(run, "tiny-model", [], tmp_path / "shipped")
