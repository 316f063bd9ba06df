import os
import subprocess
import sys
from pathlib import Path

import msgspec
import torch
from safetensors.torch import load_file, save_file

from liifgan_core.models.config import EDSRConfig, LIIFConfig
from liifgan_core.models.discriminator import DiscriminatorConfig
from liifgan_core.train.batches import ImageCache, training_batches
from liifgan_core.train.checkpoint import load_checkpoint
from liifgan_core.train.config import Arithmetic, TrainConfig, ValidationConfig
from liifgan_core.train.data_config import DataConfig
from liifgan_core.train.generator import build_generator
from liifgan_core.train.image_folder import scan_folder
from liifgan_core.train.loss_config import GanConfig, LossConfig
from liifgan_core.train.processes import open_processes
from liifgan_core.train.request import CHECKPOINT_NAME, TrainRequest
from liifgan_core.train.run_log import read_metrics
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
        detail_start_step=1,
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


def main(photos: Path, out: Path) -> None:
    """Take three steps on this process' share; the first process saves gradients and weights."""
    torch.set_num_threads(1)
    processes = open_processes("cpu", has_resting_parameters=True)
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
    found["any"] = torch.tensor(float(processes.any(processes.rank == 1)))
    differs = processes.from_first(processes.rank) != 0
    found["first"] = torch.tensor(float(processes.any(differs)))
    found["world_size"] = torch.tensor(processes.world_size)
    if processes.is_first:
        save_file(found, out)
    processes.wait()
    train(TrainRequest(WHOLE_RUN, photos, out.with_suffix(""), max_steps=3, device="cpu"))


def test_two_processes_average_the_gradients_of_the_doubled_batch(photos: Path, tmp_path: Path):
    main(photos, tmp_path / "one.safetensors")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command += [__file__, str(photos), str(tmp_path / "two.safetensors")]
    root = Path(__file__).parents[3]
    result = subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    one, two = (load_file(tmp_path / f"{n}.safetensors") for n in ("one", "two"))
    assert int(two.pop("world_size")) == 2
    assert int(one.pop("world_size")) == 1
    assert float(two.pop("any")) == 1.0
    assert float(one.pop("any")) == 0.0
    assert float(two.pop("first")) == float(one.pop("first")) == 0.0
    assert one.keys() == two.keys()
    assert {"0.network.structure.layers.0.weight", "2.critic.head.0.weight"} <= one.keys()
    assert "0.network.detail.layers.0.weight" not in one
    for name, gradient in one.items():
        # Adam's first step is +-rate whatever the gradient's size: rounding of a gradient near
        # zero may flip it, so only the first step's gradients are equal to rounding.
        tolerance = 1e-6 if name.startswith("0.network") else 1e-3
        torch.testing.assert_close(two[name], gradient, atol=tolerance, rtol=1e-3, msg=name)

    # A whole run of two processes leaves what one leaves, and one can go on with it.
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


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
