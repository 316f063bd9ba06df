import itertools
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import ExifTags
from PIL import Image as PilImage
from torch import Tensor

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.models.config import (
    EDSRConfig,
    FieldConfig,
    LIIFConfig,
    RRDBConfig,
    SRVGGConfig,
    TrunkConfig,
)
from liifgan_core.models.processor import Processor, processor_of
from liifgan_core.models.rrdb import RRDBTrunk
from liifgan_core.models.srvgg import SRVGGTrunk
from liifgan_core.progress import Cancelled, CancelToken, Progress
from liifgan_core.render import placed_model, trunk_engines
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.export import ExportOptions, export_image
from liifgan_core.render.export_memory import DEFAULT_MEMORY_BYTES
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.render.trunk_engines import (
    EngineName,
    TorchTrunk,
    TrunkEngine,
    engine_name,
    make_engine,
)
from liifgan_core.resources import resource_path
from liifgan_core.weights.store import load_weights
from tests.conftest import Place, UseProcessor, seeded_network
from tests.core.render.conftest import MakeImage

RRDB = RRDBConfig(num_features=16, num_growth=8, num_blocks=3)
XEON = processor_of({"architecture": "x86_64", "avx512_bf16": True, "amx_bf16": True})
ZEN4 = processor_of({"architecture": "x86_64", "avx512_bf16": True, "sse4a": True})
ARM = processor_of({"architecture": "arm64"})


def seeded_trunk(seed: int = 0) -> RRDBTrunk:
    """Return a trunk whose features depend on all blocks."""
    generator = torch.Generator().manual_seed(seed)
    trunk = RRDBTrunk(RRDB)
    with torch.no_grad():
        for parameter in trunk.parameters():
            parameter.normal_(0.0, 0.15, generator=generator)
        trunk.block_factors.fill_(0.5)
    return trunk.requires_grad_(False).eval()


def photo(height: int = 20, width: int = 27) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(1))


WHOLE = Tile(0, 0, 20, 26)


def go_on(_fraction: float = 0.0) -> None:
    pass


@pytest.mark.parametrize(
    ("processor", "dtype", "installed", "expected"),
    [
        (XEON, torch.bfloat16, {"openvino", "ncnn"}, "openvino"),
        (XEON, torch.bfloat16, {"ncnn"}, "torch"),
        (XEON, torch.float32, {"openvino", "ncnn"}, "ncnn"),
        (ZEN4, torch.bfloat16, {"openvino", "ncnn"}, "torch"),
        (ZEN4, torch.float32, {"openvino", "ncnn"}, "ncnn"),
        (ZEN4, torch.float32, {"openvino"}, "torch"),
        (ARM, torch.float32, {"openvino", "ncnn"}, "torch"),
        (XEON, torch.float16, {"openvino", "ncnn"}, "torch"),
    ],
)
def test_the_engine_follows_from_processor_format_and_what_is_installed(
    processor: Processor,
    dtype: torch.dtype,
    installed: set[str],
    expected: EngineName,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trunk_engines, "_is_installed", installed.__contains__)
    assert engine_name(seeded_trunk(), "cpu", dtype, processor) == expected
    for device in ("cuda", "mps", "xpu"):
        assert engine_name(seeded_trunk(), device, dtype, processor) == "torch"


def test_a_compact_trunk_is_torchs() -> None:
    trunk = SRVGGTrunk(SRVGGConfig(num_features=8, num_convs=1))
    assert engine_name(trunk, "cpu", torch.float32, ZEN4) == "torch"
    assert engine_name(trunk, "cpu", torch.bfloat16, XEON) == "torch"


def made(name: EngineName) -> TrunkEngine:
    if name != "torch":
        pytest.importorskip(name, reason=f"{name} is not installed: the extra [fast]")
    engine = make_engine(name, seeded_trunk())
    assert engine.name == name
    return engine


@pytest.mark.parametrize("name", ["torch", "ncnn"])
def test_engines_of_float32_give_the_modules_features(name: EngineName) -> None:
    lr = photo()
    with torch.inference_mode():
        wanted, found = seeded_trunk()(lr), made(name)(lr, go_on)
    assert found.dtype is torch.float32
    assert (found - wanted).abs().max() < 1e-4 * wanted.std()


@pytest.mark.parametrize("pixels", [1, 27 * 33, 27 * 40])
def test_ncnn_in_strips_gives_the_same(pixels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = made("ncnn")
    from liifgan_core.render import ncnn_trunk

    lr, told = photo(60, 27), list[float]()
    with torch.inference_mode():
        wanted = seeded_trunk()(lr)
        monkeypatch.setattr(ncnn_trunk, "_STRIP_PIXELS", pixels)
        found = engine(lr, told.append)
    assert (found - wanted).abs().max() < 1e-4 * wanted.std()
    assert len(told) > 2 * RRDB.num_blocks
    assert told == sorted(set(told))


@pytest.mark.parametrize("name", ["torch", "ncnn"])
def test_progress_is_told_from_block_to_block(name: EngineName) -> None:
    engine, told = made(name), list[float]()
    with torch.inference_mode():
        engine(photo(), told.append)
    assert told == pytest.approx([step / 9 for step in range(9)])


def test_a_compact_trunk_tells_progress_from_layer_to_layer() -> None:
    trunk, told = SRVGGTrunk(SRVGGConfig(num_features=8, num_convs=3)), list[float]()
    with torch.inference_mode():
        TorchTrunk(trunk)(photo(), told.append)
    assert told == pytest.approx([0.0, 0.25, 0.5, 0.75])


@pytest.mark.parametrize("name", ["torch", "ncnn", "openvino"])
def test_photos_of_a_megapixel_fit_the_default_memory(name: EngineName) -> None:
    """With the largest area that is encoded at once: two tiles a side and the halo of RealSR's."""
    peak = made(name).peak_bytes((512 + 2 * 51) ** 2)
    assert 0 < peak < DEFAULT_MEMORY_BYTES - 2**29


def test_openvino_gives_nearly_the_modules_features_at_every_size() -> None:
    engine = made("openvino")
    assert engine.wants_one_shape
    with torch.inference_mode():
        for height, width in ((20, 27), (8, 8), (33, 9), (20, 27)):
            lr = photo(height, width)
            wanted, found = seeded_trunk()(lr), engine(lr, go_on)
            assert found.dtype is torch.float32
            assert found.shape == wanted.shape
            # bf16 has 8 bits; where it is not native, OpenVINO computes in float32.
            assert (found - wanted).std() < 0.02 * wanted.std()


@pytest.mark.parametrize("name", ["torch", "ncnn", "openvino"])
def test_results_do_not_change_with_the_next_run(name: EngineName) -> None:
    engine, lr = made(name), photo()
    with torch.inference_mode():
        first = engine(lr, go_on)
        kept = first.clone()
        engine(1.0 - lr, go_on)
    assert first.equal(kept)


@pytest.mark.parametrize("name", ["torch", "ncnn", "openvino"])
def test_a_check_that_raises_stops_and_the_engine_goes_on(
    name: EngineName, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, lr = made(name), photo()
    if name == "openvino":  # so small a photo is done before the first look
        from liifgan_core.render import openvino_trunk

        monkeypatch.setattr(openvino_trunk, "_CHECK_MS", 0)
        lr = photo(200, 200)
    token = CancelToken()
    token.cancel()
    with torch.inference_mode():
        wanted = engine(lr, go_on)
        with pytest.raises(Cancelled):
            engine(lr, lambda _: token.check())
        assert engine(lr, go_on).equal(wanted)


def test_signals_still_come_through_after_openvino() -> None:
    """It frees the stack for signals of the thread that it has compiled in."""
    engine, got = made("openvino"), list[int]()
    with torch.inference_mode():
        for side in (8, 9, 10, 11):
            engine(photo(side, side), go_on)
    before = signal.signal(signal.SIGINT, lambda number, _: got.append(number))
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert got == [signal.SIGINT]


def test_ncnn_that_differs_from_torch_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ncnn_trunk = pytest.importorskip(
        "liifgan_core.render.ncnn_trunk", reason="ncnn is not installed: the extra [fast]"
    )
    monkeypatch.setattr(ncnn_trunk, "LEAKY_SLOPE", 0.3)
    engine = make_engine("ncnn", seeded_trunk())
    assert isinstance(engine, TorchTrunk)
    assert "other numbers than torch" in caplog.text


@pytest.mark.parametrize("spoilt", range(9))
def test_ncnn_is_not_used_where_a_single_dense_block_differs(
    spoilt: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ncnn_trunk = pytest.importorskip(
        "liifgan_core.render.ncnn_trunk", reason="ncnn is not installed: the extra [fast]"
    )
    numbers = itertools.count()

    class Spoilt(ncnn_trunk._DenseBlock):
        def __init__(self, block: object, pools: object) -> None:
            super().__init__(block, pools)
            self.number = next(numbers)

        def __call__(self, feat_1DHW: Tensor) -> Tensor:
            found = super().__call__(feat_1DHW)
            return found + 0.1 * found.std() if self.number == spoilt else found

    monkeypatch.setattr(ncnn_trunk, "_DenseBlock", Spoilt)
    assert isinstance(make_engine("ncnn", seeded_trunk()), TorchTrunk)
    assert "other numbers than torch" in caplog.text


def test_ncnn_that_does_not_take_a_network_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ncnn_trunk = pytest.importorskip(
        "liifgan_core.render.ncnn_trunk", reason="ncnn is not installed: the extra [fast]"
    )
    monkeypatch.setattr(ncnn_trunk, "_MAGIC", 1)
    assert isinstance(make_engine("ncnn", seeded_trunk()), TorchTrunk)
    assert "ncnn did not take the network but gave the error" in caplog.text


def trunk_network() -> LIIFConfig:
    return LIIFConfig(
        encoder=EDSRConfig(num_features=8, num_blocks=1),
        structure_field=FieldConfig(order=1),
        detail_trunk=TrunkConfig(network=RRDB, unit=2.0),
        detail_field=FieldConfig(order=2, num_blocks=1, block_width=12, block_slope=0.1),
    )


@pytest.mark.parametrize("name", ["torch", "ncnn", "openvino"])
def test_a_model_under_a_trunk_draws_its_plain_formula_by_every_engine(
    name: EngineName, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(name)
    network = seeded_network(trunk_network(), seed=4)
    monkeypatch.setattr(placed_model, "engine_name", lambda *_: name)
    model = place(network)
    assert model.engine == name
    image = make_image(20, 26)
    with torch.inference_mode():
        features = network.encode(torch.from_numpy(image.rgb(WHOLE)).permute(2, 0, 1)[None])
        wanted = features.detail_BDHW
    assert wanted is not None
    found = model.encode(image.rgb(WHOLE), go_on)["detail"]
    with torch.inference_mode():
        refined = network.detail.refined(wanted)  # pyright: ignore
    limit = 0.05 if name == "openvino" else 1e-4
    assert (found - refined).abs().max() < limit * refined.abs().max()
    picture = ContinuousImage.encode(image, model)
    assert picture.render(Viewport.whole(image.size, Size(50, 65))).shape == (50, 65, 3)


def test_an_engine_with_weights_of_its_own_takes_those_of_the_network(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    made("ncnn")
    network = seeded_network(trunk_network(), seed=4)
    own = sum(p.nbytes for p in network.parameters())
    monkeypatch.setattr(placed_model, "engine_name", lambda *_: "torch")
    assert place(network).resident_bytes == 2 * own
    monkeypatch.setattr(placed_model, "engine_name", lambda *_: "ncnn")
    blocks = sum(p.nbytes for p in network.detail_encoder.blocks.parameters())  # pyright: ignore
    model = place(network)
    assert model._trunk is not None
    assert model._trunk.resident_bytes > 4 * blocks
    assert model.resident_bytes == 2 * own - blocks + model._trunk.resident_bytes


def test_the_engine_is_another_one_after_half_precision_has_failed(
    place: Place,
    make_image: MakeImage,
    use_processor: UseProcessor,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    made("ncnn")
    use_processor(ZEN4)
    monkeypatch.setattr(trunk_engines, "_is_installed", {"ncnn"}.__contains__)

    class Refusing(TorchTrunk):
        def __call__(self, lr_1CHW: Tensor, progress: Progress) -> Tensor:
            raise RuntimeError("could not create a primitive")

    def make(name: EngineName, trunk: RRDBTrunk) -> TrunkEngine:
        return Refusing(trunk) if name == "torch" else make_engine(name, trunk)

    monkeypatch.setattr(placed_model, "make_engine", make)
    model = place(seeded_network(trunk_network(), seed=4), dtype=torch.bfloat16)
    assert (model.precision, model.engine) == ("bf16", "torch")
    options = ExportOptions(format="png", software="LIIF-GAN 9")
    image = make_image(20, 26)
    report = export_image(image, tmp_path / "a.png", Size(40, 52), model, options)
    assert (report.precision, report.engine) == ("fp32", "ncnn")
    with PilImage.open(tmp_path / "a.png") as picture:
        assert "; fp32 by ncnn; " in picture.getexif()[ExifTags.Base.Software]


def test_pictures_by_openvino_are_those_of_float32_within_its_rounding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The shipped model on a trunk, x4; where bf16 is not native OpenVINO computes in float32."""
    made("openvino")
    loaded = load_weights(resource_path("weights", "liif-gan-fast.safetensors"))
    sample = read_image(resource_path("samples", "osprey.png")).samples[96:144, 100:156]
    image = Image(np.ascontiguousarray(sample))
    viewport = Viewport.whole(Size(48, 56), Size(192, 224))
    pictures: dict[str, np.ndarray] = {}
    for name, dtype in (("torch", torch.float32), ("openvino", torch.bfloat16)):
        monkeypatch.setattr(placed_model, "engine_name", lambda *_, name=name: name)
        model = PlacedModel(loaded, torch.device("cpu"), dtype)
        assert model.engine == name
        pictures[name] = 255.0 * ContinuousImage.encode(image, model).render(viewport)
    difference = np.abs(pictures["openvino"] - pictures["torch"])
    assert difference.mean() < 0.5
    assert difference.max() < 6.0


def test_a_refused_engine_is_an_error_not_another_picture(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In float32 there is nothing to fall back to."""
    network = seeded_network(trunk_network(), seed=4)
    model = place(network)

    def refuse(_lr: Tensor, _progress: Progress) -> Tensor:
        raise RuntimeError("could not create a primitive")

    monkeypatch.setattr(model, "_trunk", refuse)
    with pytest.raises(RuntimeError, match="primitive"):
        model.encode(np.zeros((8, 8, 3), np.float32), go_on)
