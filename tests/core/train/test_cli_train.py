import signal
from pathlib import Path

import msgspec
import pytest

from liifgan_core.cli import train as command
from liifgan_core.progress import Cancelled
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.run import CHECKPOINT_NAME


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


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recipe": "nothing"}, "no recipe 'nothing'"),
        ({"max_steps": 0}, "--max-steps needs a number of at least 1, not 0"),
        ({"resume": True}, "no checkpoint to resume"),
        ({"device": "abacus"}, "no device 'abacus'"),
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
