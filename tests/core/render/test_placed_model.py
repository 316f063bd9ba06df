import copy
import gc
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from liifgan_core.errors import DeviceError, WeightsError
from liifgan_core.models.liif import LIIF
from liifgan_core.models.processor import processor_of
from liifgan_core.render.placed_model import PlacedModel, load_model
from tests.conftest import Place, UseProcessor

GREY = np.full((6, 7, 3), 0.5, np.float32)


def nothing() -> None:
    pass


def test_encoding_gives_the_networks_features(
    device: str, detail_network: LIIF, place: Place
) -> None:
    rgb = np.random.default_rng(0).random((9, 7, 3), dtype=np.float32)
    found = place(detail_network, device).encode(rgb, nothing)
    expected = detail_network.encode(torch.from_numpy(rgb).permute(2, 0, 1)[None])
    assert expected.detail_BDHW is not None
    assert tuple(found) == ("last", 1)
    assert (found["last"].cpu() - expected.structure_BDHW).abs().max() < 1e-5
    assert (found[1].cpu() - expected.detail_BDHW).abs().max() < 1e-5


def test_a_placed_model_tells_what_the_renderer_must_know(
    tiny_network: LIIF, detail_network: LIIF, place: Place
) -> None:
    plain, detailed = place(tiny_network), place(detail_network)
    assert (plain.has_detail, detailed.has_detail) == (False, True)
    assert plain.layer_maps == {"structure": "last"}
    assert detailed.layer_maps == {"structure": "last", "detail": 1}
    assert (plain.receptive_radius, plain.num_features) == (6, 8)


def test_placing_leaves_the_loaded_network_alone(tiny_network: LIIF, place: Place) -> None:
    weight = tiny_network.encoder.head.weight
    place(tiny_network)
    assert tiny_network.encoder.head.weight is weight
    assert weight.is_contiguous()


def test_a_decoder_is_made_once_per_dtype(tiny_network: LIIF, place: Place) -> None:
    model = place(tiny_network)
    first = model.decoder("structure", torch.float32)
    assert model.decoder("structure", torch.float32) is first
    assert model.decoder("structure", torch.bfloat16) is not first


def test_a_model_that_nobody_holds_is_freed(tiny_network: LIIF, place: Place) -> None:
    model = place(tiny_network)
    model.decoder("structure", torch.float32)
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


def test_encoding_runs_on_cudnn_without_tf32(tiny_network: LIIF, place: Place) -> None:
    """`torch.backends.cudnn.flags` switches cuDNN off unless told not to."""
    seen: list[tuple[bool, bool]] = []

    def look() -> None:
        seen.append((torch.backends.cudnn.enabled, torch.backends.cudnn.allow_tf32))

    before = torch.backends.cudnn.enabled, torch.backends.cudnn.allow_tf32
    place(tiny_network).encode(GREY, look)
    assert set(seen) == {(True, False)}
    assert (torch.backends.cudnn.enabled, torch.backends.cudnn.allow_tf32) == before


def test_decoder_tables_are_made_without_tf32(
    tiny_network: LIIF, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On CUDA, TF32 convolutions would be wrong by 1e-3, which the fast path may not be."""
    from liifgan_core.geometry import Size, Viewport
    from liifgan_core.images.image import Image
    from liifgan_core.render.continuous_image import ContinuousImage

    image = Image(np.zeros((4, 4, 3), np.uint8))
    picture = ContinuousImage.encode(image, place(tiny_network))
    seen: list[tuple[bool, bool]] = []
    conv2d = F.conv2d

    def look(x: torch.Tensor, *args: object, **options: object) -> torch.Tensor:
        if x.shape[1] == tiny_network.structure.in_channels:
            seen.append((torch.backends.cudnn.enabled, torch.backends.cudnn.allow_tf32))
        return conv2d(x, *args, **options)

    monkeypatch.setattr(F, "conv2d", look)
    picture.render(Viewport.whole(Size(4, 4), Size(8, 8)))
    assert set(seen) == {(True, False)}


@pytest.mark.usefixtures("tiny_weights")
def test_a_model_is_loaded_by_name_by_path_or_as_the_best(tiny_weights: Path) -> None:
    for wanted in ("tiny", str(tiny_weights), None):
        model = load_model(wanted, device="cpu", precision="fp32")
        assert model.info.name == "tiny"
        assert model.info.path == tiny_weights
        assert model.dtype is torch.float32


@pytest.mark.usefixtures("tiny_weights")
@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"name_or_path": "nope"}, WeightsError),
        ({"device": "abacus"}, DeviceError),
        ({"precision": "int1"}, DeviceError),
    ],
)
def test_what_is_not_there_is_refused(options: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        load_model(**options)


def test_more_than_8_bits_are_drawn_in_fp32_unless_a_precision_was_named(
    tiny_weights: Path, use_processor: UseProcessor
) -> None:
    use_processor(processor_of({"amx_bf16": True}))
    automatic = load_model("tiny", device="cpu")
    assert automatic.precision == "bf16"
    assert automatic.for_depth(8) is automatic
    assert automatic.for_depth(16).precision == "fp32"
    assert automatic.for_depth(32) is automatic.for_depth(16)
    named = load_model("tiny", device="cpu", precision="bf16")
    assert named.for_depth(16) is named
    use_processor(processor_of({}))
    exact = load_model("tiny", device="cpu")
    assert exact.precision == "fp32"
    assert exact.for_depth(16) is exact


def test_half_precision_that_is_refused_is_fp32_with_one_warning(
    tiny_network: LIIF,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    conv2d = F.conv2d

    def refuse(x: torch.Tensor, *args: object, **options: object) -> torch.Tensor:
        if x.dtype is torch.bfloat16:
            raise RuntimeError("could not create a primitive")
        return conv2d(x, *args, **options)  # pyright: ignore

    monkeypatch.setattr(F, "conv2d", refuse)
    model, exact = place(tiny_network, dtype=torch.bfloat16), place(tiny_network)
    for _ in range(2):
        found = model.encode(GREY, nothing)["last"]
        assert found.equal(exact.encode(GREY, nothing)["last"])
    assert model.precision == "fp32"
    assert [r.message for r in caplog.records] == [
        "bf16 is refused by cpu (could not create a primitive): going on in float32"
    ]


def test_features_that_overflow_are_encoded_again_in_fp32(
    tiny_network: LIIF, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    network = copy.deepcopy(tiny_network)
    with torch.no_grad():
        for parameter in network.encoder.blocks[0].conv1.parameters():  # pyright: ignore
            parameter *= 1e6
        for parameter in network.encoder.blocks[0].conv2.parameters():  # pyright: ignore
            parameter *= 1e-6
    model = place(network, dtype=torch.float16)
    found = model.encode(GREY, nothing)["last"]
    assert found.equal(place(network).encode(GREY, nothing)["last"])
    assert model.precision == "fp32"
    assert len(caplog.records) == 1


def test_progress_is_told_from_block_to_block(
    place: Place, tiny_network: LIIF, natural_models: Path
) -> None:
    """Of an encoder alone, and of one before a trunk, by their numbers of weights."""
    rgb = np.random.default_rng(0).random((12, 14, 3), np.float32)

    def told(model: PlacedModel) -> list[float]:
        seen: list[float] = []
        model.encode(rgb, lambda: None, seen.append)
        return seen

    assert told(place(tiny_network)) == pytest.approx([0.0, 0.5])
    with_trunk = load_model("liif-gan-fast", device="cpu", precision="fp32")
    found = told(with_trunk)
    assert found == sorted(found)
    network = with_trunk._network
    assert network.detail_encoder is not None
    own, others = (
        sum(weight.numel() for weight in part.parameters())
        for part in (network.encoder, network.detail_encoder)
    )
    first = next(n for n, fraction in enumerate(found) if fraction >= own / (own + others))
    assert first == network.encoder.num_steps(network.taps)
    assert 0.8 < found[-1] < 1.0
