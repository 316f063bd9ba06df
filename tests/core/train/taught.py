"""Tiny taught runs: a detail field on the tiny RRDB of `tests.conftest`, or on one block of it."""

from pathlib import Path

import msgspec

from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig, TrunkConfig
from liifgan_core.train.config import (
    Arithmetic,
    Part,
    ScheduleConfig,
    TrainConfig,
    ValidationConfig,
)
from liifgan_core.train.lesson_config import LessonsConfig, TaughtConfig, TrunkStartConfig
from liifgan_core.train.request import TrainRequest
from liifgan_core.weights.trunks import ExternalNetwork

LESSONS = LessonsConfig(teacher="tiny-rrdb", count=14, held_out=2, lr_size=16)


def taught_config(tiny: ExternalNetwork, *, is_short: bool = False) -> TrainConfig:
    """Return a run of 10 steps; `is_short` trains a trunk of one block too."""
    trunk = TrunkConfig(network=tiny.config, sha256=tiny.sha256, unit=0.5)
    taught = TaughtConfig(lessons=LESSONS, border=2, patch_size=24)
    parts: tuple[Part, ...] = ("detail",)
    start = None
    if is_short:
        trunk = TrunkConfig(network=msgspec.structs.replace(tiny.config, num_blocks=1), unit=0.5)
        taught = msgspec.structs.replace(taught, crop_size=14, features=0.1, original_share=0.25)
        parts = ("trunk", "detail")
        start = TrunkStartConfig(network=tiny.name, blocks=(1,))
    return TrainConfig(
        name="tiny",
        network=LIIFConfig(
            encoder=EDSRConfig(num_features=8, num_blocks=1),
            hidden=(8,),
            structure_field=FieldConfig(order=1),
            detail_trunk=trunk,
            detail_field=FieldConfig(order=2, num_blocks=1, block_width=12, block_slope=0.1),
        ),
        trained_parts=parts,
        trunk_start=start,
        taught=taught,
        batch_size=2,
        epochs=1,
        steps_per_epoch=10,
        learning_rate=3e-3,
        betas=(0.9, 0.99),
        schedule=ScheduleConfig(kind="cosine", final_factor=0.02, warm_up_steps=2),
        max_gradient_norm=1.0,
        ema_decay=0.9,
        validation=ValidationConfig(every_steps=5, scales=(2,), num_images=1, crop_size=32),
        checkpoint_every_steps=5,
        log_every_steps=1,
        arithmetic=Arithmetic(),
    )


def request(config: TrainConfig, data: Path, out: Path, **more: object) -> TrainRequest:
    """Return the request of a run on the CPU."""
    return TrainRequest(config, data, out, device="cpu", **more)
