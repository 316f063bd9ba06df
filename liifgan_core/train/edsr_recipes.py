"""Runs on the public LIIF's EDSR, for a machine without a GPU: all from its weights, by samples of
photos.

The rows of table 1 are one family: the same losses, samples and steps, and LIIF's own trunk.
"""

import msgspec

from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig
from liifgan_core.models.discriminator import DiscriminatorConfig
from liifgan_core.train.config import (
    Arithmetic,
    Part,
    ScheduleConfig,
    TrainConfig,
    ValidationConfig,
)
from liifgan_core.train.data_config import DataConfig, ScaleRange
from liifgan_core.train.loss_config import (
    DistillationConfig,
    GanConfig,
    GridPhaseConfig,
    LossConfig,
    PerceptualConfig,
)

PUBLIC_LIIF = "liif"
"""Name of the shipped model that is the public checkpoint."""
_DEEP_ENCODER = EDSRConfig(num_deep_blocks=8)
_STRUCTURE_FIELD = FieldConfig(order=2, num_blocks=4, points=2)
"""L1 finds little above one cycle per LR pixel, which order 2 reaches. With 2 x 2 points the
encoder's work doubles; after 200 steps the squared difference from LIIF was less than after 3,600
of blocks and trunk (docs/training.md)."""
_FIXED_SCALE, _FIXED_LR_SIZE = 4, 32


def cpu_liif_gan_s() -> TrainConfig:
    """LIIF-GAN-S: the public LIIF's decoder under all losses."""
    return _table_row("cpu_liif_gan_s", LIIFConfig(), ("structure",))


def cpu_liif_gan_sf() -> TrainConfig:
    """LIIF-GAN-SF: the public LIIF unchanged, and a detail field on the same features."""
    field = FieldConfig(num_blocks=4, is_high_pass=True)
    network = LIIFConfig(detail_tap="last", detail_field=field)
    return _table_row("cpu_liif_gan_sf", network, ("detail",))


def cpu_liif_gan_edsr() -> TrainConfig:
    """LIIF-GAN on EDSR: the public LIIF unchanged, and a detail field on features that are 24
    blocks deep."""
    network = LIIFConfig(
        encoder=_DEEP_ENCODER,
        structure_tap="trunk",
        detail_tap="last",
        detail_field=FieldConfig(is_high_pass=True),
    )
    return _table_row("cpu_liif_gan_edsr", network, ("deep_blocks", "detail"))


def cpu_liif_air() -> TrainConfig:
    """A field with LIIF's MLP at points of every LR pixel, taught LIIF's pictures on its trunk."""
    # LIIF is hardest to reach at low factors.
    scales = (
        ScaleRange(low=1.0, high=2.5, share=0.55),
        ScaleRange(low=2.5, high=4.0, share=0.25),
        ScaleRange(low=4.0, high=7.0, share=0.2),
    )
    teacher = DistillationConfig(teacher=PUBLIC_LIIF, queries=40)
    recipe = _cpu(
        "cpu_liif_air",
        LIIFConfig(structure_field=_STRUCTURE_FIELD),
        LossConfig(structure_l1=0.0, distillation=teacher),
        trained_parts=("structure",),
        epochs=60,
        learning_rate=5e-4,
    )
    # At x4, 128 pixels are the whole of the 32 LR pixels; wide patches cost little here.
    data = msgspec.structs.replace(recipe.data, patch_size=128, scales=scales)
    return msgspec.structs.replace(recipe, data=data)


def cpu_liif_gan_air() -> TrainConfig:
    """A detail field on `liif-air` and deep blocks behind its trunk, taught `liif-gan`'s pictures.

    Both have the same structure layer. L1 alone would blur what the blocks cannot know, so the
    perceptual terms of table 1 stay, and those against a grid; the teacher takes the critic's
    place.
    """
    network = LIIFConfig(
        encoder=_DEEP_ENCODER,
        structure_tap="trunk",
        detail_tap="last",
        structure_field=_STRUCTURE_FIELD,
        detail_field=FieldConfig(order=3, is_high_pass=True),
    )
    teacher = DistillationConfig(teacher="liif-gan", layer="result", weight=2.0, queries=56)
    losses = msgspec.structs.replace(
        _table_losses(has_detail=True), gan=None, result_l1=0.0, distillation=teacher
    )
    recipe = _cpu(
        "cpu_liif_gan_air",
        network,
        losses,
        trained_parts=("deep_blocks", "detail"),
        epochs=10,
        learning_rate=4e-4,
    )
    return msgspec.structs.replace(recipe, init="liif-air")


def cpu_edsr_x4() -> TrainConfig:
    """EDSR-baseline(x4) from the public LIIF's encoder, by L1: a row for `liifgan evaluate`."""
    scale = float(_FIXED_SCALE)
    return TrainConfig(
        name="cpu_edsr_x4",
        fixed_scale=_FIXED_SCALE,
        init=PUBLIC_LIIF,
        data=DataConfig(
            min_images=16,
            lr_size=_FIXED_LR_SIZE,
            patch_size=_FIXED_LR_SIZE * _FIXED_SCALE,
            scales=(ScaleRange(low=scale, high=scale),),
            sub_pixel_shift=False,
        ),
        batch_size=8,
        epochs=4,
        steps_per_epoch=100,
        learning_rate=4e-4,
        schedule=ScheduleConfig(kind="cosine", warm_up_steps=50),
        validation=ValidationConfig(scales=(_FIXED_SCALE,)),
        # As the row of docs/evaluation.md was made.
        arithmetic=Arithmetic(),
    )


def cpu_smoke() -> TrainConfig:
    """A tiny network with every part but the perceptual loss: seconds, to see that all works."""
    return TrainConfig(
        name="cpu_smoke",
        network=LIIFConfig(
            encoder=EDSRConfig(num_features=16, num_blocks=4),
            hidden=(32, 32),
            structure_tap=2,
            detail_tap="last",
        ),
        data=DataConfig(lr_size=24),
        batch_size=4,
        epochs=3,
        steps_per_epoch=40,
        learning_rate=2e-3,
        schedule=ScheduleConfig(kind="cosine", warm_up_steps=10),
        loss=LossConfig(
            result_l1=0.1,
            low_pass=0.5,
            grid_phase=GridPhaseConfig(mean_weight=0.01, energy_weight=0.01),
            gan=GanConfig(
                weight=0.005,
                discriminator=DiscriminatorConfig(num_features=8, num_stages=3),
                start_step=40,
                lead_steps=20,
            ),
        ),
        ema_decay=0.95,
        validation=ValidationConfig(every_steps=60, num_images=1, crop_size=96, num_pictures=1),
        checkpoint_every_steps=60,
        log_every_steps=20,
    )


EDSR_RECIPES = (
    cpu_liif_gan_s,
    cpu_liif_gan_sf,
    cpu_liif_gan_edsr,
    cpu_liif_air,
    cpu_liif_gan_air,
    cpu_edsr_x4,
    cpu_smoke,
)


def _table_row(name: str, network: LIIFConfig, trained_parts: tuple[Part, ...]) -> TrainConfig:
    losses = _table_losses(has_detail=network.has_detail)
    return _cpu(name, network, losses, trained_parts=trained_parts, epochs=22, learning_rate=4e-4)


def _table_losses(*, has_detail: bool) -> LossConfig:
    """Terms that work on a CPU within an hour (docs/training.md): a critic on features that the
    perceptual loss has computed anyway, and terms against texture that is locked to the LR grid.

    Those on the detail layer are left out where there is none.
    """
    layers = ("detail", "result") if has_detail else ("result",)
    return LossConfig(
        structure_l1=0.0,
        result_l1=0.1,
        perceptual=PerceptualConfig(
            network="vgg16-shift-tolerant",
            weight=1.0,
            layers={
                "relu1_2": 0.1,
                "relu2_2": 0.25,
                "relu3_3": 1.0,
                "relu4_3": 0.5,
                "relu5_3": 0.25,
            },
            is_relative=True,
        ),
        gan=GanConfig(
            weight=0.05,
            discriminator=DiscriminatorConfig(kind="features", num_features=48),
            start_step=100,
            lead_steps=100,
            learning_rate=5e-4,
        ),
        spectrum=0.2,
        spectrum_balance=0.2,
        low_pass=0.2 if has_detail else 0.0,
        grid_phase=GridPhaseConfig(layers=layers, mean_weight=0.1, energy_weight=0.15),
    )


def _cpu(
    name: str,
    network: LIIFConfig,
    loss: LossConfig,
    *,
    epochs: int,
    learning_rate: float,
    trained_parts: tuple[Part, ...],
) -> TrainConfig:
    """A run of `epochs` x 100 steps from the public checkpoint."""
    scales = (ScaleRange(low=1.5, high=4.0, share=0.7), ScaleRange(low=4.0, high=7.0, share=0.3))
    return TrainConfig(
        name=name,
        network=network,
        init=PUBLIC_LIIF,
        trained_parts=trained_parts,
        data=DataConfig(lr_size=32, patch_size=56, min_images=16, scales=scales),
        batch_size=6,
        epochs=epochs,
        steps_per_epoch=100,
        learning_rate=learning_rate,
        betas=(0.9, 0.99),
        schedule=ScheduleConfig(kind="cosine", warm_up_steps=50),
        max_gradient_norm=1.0,
        loss=loss,
        ema_decay=0.995,
        validation=ValidationConfig(every_steps=500),
        checkpoint_every_steps=50,
    )
