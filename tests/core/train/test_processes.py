import os
import subprocess
import sys
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
import torch
from safetensors.torch import load_file, save_file

from liifgan_core.errors import LiifganError
from liifgan_core.models.config import EDSRConfig, LIIFConfig
from liifgan_core.models.discriminator import DiscriminatorConfig
from liifgan_core.train import photos as photos_module
from liifgan_core.train.batches import ImageCache, training_batches
from liifgan_core.train.checkpoint import load_checkpoint
from liifgan_core.train.config import Arithmetic, TrainConfig, ValidationConfig
from liifgan_core.train.data_config import DataConfig
from liifgan_core.train.generator import build_generator
from liifgan_core.train.image_folder import DataError, scan_folder
from liifgan_core.train.loss_config import GanConfig, LossConfig
from liifgan_core.train.processes import Processes, open_processes
from liifgan_core.train.request import CHECKPOINT_NAME, TrainRequest
from liifgan_core.train.run_log import read_metrics
from liifgan_core.train.sampling import Batch
from liifgan_core.train.state import TrainState
from liifgan_core.train.trainer import train
from liifgan_core.weights.store import load_weights

CONFIG = TrainConfig(
    name="shared",
    network=LIIFConfig(
        encoder=EDSRConfig(num_features=8, num_blocks=2),
        hidden=(16, 16),
        structure_tap=1,
        detail_tap="last",
    ),
    data=DataConfig(lr_size=16),
    batch_size=4,
    loss=LossConfig(
        result_l1=1.0,
        gan=GanConfig(
            weight=0.1,
            start_step=1,
            discriminator=DiscriminatorConfig(num_features=4, num_stages=2, norm="group"),
        ),
    ),
)


WHOLE_RUN = msgspec.structs.replace(
    CONFIG,
    epochs=1,
    steps_per_epoch=4,
    validation=ValidationConfig(every_steps=2, scales=(2,), num_images=1, crop_size=48),
    checkpoint_every_steps=1,
    log_every_steps=2,
)
"""Without `arithmetic`: both processes must take the first one's."""


def take_steps(photos: Path, out: Path) -> None:
    """Take three steps on this process' share; the first process saves gradients."""
    torch.set_num_threads(1)
    with open_processes("cpu") as processes:
        found = _three_steps(processes, photos)
        found["first"] = torch.tensor(float(processes.from_first(processes.rank)))
        found["world_size"] = torch.tensor(processes.world_size)
        if processes.is_first:
            save_file(found, out)


def train_whole(photos: Path, out: Path) -> None:
    """Take three steps of a whole run. In a process of its own: a group is opened once in each."""
    torch.set_num_threads(1)
    train(TrainRequest(WHOLE_RUN, photos, out, max_steps=3, device="cpu"))


def _three_steps(processes: Processes, photos: Path) -> dict[str, torch.Tensor]:
    network = build_generator(CONFIG.network, None, seed=0)
    state = TrainState(CONFIG, network, None, processes=processes, arithmetic=Arithmetic())
    folder = scan_folder(photos, min_side=64, decode=False)
    batches = training_batches(
        CONFIG,
        folder,
        ImageCache(1 << 20),
        start_step=0,
        stop_step=3,
        rank=processes.rank,
        world_size=processes.world_size,
    )
    found: dict[str, torch.Tensor] = {}
    for step, batch in enumerate(batches):
        state.step(batch, step=step, rate=1.0)
        for group, module in (("network", network), ("critic", state._critic)):
            assert module is not None
            for name, parameter in module.named_parameters():
                if parameter.grad is not None:
                    found[f"{step}.{group}.{name}"] = parameter.grad.clone().contiguous()
    return found


def lose_a_photo(photos: Path, out: Path) -> None:
    """Train, but the second process' photos vanish after two steps; write what each raised."""
    torch.set_num_threads(1)
    rank = int(os.environ["RANK"])

    def batches(*args: Any, **kwargs: Any) -> Generator[Batch]:
        for number, batch in enumerate(training_batches(*args, **kwargs)):
            if rank == 1 and number == 2:
                raise DataError("a training image was lost during the run: 3.png")
            yield batch

    with patch.object(photos_module, "training_batches", batches):
        try:
            train(TrainRequest(WHOLE_RUN, photos, out, device="cpu"))
        except LiifganError as error:
            assert not torch.distributed.is_initialized()
            out.with_suffix(f".{rank}").write_text(f"{type(error).__name__}: {error}")


def _run_two(job: str, photos: Path, out: Path) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    root = Path(__file__).parents[3]
    result = subprocess.run(
        [*command, __file__, job, str(photos), str(out)],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr


def test_two_processes_average_the_gradients_of_the_doubled_batch(photos: Path, tmp_path: Path):
    take_steps(photos, tmp_path / "one.safetensors")
    _run_two("take_steps", photos, tmp_path / "two.safetensors")
    one, two = (load_file(tmp_path / f"{n}.safetensors") for n in ("one", "two"))
    assert int(two.pop("world_size")) == 2
    assert int(one.pop("world_size")) == 1
    assert float(two.pop("first")) == float(one.pop("first")) == 0.0
    assert one.keys() == two.keys()
    assert {"0.network.structure.layers.0.weight", "2.critic.head.0.weight"} <= one.keys()
    for name, gradient in one.items():
        # Adam's first step is +-rate whatever the gradient's size: rounding of a gradient near
        # zero may flip it, so only the first step's gradients are equal to rounding.
        tolerance = 1e-6 if name.startswith("0.network") else 1e-3
        torch.testing.assert_close(two[name], gradient, atol=tolerance, rtol=1e-3, msg=name)


def test_a_run_of_two_leaves_what_one_leaves_and_one_can_go_on_with_it(
    photos: Path, tmp_path: Path
):
    train_whole(photos, tmp_path / "one")
    _run_two("train_whole", photos, tmp_path / "two")
    runs = [tmp_path / "one", tmp_path / "two"]
    files = [sorted(p.name for p in run.iterdir()) for run in runs]
    assert files[0] == files[1]
    steps = [[line["step"] for line in read_metrics(run)] for run in runs]
    assert steps[0] == steps[1] == [2, 2, 3]
    header, _ = load_checkpoint(runs[1] / CHECKPOINT_NAME)
    assert (header.step, header.world_size) == (3, 2)
    train(TrainRequest(WHOLE_RUN, photos, runs[1], resume=True, device="cpu"))
    assert load_checkpoint(runs[1] / CHECKPOINT_NAME)[0].step == 4
    assert load_weights(runs[1] / "model.safetensors").has_detail


def test_a_photo_that_one_process_loses_ends_the_run_in_all(photos: Path, tmp_path: Path):
    _run_two("lose_a_photo", photos, tmp_path / "run")
    told = [(tmp_path / f"run.{rank}").read_text() for rank in (0, 1)]
    # Nobody waits for a process that is gone.
    assert told == [
        "LiifganError: another process of this run failed; its own message says why",
        "DataError: a training image was lost during the run: 3.png",
    ]
    header, _ = load_checkpoint(tmp_path / "run" / CHECKPOINT_NAME)
    assert header.step == 2


def test_a_group_waits_for_validation_and_is_left_even_after_an_error(
    monkeypatch: pytest.MonkeyPatch,
):
    calls: list[object] = []
    monkeypatch.setenv("WORLD_SIZE", "2")
    for name, answer in (("get_rank", 1), ("get_world_size", 2)):
        monkeypatch.setattr(torch.distributed, name, lambda answer=answer: answer)
    monkeypatch.setattr(
        torch.distributed, "init_process_group", lambda _, *, timeout: calls.append(timeout)
    )
    monkeypatch.setattr(
        torch.distributed, "destroy_process_group", lambda: calls.append("destroyed")
    )
    with pytest.raises(DataError), open_processes("cpu") as processes:
        assert (processes.rank, processes.world_size) == (1, 2)
        raise DataError("lost")
    assert calls == [timedelta(hours=2), "destroyed"]


if __name__ == "__main__":
    jobs = {job.__name__: job for job in (take_steps, train_whole, lose_a_photo)}
    jobs[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
