import gc
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from liifgan_core.errors import DeviceError, WeightsError
from liifgan_core.models.liif import LIIF
from liifgan_core.render.placed_model import load_model
from tests.conftest import Place

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
