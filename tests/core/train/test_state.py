from typing import Literal

import msgspec
import pytest
import torch

from liifgan_core.models.config import FieldConfig
from liifgan_core.models.discriminator import DiscriminatorConfig
from liifgan_core.models.feature_networks import build_feature_network
from liifgan_core.models.liif import LIIF
from liifgan_core.train.batches import ImageCache, training_batches
from liifgan_core.train.config import Arithmetic, Part, TrainConfig
from liifgan_core.train.generator import Generator, Layers, build_generator
from liifgan_core.train.image_folder import scan_folder
from liifgan_core.train.loss_config import (
    DistillationConfig,
    GanConfig,
    GridPhaseConfig,
    LossConfig,
    PerceptualConfig,
)
from liifgan_core.train.losses import PerceptualLoss
from liifgan_core.train.processes import Processes
from liifgan_core.train.sampling import Batch
from liifgan_core.train.state import TrainState
from liifgan_core.train.updates import NotFiniteError
from tests.core.train.device_reads import reads_of_the_device

ALONE = Processes(0, 1, torch.device("cpu"))
LAYERS = {"relu1_2": 1.0}


@pytest.fixture
def batch(config: TrainConfig, photos) -> Batch:
    folder = scan_folder(photos, min_side=64, decode=False)
    cache = ImageCache(1 << 20)
    return next(training_batches(config, folder, cache, start_step=0, stop_step=1))


def _state(config: TrainConfig, loss: LossConfig, *, teacher: LIIF | None = None) -> TrainState:
    config = msgspec.structs.replace(config, loss=loss)
    network = build_generator(config.network, None, seed=0)
    if network.detail is not None:
        # A silent last layer would hide that gradients reach the layers before it.
        torch.manual_seed(0)
        last = [
            m for m in network.detail.modules() if isinstance(m, torch.nn.Linear | torch.nn.Conv2d)
        ]
        torch.nn.init.normal_(last[-1].weight)
    perceptual = None
    if loss.perceptual is not None:
        torch.manual_seed(0)
        network_vgg = build_feature_network("vgg16-shift-tolerant")
        perceptual = PerceptualLoss(network_vgg, loss.perceptual.layers)
    return TrainState(
        config,
        network,
        perceptual,
        processes=ALONE,
        arithmetic=Arithmetic(),
        teacher=teacher,
    )


def _gradients(state: TrainState, batch: Batch) -> dict[str, float]:
    """The largest gradient of each part after one backward pass; None counts as zero."""
    layers = Layers(*state._generator(batch.lr_BCHW, batch.rows, batch.cols))
    _, total = state.generator_loss(layers, batch, *state.views(layers, batch), step=100)
    total.backward()
    network = state.network
    parts = {"encoder": network.encoder, "structure": network.structure, "detail": network.detail}
    return {
        name: max(0.0 if p.grad is None else float(p.grad.abs().max()) for p in part.parameters())
        for name, part in parts.items()
        if part is not None
    }


GAN = GanConfig(discriminator=DiscriminatorConfig(num_features=4, num_stages=2))
UNBLOCKED = LossConfig(structure_l1=0.0)
WITH_GAN = msgspec.structs.replace(UNBLOCKED, gan=GAN)
WITH_PERCEPTUAL = msgspec.structs.replace(
    UNBLOCKED, perceptual=PerceptualConfig(network="vgg16-shift-tolerant", layers=LAYERS)
)
WITH_REST = msgspec.structs.replace(
    UNBLOCKED, result_l1=1.0, spectrum=1.0, spectrum_balance=1.0, low_pass=1.0
)


@pytest.mark.parametrize("loss", [WITH_GAN, WITH_PERCEPTUAL, WITH_REST])
def test_all_losses_but_the_first_leave_the_structure_decoder_alone(
    loss: LossConfig, config: TrainConfig, batch: Batch
):
    gradients = _gradients(_state(config, loss), batch)
    assert gradients["structure"] == 0.0
    assert gradients["detail"] > 0.0
    assert gradients["encoder"] > 0.0


def test_the_structure_loss_leaves_the_detail_decoder_alone(config: TrainConfig, batch: Batch):
    gradients = _gradients(_state(config, LossConfig()), batch)
    assert gradients["structure"] > 0.0
    assert gradients["detail"] == 0.0


def test_a_single_decoder_takes_all_losses(structure_only: TrainConfig, batch: Batch):
    gradients = _gradients(_state(structure_only, WITH_GAN), batch)
    assert gradients["structure"] > 0.0


def test_the_generators_step_gives_the_critic_no_gradient(config: TrainConfig, batch: Batch):
    state = _state(config, WITH_GAN)
    _gradients(state, batch)
    assert state._critic is not None
    assert all(p.grad is None and p.requires_grad for p in state._critic.parameters())


@pytest.mark.parametrize("critic", ["vgg", "features"])
def test_both_sides_of_the_gan_take_steps(config: TrainConfig, batch: Batch, critic):
    discriminator = DiscriminatorConfig(kind=critic, num_features=4, num_stages=2)
    gan = GanConfig(discriminator=discriminator, start_step=1, lead_steps=1)
    perceptual = WITH_PERCEPTUAL.perceptual if critic == "features" else None
    state = _state(config, LossConfig(gan=gan, perceptual=perceptual))
    assert "critic" not in state.step(batch, step=0, rate=1.0)
    leading = state.step(batch, step=1, rate=1.0)
    assert "critic" in leading
    assert "gan" not in leading
    before = {name: t.clone() for name, t in state.tensors().items()}
    terms = state.step(batch, step=2, rate=1.0)
    assert {"gan", "critic", "critic_accuracy"} <= terms.keys()
    after = state.tensors()
    for group in ("network", "average", "critic"):
        changed = [n for n in before if n.startswith(f"{group}.") and not before[n].equal(after[n])]
        assert changed, group


@pytest.mark.parametrize(
    ("trained", "starts"),
    [
        (("detail",), ("detail.",)),
        (("deep_blocks", "detail"), ("encoder.deep_blocks.", "detail.")),
    ],
)
def test_frozen_parts_keep_their_values(
    trained: tuple[Part, ...], starts: tuple[str, ...], config: TrainConfig, batch: Batch
):
    encoder = msgspec.structs.replace(config.network.encoder, num_deep_blocks=1)
    deep = msgspec.structs.replace(config.network, encoder=encoder, structure_tap="trunk")
    state = _state(msgspec.structs.replace(config, network=deep, trained_parts=trained), WITH_GAN)
    before = {name: t.clone() for name, t in state.network.state_dict().items()}
    average = {name: t.clone() for name, t in state.output.items()}
    state.step(batch, step=100, rate=1.0)
    for name, tensor in state.network.state_dict().items():
        assert tensor.equal(before[name]) != name.startswith(starts), name
        assert state.output[name].equal(average[name]) != name.startswith(starts), name


def test_the_penalty_on_the_grid_concerns_the_layers_that_are_named(
    config: TrainConfig, batch: Batch
):
    def terms(*layers: Literal["detail", "result"]) -> dict[str, float]:
        loss = LossConfig(grid_phase=GridPhaseConfig(layers=layers, mean_weight=2.0))
        state = _state(config, loss)
        shown = Layers(*state._generator(batch.lr_BCHW, batch.rows, batch.cols))
        found, total = state.generator_loss(shown, batch, *state.views(shown, batch), step=0)
        penalties = sum(
            float(value.detach()) * (2.0 if name.startswith("grid_mean") else 1.0)
            for name, value in found.items()
            if name.startswith("grid_")
        )
        rest = float(found["structure_l1"].detach())
        assert float(total.detach()) == pytest.approx(rest + penalties, rel=1e-5)
        return {n: float(v.detach()) for n, v in found.items() if n.startswith("grid_")}

    detail, result, both = terms("detail"), terms("result"), terms("detail", "result")
    assert set(detail) == {"grid_mean_detail", "grid_energy_detail"}
    assert set(result) == {"grid_mean_result", "grid_energy_result"}
    assert both == detail | result
    assert detail["grid_mean_detail"] != result["grid_mean_result"]


def test_steps_run_under_bf16_autocast(config: TrainConfig, batch: Batch):
    network = build_generator(config.network, None, seed=0)
    half = TrainState(config, network, None, processes=ALONE, arithmetic=Arithmetic(half=True))
    full = _state(config, config.loss)
    torch.testing.assert_close(
        half.step(batch, step=0, rate=1.0)["structure_l1"],
        full.step(batch, step=0, rate=1.0)["structure_l1"],
        atol=0.01,
        rtol=0,
    )


def test_a_teacher_is_compared_at_every_nth_pixel_and_stays_as_it_is(
    config: TrainConfig, batch: Batch
):
    distillation = DistillationConfig(teacher="-", queries=6)
    loss = LossConfig(structure_l1=0.0, distillation=distillation)
    teacher = build_generator(config.network, None, seed=7)
    before = {name: tensor.clone() for name, tensor in teacher.state_dict().items()}
    state = _state(config, loss, teacher=teacher)
    layers = Layers(*state._generator(batch.lr_BCHW, batch.rows, batch.cols))
    stride = distillation.stride(layers.structure.shape[-1])
    assert stride == 3
    with torch.no_grad():
        wanted, _ = Generator(teacher)(batch.lr_BCHW, batch.rows, batch.cols)
    terms, _ = state.generator_loss(layers, batch, *state.views(layers, batch), step=5)
    difference = (layers.structure - wanted).abs()[..., 2::3, 1::3]
    assert float(terms["distillation"].detach()) == pytest.approx(
        float(difference.detach().mean()), abs=1e-6
    )
    gradients = _gradients(state, batch)
    assert gradients["structure"] > 0.0
    assert gradients["encoder"] > 0.0
    state.step(batch, step=0, rate=1.0)
    assert all(before[name].equal(tensor) for name, tensor in teacher.state_dict().items())


def test_a_teacher_of_the_result_trains_detail_and_leaves_the_structure_decoder(
    config: TrainConfig, batch: Batch
):
    distillation = DistillationConfig(teacher="-", layer="result", queries=6)
    teacher = build_generator(config.network, None, seed=7)
    assert teacher.detail is not None
    torch.nn.init.normal_(teacher.detail.linears[-1].weight)
    state = _state(config, LossConfig(structure_l1=0.0, distillation=distillation), teacher=teacher)
    layers = Layers(*state._generator(batch.lr_BCHW, batch.rows, batch.cols))
    with torch.no_grad():
        wanted = Layers(*Generator(teacher)(batch.lr_BCHW, batch.rows, batch.cols))
    assert wanted.detail is not None
    assert float(wanted.detail.abs().max()) > 0.1
    terms, _ = state.generator_loss(layers, batch, *state.views(layers, batch), step=5)
    difference = (layers.result - wanted.result).abs()[..., 2::3, 1::3]
    assert float(terms["distillation"].detach()) == pytest.approx(
        float(difference.detach().mean()), abs=1e-6
    )
    gradients = _gradients(state, batch)
    assert gradients["structure"] == 0.0
    assert gradients["detail"] > 0.0


@pytest.mark.parametrize("critic", ["vgg", "features"])
@pytest.mark.parametrize("broken", ["critic", "generator"])
def test_a_loss_that_is_not_finite_changes_neither_network(
    config: TrainConfig, batch: Batch, critic: Literal["vgg", "features"], broken: str
):
    """The critic's batch norm has buffers, too, which its forward pass changes."""
    discriminator = DiscriminatorConfig(kind=critic, num_features=4, num_stages=2)
    perceptual = WITH_PERCEPTUAL.perceptual if critic == "features" else None
    gan = GanConfig(discriminator=discriminator, lead_steps=10 if broken == "critic" else 0)
    state = _state(config, LossConfig(result_l1=0.1, gan=gan, perceptual=perceptual))
    state.step(batch, step=0, rate=1.0)
    state.check()
    assert state._critic is not None

    def poison(_module: torch.nn.Module, _inputs: object, logits: torch.Tensor) -> torch.Tensor:
        return logits * float("nan")

    before = {name: tensor.clone() for name, tensor in state.tensors().items()}
    if broken == "critic":
        state._critic.register_forward_hook(poison)
    else:
        batch.hr_BCPP[0, 0, 0, 0] = float("nan")
    state.step(batch, step=1, rate=1.0)
    state.step(batch, step=2, rate=1.0)
    after = {
        f"{group}.{name}": tensor
        for group, tensors in (
            ("network", state.network.state_dict()),
            ("average", state.output),
            ("critic", state._critic.state_dict()),
        )
        for name, tensor in tensors.items()
    }
    assert len(after) > 20
    for name, tensor in after.items():
        assert torch.equal(tensor, before[name]), name
    with pytest.raises(NotFiniteError, match=r"step 1: .*nan.*that update was not made") as caught:
        state.check()
    assert caught.value.step == 1
    with pytest.raises(NotFiniteError):
        state.tensors()


@pytest.mark.parametrize("has_field", [False, True])
def test_a_step_never_waits_for_the_device(config: TrainConfig, batch: Batch, has_field: bool):
    field = FieldConfig(order=1, is_high_pass=True) if has_field else None
    network = msgspec.structs.replace(config.network, detail_field=field)
    loss = LossConfig(
        result_l1=0.1,
        gan=msgspec.structs.replace(GAN, discriminator=DiscriminatorConfig(kind="features")),
        perceptual=WITH_PERCEPTUAL.perceptual,
        low_pass=1.0,
        spectrum=1.0,
        spectrum_balance=1.0,
        grid_phase=GridPhaseConfig(),
        distillation=DistillationConfig(teacher="-", layer="result"),
    )
    config = msgspec.structs.replace(config, network=network, max_gradient_norm=1.0)
    teacher = build_generator(network, None, seed=7)
    state = _state(config, loss, teacher=teacher)
    with reads_of_the_device() as reads:
        terms = state.step(batch, step=0, rate=1.0)
        assert reads == []
        float(terms["critic"])
    assert reads == ["aten._local_scalar_dense.default"]
