import msgspec
import pytest
import torch

from liifgan_core.models.config import EDSRConfig, LIIFConfig
from liifgan_core.models.discriminator import DiscriminatorConfig
from liifgan_core.models.feature_networks import build_feature_network
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.data_config import DataConfig, ScaleRange
from liifgan_core.train.loss_config import (
    DistillationConfig,
    GanConfig,
    GridPhaseConfig,
    LossConfig,
    PerceptualConfig,
    PerceptualNetworkName,
)

DEEP = EDSRConfig(num_features=8, num_blocks=2, num_deep_blocks=1)
DETAIL = LIIFConfig(detail_tap="last")
SHALLOW = GanConfig(discriminator=DiscriminatorConfig(num_stages=2))
WHOLE_X4 = DataConfig(patch_size=192, scales=(ScaleRange(low=4.0, high=4.0),))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trained_parts": ()}, "leave nothing to train"),
        ({"trained_parts": ("detail",)}, "leave nothing to train"),
        ({"trained_parts": ("detail", "deep_blocks")}, "leave nothing to train"),
        (
            {"network": LIIFConfig(encoder=DEEP, structure_tap="trunk", detail_tap=1)},
            "no decoder reads the deep blocks",
        ),
        ({"batch_size": 0}, "at least 1"),
        (
            {
                "network": DETAIL,
                "trained_parts": ("detail",),
                "loss": LossConfig(distillation=DistillationConfig(teacher="liif")),
            },
            "leave the structure layer as it is",
        ),
        ({"loss": LossConfig(low_pass=0.1)}, "need a network with a detail layer"),
        ({"loss": LossConfig(grid_phase=GridPhaseConfig())}, "need a network with a detail layer"),
        ({"fixed_scale": 4}, "starts from a LIIF model"),
        ({"fixed_scale": 4, "init": "liif", "ema_decay": 0.9}, "L1 alone"),
        ({"fixed_scale": 4, "init": "liif"}, "a patch_size of 192"),
        ({"fixed_scale": 4, "init": "liif", "data": WHOLE_X4}, "sub_pixel_shift off"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changes: dict, message: str):
    with pytest.raises(ValueError, match=message):
        TrainConfig(name="wrong", **changes)


@pytest.mark.parametrize(
    ("loss", "side"),
    [
        (LossConfig(gan=GanConfig()), 16),
        (LossConfig(gan=SHALLOW), 4),
        (LossConfig(perceptual=PerceptualConfig()), 16),
        (LossConfig(perceptual=PerceptualConfig(network="vgg16-shift-tolerant")), 18),
        (LossConfig(perceptual=PerceptualConfig(layers={"relu2_2": 1.0, "relu1_1": 1.0})), 2),
        (LossConfig(spectrum_balance=1.0), 16),
        (LossConfig(grid_phase=GridPhaseConfig()), 7),
        (LossConfig(low_pass=1.0), 17),
    ],
)
def test_patches_that_a_loss_cannot_take_are_refused(loss: LossConfig, side: int):
    def config(patch: int) -> TrainConfig:
        scales = (ScaleRange(low=1.0, high=7.0),)
        data = DataConfig(lr_size=side, patch_size=patch, scales=scales)
        return TrainConfig(name="small", network=DETAIL, data=data, loss=loss)

    assert config(side).data.patch == side
    with pytest.raises(ValueError, match=rf"patches have {side - 1} pixels.*needs {side};"):
        config(side - 1)


@pytest.mark.parametrize("name", ["vgg19", "vgg16-shift-tolerant"])
def test_the_smallest_patch_reaches_the_layers_and_no_smaller_one_does(
    name: PerceptualNetworkName,
):
    network = build_feature_network(name)
    for layer in ("relu1_2", "conv2_1", "relu3_3", "relu4_3", "relu5_3"):
        side = PerceptualConfig(network=name, layers={layer: 1.0}).min_side
        assert min(network(torch.zeros(1, 3, side, side), [layer])[layer].shape) > 0
        with pytest.raises(RuntimeError):
            network(torch.zeros(1, 3, side - 1, side - 1), [layer])


def test_a_patch_is_never_larger_than_what_the_lr_grid_covers():
    data = DataConfig(lr_size=20, patch_size=50, scales=(ScaleRange(low=1.2, high=4.0),))
    assert [data.patch_at(scale) for scale in (1.2, 2.03, 2.5, 4.0)] == [24, 40, 50, 50]
    whole = msgspec.structs.replace(data, sub_pixel_shift=False)
    assert whole.patch_at(1.23) == 25  # the side is rounded then


def test_a_teacher_answers_no_more_queries_than_it_shall():
    distillation = DistillationConfig(teacher="liif", queries=40)
    assert [distillation.stride(patch) for patch in (32, 40, 41, 128)] == [1, 1, 2, 4]
    with pytest.raises(ValueError, match="at least one query"):
        DistillationConfig(teacher="liif", queries=0)
