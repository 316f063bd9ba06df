"""Named runs whose detail layer is taught the pictures of a network of others.

The teacher's trunk, or some blocks of it, lies below the detail layer. So a field of any factor
draws as the teacher does at its one, after minutes or hours on a CPU.
"""

import msgspec

from liifgan_core.models.config import FieldConfig, LIIFConfig, RRDBConfig, TrunkConfig
from liifgan_core.train.config import Part, ScheduleConfig, TrainConfig, ValidationConfig
from liifgan_core.train.data_config import DataConfig
from liifgan_core.train.degradations import DegradationConfig
from liifgan_core.train.lesson_config import LessonsConfig, TaughtConfig, TrunkStartConfig
from liifgan_core.weights.trunks import NETWORKS

STRUCTURE = "liif-air"
"""Encoder and structure layer of all of them."""
_REALSR, _X4PLUS, _V3 = (NETWORKS[name] for name in ("realsr", "realesrgan-x4plus", "general-x4v3"))
_UNITS = {_REALSR.name: 0.29923439, _X4PLUS.name: 0.153, _V3.name: 0.565}
"""Standard deviation of each trunk's features on photos."""
_SHORT_BLOCKS = (0, 4, 8, 12, 16, 20)
"""Of RealSR's 23, evenly spaced: a quarter of the cost."""
_READOUT = FieldConfig(order=4, num_blocks=4, block_width=128, block_slope=0.1)
_DAMAGE = DegradationConfig(
    num_stages=1,
    blur_probability=0.5,
    blur_sigma=(0.2, 1.2),
    resize_probability=0.2,
    noise_probability=0.7,
    noise_sigma=(0.0, 10.0),
    jpeg_probability=0.7,
    jpeg_quality=(40, 95),
)
"""What photos as people have them have been through, at the LR picture's size."""


def cpu_liif_gan() -> TrainConfig:
    """LIIF-GAN: a detail field on RealSR's whole trunk, taught RealSR's pictures."""
    return _on_whole_trunk("cpu_liif_gan", _REALSR.name)


def cpu_liif_gan_own() -> TrainConfig:
    """LIIF-GAN taught on a folder of one's own photos, in less than an hour on two cores."""
    recipe = _on_whole_trunk("cpu_liif_gan_own", _REALSR.name, count=400, held_out=8)
    data = msgspec.structs.replace(recipe.data, min_images=1)
    return msgspec.structs.replace(recipe, data=data, epochs=5)


def cpu_liif_gan_fast() -> TrainConfig:
    """Six of RealSR's blocks and a detail field on them, all trained; better with every hour."""
    taught = TaughtConfig(lessons=LessonsConfig(teacher=_REALSR.name), crop_size=48, features=0.1)
    network = RRDBConfig(num_blocks=len(_SHORT_BLOCKS))
    return _taught(
        "cpu_liif_gan_fast",
        TrunkConfig(network=network, unit=_UNITS[_REALSR.name]),
        taught,
        trained_parts=("trunk", "detail"),
        trunk_start=TrunkStartConfig(network=_REALSR.name, blocks=_SHORT_BLOCKS),
        epochs=60,
        learning_rate=3e-4,
        ema_decay=0.998,
    )


def cpu_liif_gan_restore() -> TrainConfig:
    """Cleans up noisy and compressed photos: on Real-ESRGAN x4plus' whole trunk."""
    return _restoring("cpu_liif_gan_restore", _X4PLUS.name)


def cpu_liif_gan_restore_fast() -> TrainConfig:
    """The same on the compact general-x4v3, at a cost like EDSR's."""
    return _restoring("cpu_liif_gan_restore_fast", _V3.name)


TAUGHT_RECIPES = (
    cpu_liif_gan,
    cpu_liif_gan_own,
    cpu_liif_gan_fast,
    cpu_liif_gan_restore,
    cpu_liif_gan_restore_fast,
)


def _restoring(name: str, teacher: str) -> TrainConfig:
    recipe = _on_whole_trunk(name, teacher)
    assert recipe.taught is not None
    lessons = msgspec.structs.replace(
        recipe.taught.lessons, target="low-restored", degradation=_DAMAGE, clean_share=0.3
    )
    taught = msgspec.structs.replace(recipe.taught, lessons=lessons)
    # Features of an RRDB are of the cleaned picture; a compact network's are what it adds to the
    # photo's own pixels, noise taken away included, and say little of the colours themselves.
    is_picture = isinstance(NETWORKS[teacher].config, RRDBConfig)
    network = msgspec.structs.replace(recipe.network, detail_is_picture=is_picture)
    return msgspec.structs.replace(recipe, network=network, taught=taught)


def _on_whole_trunk(
    name: str, teacher: str, *, count: int = 600, held_out: int = 24
) -> TrainConfig:
    external = NETWORKS[teacher]
    return _taught(
        name,
        TrunkConfig(network=external.config, sha256=external.sha256, unit=_UNITS[teacher]),
        TaughtConfig(lessons=LessonsConfig(teacher=teacher, count=count, held_out=held_out)),
        trained_parts=("detail",),
        epochs=10,
        learning_rate=1e-3,
        ema_decay=0.995,
    )


def _taught(
    name: str,
    trunk: TrunkConfig,
    taught: TaughtConfig,
    *,
    trained_parts: tuple[Part, ...],
    epochs: int,
    learning_rate: float,
    ema_decay: float,
    trunk_start: TrunkStartConfig | None = None,
) -> TrainConfig:
    """A run of `epochs` x 100 steps of 8 crops."""
    return TrainConfig(
        name=name,
        network=LIIFConfig(
            structure_field=FieldConfig(order=2, num_blocks=4, points=2),
            detail_trunk=trunk,
            detail_field=_READOUT,
        ),
        init=STRUCTURE,
        trunk_start=trunk_start,
        trained_parts=trained_parts,
        taught=taught,
        data=DataConfig(min_images=16),
        batch_size=8,
        epochs=epochs,
        steps_per_epoch=100,
        learning_rate=learning_rate,
        betas=(0.9, 0.99),
        schedule=ScheduleConfig(kind="cosine", final_factor=0.02, warm_up_steps=50),
        max_gradient_norm=1.0,
        ema_decay=ema_decay,
        validation=ValidationConfig(every_steps=500),
        checkpoint_every_steps=50,
    )
