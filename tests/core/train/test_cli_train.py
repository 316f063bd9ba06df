import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from liifgan_core.cli import train as command
from liifgan_core.geometry import Size, Viewport
from liifgan_core.images.image import Image
from liifgan_core.progress import Cancelled
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.placed_model import load_model
from liifgan_core.train.checkpoint import load_checkpoint
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.loss_config import PerceptualConfig
from liifgan_core.train.request import CHECKPOINT_NAME
from liifgan_core.weights.store import load_weights
from tests.core.train.conftest import photo


@pytest.fixture
def recipe(structure_only: TrainConfig, tmp_path: Path) -> str:
    path = tmp_path / "tiny.json"
    path.write_bytes(msgspec.json.encode(structure_only))
    return str(path)


def test_a_run_prints_the_model_and_its_progress(
    recipe: str, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out"
    assert command.run(recipe=recipe, data=photos, out=out, max_steps=5, device="cpu") == 0
    captured = capsys.readouterr()
    assert captured.out.strip() == str(out / "model.safetensors")
    assert "step 5/5: structure_l1" in captured.err
    assert "left" in captured.err


def _start(*arguments: object) -> subprocess.Popen[str]:
    """Start `liifgan` as a user does, with one thread."""
    command = [sys.executable, "-m", "liifgan_core", *map(str, arguments)]
    return subprocess.Popen(
        command,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_saves_and_resume_goes_on(
    structure_only: TrainConfig, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    endless = msgspec.structs.replace(structure_only, epochs=1_000_000)
    recipe = tmp_path / "endless.json"
    recipe.write_bytes(msgspec.json.encode(endless))
    out = tmp_path / "out"
    arguments = ["--recipe", recipe, "--data", photos, "--out", out, "--device", "cpu"]
    with _start("train", *arguments) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any(line.startswith("step 10/10000000: structure_l1 ") for line in lines)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=600)
    assert process.returncode == 130
    assert "stopped and saved; go on with --resume" in errors
    step = load_checkpoint(out / CHECKPOINT_NAME)[0].step
    assert step >= 10
    assert load_weights(out / "model.safetensors").info.header.provenance.origin.startswith("train")

    status = command.run(
        recipe=str(recipe), data=photos, out=out, resume=True, max_steps=step + 2, device="cpu"
    )
    assert status == 0
    assert f"step {step + 2}/{step + 2}: " in capsys.readouterr().err
    assert load_checkpoint(out / CHECKPOINT_NAME)[0].step == step + 2


def test_the_smoke_recipe_trains_on_the_samples_and_its_model_upscales(tmp_path: Path):
    samples = Path(__file__).parents[3] / "resources" / "samples"
    with _start(
        *("train", "--recipe", "cpu-smoke", "--data", samples, "--out", tmp_path / "run"),
        *("--max-steps", 3, "--device", "cpu"),
    ) as process:
        printed, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    model = load_model(printed.strip(), device="cpu", precision="fp32")
    small = Image(photo(0, height=20, width=24))
    viewport = Viewport.whole(small.size, Size(50, 60))
    large = ContinuousImage.encode(small, model).render(viewport, detail=0.7)
    assert large.shape == (50, 60, 3)
    assert large.std() > 0.01


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recipe": "nothing"}, "no recipe 'nothing'"),
        ({"max_steps": 0}, "--max-steps needs a number of at least 1, not 0"),
        ({"resume": True}, "no checkpoint to resume"),
        ({"device": "abacus"}, "no device 'abacus'"),
        ({"out": Path(__file__)}, "is a file; choose a folder for --out"),
        ({"out": Path(__file__) / "out"}, "choose another --out"),
    ],
)
def test_errors_are_one_line(
    changes, message, recipe: str, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    arguments = {"recipe": recipe, "data": photos, "out": tmp_path / "out"} | changes
    assert command.run(**arguments) == 1
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_damaged_checkpoint_is_told_in_one_line(
    recipe: str, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / CHECKPOINT_NAME).write_bytes(b"not a checkpoint")
    arguments = {"recipe": recipe, "data": photos, "out": tmp_path, "device": "cpu"}
    assert command.run(**arguments, resume=True) == 1
    assert "damaged checkpoint" in capsys.readouterr().err
    assert command.run(**arguments) == 1
    assert "a run is there already" in capsys.readouterr().err


def test_the_photos_are_read_before_anything_is_downloaded(
    config: TrainConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    perceptual = PerceptualConfig(network="vgg16-shift-tolerant", layers={"relu1_1": 1.0})
    loss = msgspec.structs.replace(config.loss, perceptual=perceptual)
    recipe = tmp_path / "recipe.json"
    recipe.write_bytes(msgspec.json.encode(msgspec.structs.replace(config, loss=loss)))
    data = tmp_path / "missing"
    assert command.run(recipe=str(recipe), data=data, out=tmp_path / "o", device="cpu") == 1
    assert "no such folder of images" in capsys.readouterr().err


def test_ctrl_c_cancels_and_the_handler_is_put_back(
    recipe: str,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    out = tmp_path / "out"

    def interrupted(_request, *, cancel, report):
        signal.raise_signal(signal.SIGINT)
        assert cancel.is_cancelled
        raise Cancelled

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(command, "train", interrupted)
    assert command.run(recipe=recipe, data=photos, out=out) == 130
    assert "before the first step; nothing was written" in capsys.readouterr().err
    out.mkdir()
    (out / CHECKPOINT_NAME).touch()
    assert command.run(recipe=recipe, data=photos, out=out) == 130
    assert "go on with --resume" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before
