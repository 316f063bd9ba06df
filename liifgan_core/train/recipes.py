"""Named training runs: the paper's, and smaller ones for a machine without a GPU.

Published numbers (sections 4.2 and 4.3): LR 48 (CelebA-HQ 64 of 256x256), scales 1 to 4, batch 128,
20 repetitions per image, 1000 epochs (200), Adam 1e-4, halved every 200 epochs. Not published: the
discriminator's layers and the weights of the loss terms; ours are named where they stand.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from liifgan_core.errors import LiifganError
from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig
from liifgan_core.models.discriminator import DiscriminatorConfig
from liifgan_core.train.config import (
    DataConfig,
    DistillationConfig,
    GanConfig,
    GridPhaseConfig,
    LossConfig,
    Part,
    PerceptualConfig,
    ScaleRange,
    ScheduleConfig,
    TrainConfig,
    ValidationConfig,
)
from liifgan_core.train.taught_recipes import TAUGHT_RECIPES

PUBLIC_LIIF = "liif"
"""Name of the shipped model that is the public checkpoint."""
AIR_ON_LIIF = "liif-air-on-liif"
"""Name under which the weights of a `cpu_liif_air` run are to be installed for the recipe that goes
on from them."""
AIR_TAUGHT = "liif-air-taught"
"""The same for a `cpu_liif_air_taught` run."""
_SIMPLE = LIIFConfig()
_SAME_FEATURES = LIIFConfig(detail_tap="last")
_DEEP_ENCODER = EDSRConfig(num_deep_blocks=8, has_deep_noise=True)
_STRUCTURE_FIELD = FieldConfig(order=2, num_blocks=4)
"""L1 finds little above one cycle per LR pixel, which order 2 reaches."""
_TAUGHT_FIELD = FieldConfig(order=2, num_blocks=4, points=2)
"""With 2 x 2 points the encoder's work doubles; after 200 steps the squared difference from LIIF
was less than after 3,600 of blocks and trunk (docs/training.md)."""
_FULL = LIIFConfig(structure_tap=8, detail_tap="last")
"""D1 on the features in the middle of 16 blocks, D2 on the last (paper, section 3.3)."""


def div2k_liif() -> TrainConfig:
    """LIIF as the paper trains it: L1 only."""
    return TrainConfig(
        name="div2k_liif",
        network=_SIMPLE,
        data=DataConfig(min_images=16, cache_bytes=8 << 30, num_threads=12),
    )


def div2k_liif_gan_s() -> TrainConfig:
    """One decoder with L1, GAN and VGG19 (paper, eq. 2)."""
    return msgspec.structs.replace(
        div2k_liif(), name="div2k_liif_gan_s", network=_SIMPLE, loss=_published_losses()
    )


def div2k_liif_gan_sf() -> TrainConfig:
    """Two decoders on the same, last features (paper, table 1)."""
    return msgspec.structs.replace(
        div2k_liif(), name="div2k_liif_gan_sf", network=_SAME_FEATURES, loss=_published_losses()
    )


def div2k_liif_gan() -> TrainConfig:
    """The paper's model: D1 on mid-layer, D2 on last-layer features (eq. 6)."""
    return msgspec.structs.replace(
        div2k_liif(), name="div2k_liif_gan", network=_FULL, loss=_published_losses()
    )


def celebahq_liif_gan() -> TrainConfig:
    """The paper's model on faces: 64x64 inputs from 256x256 images, 200 epochs."""
    gan = div2k_liif_gan()
    data = msgspec.structs.replace(gan.data, lr_size=64, resize_hr=256, check="header")
    return msgspec.structs.replace(gan, name="celebahq_liif_gan", data=data, epochs=200)


def cpu_liif() -> TrainConfig:
    """Fine-tunes the public LIIF by L1; hours on two cores."""
    return _cpu("cpu_liif", _SIMPLE, LossConfig(), batch_size=16, epochs=80, learning_rate=1e-4)


def cpu_liif_gan_s() -> TrainConfig:
    """LIIF-GAN-S: the public LIIF's decoder under all losses."""
    losses = msgspec.structs.replace(_cpu_losses(), structure_l1=0.1, result_l1=0.0)
    losses = msgspec.structs.replace(losses, low_pass=0.0, grid_phase=None)
    return _cpu(
        "cpu_liif_gan_s",
        _SIMPLE,
        losses,
        trained_parts=("structure",),
        batch_size=4,
        epochs=2,
        learning_rate=1e-4,
    )


def cpu_liif_gan_sf() -> TrainConfig:
    """LIIF-GAN-SF: the public LIIF unchanged, and a detail field on the same features."""
    field = FieldConfig(num_blocks=4, is_high_pass=True)
    network = msgspec.structs.replace(_SAME_FEATURES, detail_field=field)
    return _cpu("cpu_liif_gan_sf", network, _cpu_losses(), trained_parts=("detail",), epochs=3)


def cpu_liif_gan_edsr() -> TrainConfig:
    """LIIF-GAN on EDSR: the public LIIF unchanged, and a detail field on features that are 24
    blocks deep and have noise of their own."""
    network = LIIFConfig(
        encoder=_DEEP_ENCODER,
        structure_tap="trunk",
        detail_tap="last",
        detail_field=FieldConfig(is_high_pass=True),
    )
    parts: tuple[Part, ...] = ("deep_blocks", "detail")
    return _cpu("cpu_liif_gan_edsr", network, _cpu_losses(), trained_parts=parts, epochs=22)


def cpu_liif_air() -> TrainConfig:
    """The public LIIF's encoder with a field as its decoder, by L1."""
    network = LIIFConfig(structure_field=_STRUCTURE_FIELD)
    recipe = _cpu(
        "cpu_liif_air",
        network,
        LossConfig(),
        trained_parts=("structure",),
        batch_size=8,
        epochs=25,
        learning_rate=1e-3,
    )
    # Wide patches cost little here; factors from 1 on.
    data = msgspec.structs.replace(recipe.data, patch_size=96, scales=_scales(1.0))
    return msgspec.structs.replace(recipe, data=data)


def cpu_liif_air_taught() -> TrainConfig:
    """Goes on from `cpu_liif_air` with LIIF's MLP at points of every LR pixel, and learns LIIF's
    pictures."""
    first = cpu_liif_air()
    teacher = DistillationConfig(teacher=PUBLIC_LIIF, queries=40)
    # At x4, 128 pixels are the whole of the 32 LR pixels.
    data = msgspec.structs.replace(first.data, patch_size=128)
    return msgspec.structs.replace(
        first,
        name="cpu_liif_air_taught",
        network=LIIFConfig(structure_field=_TAUGHT_FIELD),
        structure_init=AIR_ON_LIIF,
        data=data,
        loss=LossConfig(structure_l1=0.0, distillation=teacher),
        batch_size=6,
        epochs=36,
        learning_rate=5e-4,
    )


def cpu_liif_air_low() -> TrainConfig:
    """Goes on from `cpu_liif_air_taught` with more of the low factors, which it has left furthest
    from LIIF."""
    taught = cpu_liif_air_taught()
    scales = (
        ScaleRange(low=1.0, high=2.5, share=0.55),
        ScaleRange(low=2.5, high=4.0, share=0.25),
        ScaleRange(low=4.0, high=7.0, share=0.2),
    )
    return msgspec.structs.replace(
        taught,
        name="cpu_liif_air_low",
        structure_init=AIR_TAUGHT,
        data=msgspec.structs.replace(taught.data, scales=scales),
        epochs=18,
        learning_rate=3e-4,
    )


def cpu_liif_gan_air() -> TrainConfig:
    """The detail of `liif-gan` on the structure of `liif-air`; the trunk of both is LIIF's.

    Of order 3: without order 4's functions ST-LPIPS stays as it is, and only the grid pattern is
    stronger. So this run takes the pattern off and leaves the detail as strong as its GAN has made
    it (docs/training.md).
    """
    full = cpu_liif_gan_edsr()
    grid_phase = GridPhaseConfig(mean_weight=0.1, energy_weight=1.5)
    # Both the penalty and the perceptual terms make the detail stronger; this L1 holds it.
    losses = msgspec.structs.replace(_cpu_losses(), gan=None, result_l1=9.0, grid_phase=grid_phase)
    network = msgspec.structs.replace(
        full.network,
        structure_field=_TAUGHT_FIELD,
        detail_field=FieldConfig(order=3, is_high_pass=True),
    )
    return msgspec.structs.replace(
        full,
        name="cpu_liif_gan_air",
        network=network,
        init="liif-gan-edsr",
        structure_init="liif-air",
        loss=losses,
        epochs=1,
        learning_rate=1e-4,
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
            artefact=0.1,
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


RECIPES: dict[str, Callable[[], TrainConfig]] = {
    recipe.__name__: recipe
    for recipe in (
        div2k_liif,
        div2k_liif_gan_s,
        div2k_liif_gan_sf,
        div2k_liif_gan,
        celebahq_liif_gan,
        cpu_liif,
        cpu_liif_gan_s,
        cpu_liif_gan_sf,
        cpu_liif_gan_edsr,
        cpu_liif_air,
        cpu_liif_air_taught,
        cpu_liif_air_low,
        cpu_liif_gan_air,
        cpu_smoke,
        *TAUGHT_RECIPES,
    )
}
"""The recipes by name; hyphens in place of underscores are understood too."""


def find_recipe(name_or_path: str) -> TrainConfig:
    """Return a recipe by name, or a configuration from a .toml or .json file.

    A file with the key "base" changes the recipe of that name, and is called by its own name if it
    gives none. Raises LiifganError for an unknown name or a file that is not a valid configuration.
    """
    recipe = RECIPES.get(name_or_path.replace("-", "_"))
    if recipe is not None:
        return recipe()
    path = Path(name_or_path)
    if path.suffix not in (".toml", ".json"):
        raise LiifganError(
            f"there is no recipe {name_or_path!r}; use one of {', '.join(RECIPES)}, or a .toml or "
            ".json file"
        )
    decode = msgspec.toml.decode if path.suffix == ".toml" else msgspec.json.decode
    try:
        content = decode(path.read_bytes())
        if isinstance(content, dict) and "base" in content:
            content = _on_base({"name": path.stem} | content)
        return msgspec.convert(content, TrainConfig)
    except OSError as error:
        raise LiifganError(f"{path}: cannot be read ({error.strerror})") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise LiifganError(f"{path}: not a valid recipe: {error}") from error


def _on_base(content: dict[str, Any]) -> dict[str, Any]:
    """Return a file's content with all that it does not say taken from the recipe "base"."""
    changes = dict(content)
    base = changes.pop("base")
    if not isinstance(base, str) or base not in RECIPES:
        raise ValueError(f"base {base!r} is none of {', '.join(RECIPES)}")
    return _changed(RECIPES[base](), changes)


def _changed(settings: msgspec.Struct, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as plain values, with changes in them or in settings that they hold."""
    found: dict[str, Any] = msgspec.to_builtins(settings)
    for key, value in changes.items():
        before = getattr(settings, key, None)
        if isinstance(before, msgspec.Struct) and isinstance(value, dict):
            found[key] = _changed(before, value)
        else:
            found[key] = value
    return found


def _published_losses() -> LossConfig:
    """The paper's terms; the weights are ours (Real-ESRGAN's ratio of 1 : 1 : 0.1, GAN lowered)."""
    return LossConfig(
        perceptual=PerceptualConfig(weight=1.0),
        gan=GanConfig(weight=0.01, discriminator=DiscriminatorConfig(norm="batch")),
    )


def _cpu_losses() -> LossConfig:
    """Terms that work on a CPU within an hour (docs/training.md): a critic on features that the
    perceptual loss has computed anyway, and terms against texture that is locked to the LR grid."""
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
            kind="vanilla",
            weight=0.05,
            discriminator=DiscriminatorConfig(kind="features", num_features=48),
            start_step=100,
            lead_steps=100,
            learning_rate=5e-4,
        ),
        spectrum=0.2,
        spectrum_balance=0.2,
        low_pass=0.2,
        grid_phase=GridPhaseConfig(mean_weight=0.1, energy_weight=0.15),
    )


def _scales(low: float) -> tuple[ScaleRange, ...]:
    return (ScaleRange(low=low, high=4.0, share=0.7), ScaleRange(low=4.0, high=7.0, share=0.3))


def _cpu(
    name: str,
    network: LIIFConfig,
    loss: LossConfig,
    *,
    epochs: int,
    batch_size: int = 6,
    learning_rate: float = 4e-4,
    trained_parts: tuple[Part, ...] = ("encoder", "structure"),
) -> TrainConfig:
    """A run of `epochs` x 100 steps from the public checkpoint."""
    return TrainConfig(
        name=name,
        network=network,
        init=PUBLIC_LIIF,
        trained_parts=trained_parts,
        data=DataConfig(lr_size=32, patch_size=56, min_images=16, scales=_scales(1.5)),
        batch_size=batch_size,
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
