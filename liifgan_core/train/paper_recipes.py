"""The paper's runs, for GPUs: its numbers, as far as they are published.

Sections 4.2 and 4.3: LR 48 (CelebA-HQ 64 of 256x256), scales 1 to 4, batch 128, 20 repetitions per
image, 1000 epochs (200), Adam 1e-4, halved every 200 epochs. Not published: the discriminator's
layers and the weights of the loss terms; ours are named where they stand.
"""

import msgspec

from liifgan_core.models.config import LIIFConfig
from liifgan_core.models.discriminator import DiscriminatorConfig
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.data_config import DataConfig
from liifgan_core.train.loss_config import GanConfig, LossConfig, PerceptualConfig

_SIMPLE = LIIFConfig()
_SAME_FEATURES = LIIFConfig(detail_tap="last")
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


PAPER_RECIPES = (
    div2k_liif,
    div2k_liif_gan_s,
    div2k_liif_gan_sf,
    div2k_liif_gan,
    celebahq_liif_gan,
)


def _published_losses() -> LossConfig:
    """The paper's terms; the weights are ours (Real-ESRGAN's ratio of 1 : 1 : 0.1, GAN lowered)."""
    return LossConfig(
        perceptual=PerceptualConfig(weight=1.0),
        gan=GanConfig(weight=0.01, discriminator=DiscriminatorConfig(norm="batch")),
    )
