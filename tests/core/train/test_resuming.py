from pathlib import Path

import msgspec
import pytest
import torch

from liifgan_core.train.checkpoint import CheckpointError, CheckpointHeader, new_header
from liifgan_core.train.config import Arithmetic, TrainConfig
from liifgan_core.train.loss_config import DistillationConfig
from liifgan_core.train.processes import Processes
from liifgan_core.train.resuming import check_same_recipe

ALONE = Processes(0, 1, torch.device("cpu"))


def saved(config: TrainConfig) -> CheckpointHeader:
    return new_header(
        step=7,
        num_steps=20,
        config=config,
        arithmetic=Arithmetic(half=False),
        data_fingerprint="abc",
        world_size=1,
        seconds=1.5,
    )


def named(config: TrainConfig, name: str) -> TrainConfig:
    """Return the recipe with a model in each of the places that name one."""
    loss = msgspec.structs.replace(config.loss, distillation=DistillationConfig(teacher=name))
    return msgspec.structs.replace(config, init=name, loss=loss)


def test_a_run_from_a_model_under_its_earlier_name_goes_on(config: TrainConfig) -> None:
    before, now = named(config, "liif-public"), named(config, "liif")
    check_same_recipe(Path("c"), saved(before), now, "abc", ALONE)
    check_same_recipe(Path("c"), saved(now), before, "abc", ALONE)


def test_a_run_from_another_model_does_not(config: TrainConfig) -> None:
    before, now = named(config, "liif-air"), named(config, "liif")
    with pytest.raises(CheckpointError, match=r"\(init, loss differ\)"):
        check_same_recipe(Path("c"), saved(before), now, "abc", ALONE)
