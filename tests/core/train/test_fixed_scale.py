from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image as PilImage

from liifgan_core.cli import train as command
from liifgan_core.errors import WeightsError
from liifgan_core.evaluation.file_networks import load_file_network
from liifgan_core.models.liif import LIIF
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.train import fixed_scale
from liifgan_core.train.checkpoint import CheckpointError
from liifgan_core.train.config import ScheduleConfig, TrainConfig, ValidationConfig
from liifgan_core.train.data_config import DataConfig, ScaleRange
from liifgan_core.train.edsr_recipes import cpu_edsr_x4
from liifgan_core.train.fixed_scale import upscaler_from_liif
from liifgan_core.train.recipes import RECIPES
from liifgan_core.train.request import StepReport, TrainRequest
from liifgan_core.train.run_log import read_metrics
from liifgan_core.train.trainer import train
from tests.core.train.conftest import photo

CPU = torch.device("cpu")


@pytest.fixture
def recipe(tiny_weights: Path) -> TrainConfig:
    """The recipe on 12-pixel inputs, from the tiny network."""
    return msgspec.structs.replace(
        cpu_edsr_x4(),
        init=str(tiny_weights),
        data=DataConfig(
            lr_size=12,
            patch_size=48,
            scales=(ScaleRange(low=4.0, high=4.0),),
            sub_pixel_shift=False,
        ),
        batch_size=2,
        epochs=1,
        steps_per_epoch=12,
        learning_rate=5e-3,
        schedule=ScheduleConfig(kind="cosine", final_factor=1.0),
        validation=ValidationConfig(every_steps=6, scales=(4,), num_images=1, crop_size=64),
        checkpoint_every_steps=4,
        log_every_steps=3,
    )


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(path)


def test_the_encoder_is_the_liifs(tiny_weights: Path, tiny_network: LIIF):
    network = upscaler_from_liif(tiny_weights, scale=4, seed=0)
    rgb = torch.rand(1, 3, 7, 6, generator=torch.Generator().manual_seed(0))
    seen: list[torch.Tensor] = []
    network.tail.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        network(rgb)
        expected = tiny_network.encode(rgb).structure_BDHW
    torch.testing.assert_close(seen[0], expected, rtol=0.0, atol=1e-5)


def test_a_run_learns_and_leaves_a_file_for_evaluate(
    recipe: TrainConfig, photos: Path, tmp_path: Path
):
    reports: list[StepReport] = []
    request = TrainRequest(recipe, photos, tmp_path / "out", device="cpu")
    path = train(request, report=reports.append)
    assert [report.step for report in reports] == [3, 6, 9, 12]
    assert reports[-1].values["l1"] < reports[0].values["l1"]
    log = read_metrics(tmp_path / "out")
    assert sum("val/x4/psnr" in line for line in log) == 2
    loaded = load_file_network(path, CPU)
    lr = np.asarray(PilImage.fromarray(photo(0)).resize((24, 20)), np.float32) / 255.0
    assert loaded.run(lr).shape == (80, 96, 3)
    assert loaded.scale == 4


def test_a_resumed_run_ends_as_one_that_was_never_stopped(
    recipe: TrainConfig, photos: Path, tmp_path: Path
):
    whole = train(TrainRequest(recipe, photos, tmp_path / "a", device="cpu"))
    parts = TrainRequest(recipe, photos, tmp_path / "b", device="cpu", max_steps=5)
    train(parts)
    again = TrainRequest(recipe, photos, tmp_path / "b", device="cpu", resume=True)
    resumed = train(again)
    first, second = _tensors(whole), _tensors(resumed)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_mean_shifts_are_not_trained(recipe: TrainConfig, photos: Path, tmp_path: Path):
    path = train(TrainRequest(recipe, photos, tmp_path / "out", device="cpu"))
    state = _tensors(path)
    torch.testing.assert_close(state["sub_mean.bias"], torch.full((3,), -1.0))
    torch.testing.assert_close(state["add_mean.bias"], torch.full((3,), 127.5))


def test_a_cancelled_run_leaves_a_checkpoint_and_the_model(
    recipe: TrainConfig, photos: Path, tmp_path: Path
):
    cancel = CancelToken()
    request = TrainRequest(recipe, photos, tmp_path / "out", device="cpu")
    with pytest.raises(Cancelled):
        train(request, cancel=cancel, report=lambda _report: cancel.cancel())
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {"checkpoint.safetensors", "model.safetensors"}


def test_runs_that_do_not_fit_together_are_errors(
    recipe: TrainConfig, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "out"
    train(TrainRequest(recipe, photos, out, device="cpu", max_steps=1))
    with pytest.raises(CheckpointError, match="a run is there already"):
        train(TrainRequest(recipe, photos, out, device="cpu"))
    other = msgspec.structs.replace(recipe, learning_rate=1e-5)
    with pytest.raises(CheckpointError, match="trained with another recipe"):
        train(TrainRequest(other, photos, out, device="cpu", resume=True))


def test_an_encoder_that_edsr_does_not_have_is_refused(
    tiny_weights: Path, tiny_network: LIIF, monkeypatch: pytest.MonkeyPatch
):
    class Loaded:
        network = tiny_network

    config = msgspec.structs.replace(tiny_network.encoder.config, residual_scale=0.5)
    monkeypatch.setattr(tiny_network.encoder, "config", config)
    monkeypatch.setattr(fixed_scale, "load_weights", lambda _path: Loaded())
    with pytest.raises(WeightsError, match="deep blocks or scaled residuals"):
        upscaler_from_liif(tiny_weights, scale=4, seed=0)


def test_the_command_knows_the_recipe(
    recipe: TrainConfig,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setitem(RECIPES, "cpu_edsr_x4", lambda: recipe)
    status = command.run(
        recipe="cpu-edsr-x4", data=photos, out=tmp_path / "out", max_steps=3, device="cpu"
    )
    captured = capsys.readouterr()
    assert (status, captured.out) == (0, f"{tmp_path / 'out' / 'model.safetensors'}\n")
    assert "step 3/3: l1" in captured.err
