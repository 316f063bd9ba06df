"""Tiny networks and photos: a whole run of twenty steps takes about a second."""

from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.models.config import EDSRConfig, LIIFConfig
from liifgan_core.models.discriminator import DiscriminatorConfig
from liifgan_core.train.config import (
    Arithmetic,
    ScheduleConfig,
    TrainConfig,
    ValidationConfig,
)
from liifgan_core.train.data_config import DataConfig
from liifgan_core.train.loss_config import GanConfig, GridPhaseConfig, LossConfig


def photo(seed: int, height: int = 80, width: int = 96) -> np.ndarray:
    """Smooth shapes with some noise, 8-bit RGB."""
    rng = np.random.default_rng(seed)
    noise = rng.uniform(0.0, 255.0, (height, width, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3.0)
    stretched = (smooth - smooth.mean()) * 6.0 + 128.0 + noise / 16.0
    return np.clip(stretched, 0.0, 255.0).astype(np.uint8)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six photos, two of them in a subfolder."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "more").mkdir()
    for seed in range(6):
        name = f"more/{seed}.png" if seed > 3 else f"{seed}.png"
        PilImage.fromarray(photo(seed)).save(folder / name)
    return folder


@pytest.fixture
def config() -> TrainConfig:
    """LIIF-GAN with every term but the perceptual one, which needs downloaded weights."""
    return TrainConfig(
        name="tiny",
        network=LIIFConfig(
            encoder=EDSRConfig(num_features=8, num_blocks=2),
            hidden=(16, 16),
            structure_tap=1,
            detail_tap="last",
        ),
        data=DataConfig(lr_size=16),
        batch_size=2,
        epochs=2,
        steps_per_epoch=10,
        learning_rate=1e-3,
        schedule=ScheduleConfig(kind="cosine"),
        loss=LossConfig(
            result_l1=0.1,
            low_pass=0.1,
            grid_phase=GridPhaseConfig(),
            gan=GanConfig(
                discriminator=DiscriminatorConfig(num_features=4, num_stages=2),
                start_step=2,
                lead_steps=2,
            ),
        ),
        ema_decay=0.9,
        validation=ValidationConfig(every_steps=10, scales=(2,), num_images=1, crop_size=64),
        checkpoint_every_steps=5,
        log_every_steps=5,
        arithmetic=Arithmetic(),
    )


@pytest.fixture
def structure_only(config: TrainConfig) -> TrainConfig:
    """The plain LIIF, by L1."""
    network = msgspec.structs.replace(config.network, detail_tap=None)
    return msgspec.structs.replace(config, network=network, loss=LossConfig())
