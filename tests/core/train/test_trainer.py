import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image as PilImage
from safetensors.torch import load_file

from liifgan_core.errors import LiifganError
from liifgan_core.models.config import FieldConfig
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.train import run as run_module
from liifgan_core.train.card import CARD_NAME
from liifgan_core.train.checkpoint import CheckpointError, load_checkpoint
from liifgan_core.train.config import ScheduleConfig, TrainConfig
from liifgan_core.train.image_folder import DataError
from liifgan_core.train.loss_config import DistillationConfig, LossConfig
from liifgan_core.train.request import CHECKPOINT_NAME, PICTURES_NAME, TrainRequest
from liifgan_core.train.run_log import read_metrics
from liifgan_core.train.trainer import train
from liifgan_core.train.updates import NotFiniteError
from liifgan_core.weights.registry import read_header
from liifgan_core.weights.store import load_weights


@pytest.fixture(autouse=True)
def no_hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Without ST-LPIPS weights, validation leaves that measure out."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))


def _request(config: TrainConfig, data: Path, out: Path, **more: object) -> TrainRequest:
    return TrainRequest(config, data, out, device="cpu", **more)


def test_twenty_steps_equal_ten_and_ten_resumed(config: TrainConfig, photos: Path, tmp_path: Path):
    train(_request(config, photos, tmp_path / "whole"))
    train(_request(config, photos, tmp_path / "parts", max_steps=10))
    train(_request(config, photos, tmp_path / "parts", resume=True))

    _, whole = load_checkpoint(tmp_path / "whole" / CHECKPOINT_NAME)
    header, parts = load_checkpoint(tmp_path / "parts" / CHECKPOINT_NAME)
    assert header.step == 20
    assert whole.keys() == parts.keys()
    assert any(name.startswith("critic_optimiser.") for name in whole)
    for name, tensor in whole.items():
        assert torch.equal(tensor, parts[name]), name
    first, second = (load_file(tmp_path / out / "model.safetensors") for out in ("whole", "parts"))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_run_leaves_a_model_a_card_metrics_and_pictures(
    config: TrainConfig, photos: Path, tmp_path: Path
):
    fractions: list[float] = []
    path = train(_request(config, photos, tmp_path), progress=fractions.append)

    model = load_weights(path)
    assert model.has_detail
    assert model.info.header.provenance.trained_scales == (1.0, 4.0)
    card = json.loads((tmp_path / CARD_NAME).read_text())
    assert card["sha256"] == model.info.sha256
    assert card["steps"] == 20
    assert card["data"]["num_images"] == 5
    assert card["data"]["folder"] == photos.name
    assert str(tmp_path) not in (tmp_path / CARD_NAME).read_text()
    assert card["perceptual_network"] is None
    assert card["metrics"]["val/x2/psnr"] > 5.0
    assert card["metrics"]["val/x2/texture_strength"] > 0.0
    assert 0.0 < card["metrics"]["val/x2/original_texture_coherence"] < 1.0
    lines = read_metrics(tmp_path)
    assert [line["step"] for line in lines if "structure_l1" in line] == [5, 10, 15, 20]
    assert "critic_accuracy" in lines[-2]
    assert list((tmp_path / PICTURES_NAME / "0000020").glob("*.png"))
    assert list((tmp_path / "tensorboard").iterdir())
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_training_lowers_the_loss(structure_only: TrainConfig, photos: Path, tmp_path: Path):
    config = msgspec.structs.replace(
        structure_only,
        batch_size=4,
        learning_rate=5e-3,
        epochs=5,
        schedule=ScheduleConfig(kind="cosine", final_factor=1.0),
    )
    train(_request(config, photos, tmp_path))
    losses = [line["structure_l1"] for line in read_metrics(tmp_path) if "structure_l1" in line]
    assert losses[-1] < 0.6 * losses[0]


def test_a_cancelled_run_can_be_resumed(config: TrainConfig, photos: Path, tmp_path: Path):
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        train(
            _request(config, photos, tmp_path),
            cancel=cancel,
            report=lambda report: cancel.cancel() if report.step == 5 else None,
        )
    header, _ = load_checkpoint(tmp_path / CHECKPOINT_NAME)
    assert header.step == 5
    load_weights(tmp_path / "model.safetensors")
    train(_request(config, photos, tmp_path, resume=True, max_steps=6))
    assert load_checkpoint(tmp_path / CHECKPOINT_NAME)[0].step == 6


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_good_checkpoint(
    structure_only: TrainConfig,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    original = run_module.Run.take_step

    def poisoned(self: run_module.Run, batch):
        if self.step == 7:
            batch.hr_BCPP[0, 0, 0, 0] = float("nan")
        original(self, batch)

    monkeypatch.setattr(run_module.Run, "take_step", poisoned)
    with pytest.raises(NotFiniteError, match=r"step 7: .* loss is nan.*learning rate.*--init"):
        train(_request(structure_only, photos, tmp_path))
    header, tensors = load_checkpoint(tmp_path / CHECKPOINT_NAME)
    assert header.step == 5
    assert all(torch.isfinite(t).all() for t in tensors.values())
    # The way out that the error names: another recipe from the weights before the step.
    assert json.loads((tmp_path / CARD_NAME).read_text())["steps"] == 7
    monkeypatch.setattr(run_module.Run, "take_step", original)
    slower = msgspec.structs.replace(
        structure_only, learning_rate=1e-4, init=str(tmp_path / "model.safetensors")
    )
    train(_request(slower, photos, tmp_path / "next", max_steps=1))


def test_a_run_is_not_overwritten(structure_only: TrainConfig, photos: Path, tmp_path: Path):
    train(_request(structure_only, photos, tmp_path, max_steps=1))
    with pytest.raises(CheckpointError, match="go on with --resume"):
        train(_request(structure_only, photos, tmp_path))


def test_another_recipe_cannot_be_resumed(
    structure_only: TrainConfig, photos: Path, tmp_path: Path
):
    train(_request(structure_only, photos, tmp_path, max_steps=1))
    other = msgspec.structs.replace(structure_only, learning_rate=0.5, log_every_steps=3)
    with pytest.raises(CheckpointError, match=r"another recipe \(learning_rate differ\)"):
        train(_request(other, photos, tmp_path, resume=True))


def test_unusable_files_are_skipped_and_named(
    structure_only: TrainConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    data = tmp_path / "data"
    data.mkdir()
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (70, 70, 3), dtype=np.uint8)
    for name in ("a.png", "b.png", "cut.png"):
        PilImage.fromarray(pixels).save(data / name)
    (data / "cut.png").write_bytes((data / "cut.png").read_bytes()[:5000])
    (data / "text.jpg").write_text("not an image")
    PilImage.fromarray(pixels[:20]).save(data / "flat.png")

    train(_request(structure_only, data, tmp_path / "out", max_steps=1))
    messages = "\n".join(record.getMessage() for record in caplog.records)
    for name in ("cut.png is skipped", "text.jpg is skipped", "flat.png is skipped: 70x20 pixels"):
        assert name in messages


def test_too_few_images_are_an_error_before_anything_is_written(
    structure_only: TrainConfig, photos: Path, tmp_path: Path
):
    data = msgspec.structs.replace(structure_only.data, min_images=50)
    config = msgspec.structs.replace(structure_only, data=data)
    with pytest.raises(DataError, match="6 usable images"):
        train(_request(config, photos, tmp_path / "out"))
    with pytest.raises(DataError, match="no such folder"):
        train(_request(config, tmp_path / "missing", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_missing_initial_weights_are_an_error(
    structure_only: TrainConfig, photos: Path, tmp_path: Path
):
    config = msgspec.structs.replace(structure_only, init="nowhere")
    with pytest.raises(LiifganError, match="no model 'nowhere'"):
        train(_request(config, photos, tmp_path / "out"))


def test_a_second_run_starts_from_the_first_ones_weights(
    structure_only: TrainConfig, config: TrainConfig, photos: Path, tmp_path: Path
):
    first = train(_request(structure_only, photos, tmp_path / "first", max_steps=2))
    second = msgspec.structs.replace(config, init=str(first))
    train(_request(second, photos, tmp_path / "second", max_steps=1))
    card = json.loads((tmp_path / "second" / CARD_NAME).read_text())
    assert card["init"]["sha256"] == load_weights(first).info.sha256


def test_a_field_learns_the_pictures_of_its_teacher(
    structure_only: TrainConfig, photos: Path, tmp_path: Path
):
    teacher = train(_request(structure_only, photos, tmp_path / "teacher", max_steps=2))
    network = msgspec.structs.replace(structure_only.network, structure_field=FieldConfig(order=1))
    distillation = DistillationConfig(teacher=str(teacher), queries=5)
    pupil = msgspec.structs.replace(
        structure_only,
        network=network,
        loss=LossConfig(structure_l1=0.0, distillation=distillation),
    )
    train(_request(pupil, photos, tmp_path / "pupil"))
    lines = (tmp_path / "pupil" / "metrics.jsonl").read_text().splitlines()
    losses = [line["distillation"] for line in map(json.loads, lines) if "distillation" in line]
    assert losses[-1] < 0.8 * losses[0]
    card = json.loads((tmp_path / "pupil" / CARD_NAME).read_text())
    assert card["teacher"]["sha256"] == load_weights(teacher).info.sha256
    assert card["recipe"]["loss"]["distillation"]["teacher"] == teacher.name
    provenance = read_header(tmp_path / "pupil" / "model.safetensors").provenance
    assert "taught by model.safetensors" in provenance.origin

    train(_request(structure_only, photos, tmp_path / "teacher", max_steps=3, resume=True))
    with pytest.raises(CheckpointError, match="its teacher was another file"):
        train(_request(pupil, photos, tmp_path / "pupil", resume=True))


def test_a_missing_teacher_is_an_error_before_anything_is_written(
    structure_only: TrainConfig, photos: Path, tmp_path: Path
):
    loss = LossConfig(distillation=DistillationConfig(teacher="nowhere"))
    config = msgspec.structs.replace(structure_only, loss=loss)
    with pytest.raises(LiifganError, match="no model 'nowhere'"):
        train(_request(config, photos, tmp_path / "out"))
    assert not (tmp_path / "out").exists()
