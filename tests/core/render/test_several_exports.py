"""Several files from one encoding: how often the encoder runs, and that nothing else changes."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from liifgan_core.errors import ImageWriteError, LiifganError
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.inspection import inspect_file
from liifgan_core.images.metadata.metadata import Metadata
from liifgan_core.images.read import read_image
from liifgan_core.losses import collected, tell
from liifgan_core.models.liif import LIIF
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.render import consistency, continuous_image, export
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.export import export_image, export_images
from liifgan_core.render.export_options import ExportOptions, ExportOrder, ExportReport
from liifgan_core.render.file_drawing import FellBackError, FileDrawing
from liifgan_core.render.invented import invented_map
from liifgan_core.render.placed_model import PlacedModel, load_model
from tests.conftest import Place
from tests.core.render.conftest import MakeImage
from tests.core.render.test_consistency import reduced, smooth

PNG = ExportOptions(format="png", software="LIIF-GAN 9")
SIZES = (Size(220, 90), Size(75, 31), Size(331, 134))


@pytest.fixture
def count_encoded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count the LR pixels that encoders are given."""
    pixels: list[int] = []
    encode = PlacedModel.encode

    def counted(self: PlacedModel, rgb_HWC: Any, *args: Any, **options: Any) -> Any:
        pixels.append(rgb_HWC.shape[0] * rgb_HWC.shape[1])
        return encode(self, rgb_HWC, *args, **options)

    monkeypatch.setattr(PlacedModel, "encode", counted)

    def taken() -> int:
        total = sum(pixels)
        pixels.clear()
        return total

    return taken


def orders(folder: Path, options: ExportOptions = PNG) -> list[ExportOrder]:
    return [ExportOrder(folder / f"{size}.png", size, options) for size in SIZES]


@pytest.mark.parametrize("is_kept", [True, False])
def test_further_files_cost_no_encoding_and_are_the_same(
    is_kept: bool,
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    count_encoded: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    image, model = make_image(300, 120), place(detail_network)
    if not is_kept:  # too large for the features: encoded on the way
        monkeypatch.setattr(export, "feature_bytes", lambda *_, **__: 1 << 20)
        assert image.size.num_pixels * model.feature_bytes > 1 << 20
    single: list[int] = []
    for order in orders(tmp_path / "single"):
        export_image(image, order.target, order.size, model, order.options)
        single.append(count_encoded())
    reports = export_images(image, orders(tmp_path / "all"), model)
    assert all(isinstance(report, ExportReport) for report in reports)
    assert count_encoded() == single[0] == single[1] == single[2]
    for size in SIZES:
        alone = read_image(tmp_path / "single" / f"{size}.png").samples
        beside = read_image(tmp_path / "all" / f"{size}.png").samples
        # Bands of other heights may round the last bit another way.
        assert np.abs(alone.astype(int) - beside).max() <= (0 if is_kept else 1)


def test_only_the_first_report_has_the_encoding(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    reports = export_images(make_image(40, 30), orders(tmp_path), place(tiny_network))
    seconds = [report.encoding_s for report in reports if isinstance(report, ExportReport)]
    assert len(seconds) == 3
    assert seconds[0] > 0
    assert seconds[1:] == [0.0, 0.0]


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_file_that_fails_leaves_the_others(
    is_kept: bool,
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    if not is_kept:
        monkeypatch.setattr(export, "feature_bytes", lambda *_, **__: 1 << 16)
    asked = orders(tmp_path)
    asked[1].target.write_text("mine")

    def refuse(_num_bytes: int, _sha256: str) -> None:
        raise ImageWriteError("the disk is full")

    asked[2] = dataclasses.replace(asked[2], before_naming=refuse)
    reports = export_images(make_image(300, 120), asked, place(tiny_network))
    assert isinstance(reports[0], ExportReport)
    assert "exists already" in str(reports[1])
    assert str(reports[2]) == "the disk is full"
    assert asked[1].target.read_text() == "mine"
    assert set(tmp_path.iterdir()) == {asked[0].target, asked[1].target}


@pytest.mark.parametrize("is_kept", [True, False])
def test_cancelling_leaves_only_what_is_complete(
    is_kept: bool,
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    if not is_kept:
        monkeypatch.setattr(export, "feature_bytes", lambda *_, **__: 1 << 16)
    monkeypatch.setattr(continuous_image, "_BAND_BYTES", 20_000)
    cancel = CancelToken()
    seen: list[float] = []

    def stop(fraction: float) -> None:
        seen.append(fraction)
        if fraction > 0.6:
            cancel.cancel()

    with pytest.raises(Cancelled):
        export_images(
            make_image(300, 120),
            orders(tmp_path),
            place(tiny_network),
            progress=stop,
            cancel=cancel,
        )
    assert seen == sorted(seen)
    complete = {path.name for path in tmp_path.iterdir()}
    assert complete <= {f"{SIZES[0]}.png", f"{SIZES[1]}.png"}
    assert not complete or is_kept


def test_both_precisions_are_drawn_where_depths_ask_for_them(
    tiny_weights: Path,
    make_image: MakeImage,
    count_encoded: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    assert tiny_weights.exists()
    model = load_model("tiny", device="cpu", precision="auto", resolved="bf16")
    deep = dataclasses.replace(PNG, bit_depth=16)
    asked = [
        ExportOrder(tmp_path / "a.png", SIZES[0], PNG),
        ExportOrder(tmp_path / "b.png", SIZES[0], deep),
    ]
    first, second = export_images(make_image(30, 20), asked, model)
    assert isinstance(first, ExportReport)
    assert isinstance(second, ExportReport)
    assert (first.precision, second.precision) == ("bf16", "fp32")
    assert count_encoded() == 2 * 30 * 20


def test_a_format_of_light_beside_another_keeps_it(
    tiny_network: LIIF, place: Place, tmp_path: Path
) -> None:
    samples = np.full((6, 6, 3), 0.5, np.float32)
    image = Image(samples, alpha=np.zeros((6, 6), np.float32), is_premultiplied=True)
    asked = [
        ExportOrder(tmp_path / "a.exr", Size(12, 12), ExportOptions(format="exr")),
        ExportOrder(tmp_path / "b.png", Size(12, 12), PNG),
    ]
    model = place(tiny_network)
    export_images(image, asked, model)
    export_image(image, tmp_path / "alone.exr", Size(12, 12), model, ExportOptions(format="exr"))
    alone, beside = (read_image(tmp_path / name) for name in ("alone.exr", "a.exr"))
    np.testing.assert_array_equal(alone.samples, beside.samples)


def test_the_map_is_what_the_view_shows(
    detail_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image, model, size = make_image(20, 16), place(detail_network), Size(50, 40)
    photo = dataclasses.replace(image, metadata=Metadata(dpi=72.0))
    options = dataclasses.replace(PNG, detail=0.5, shows="invented")
    export_image(photo, tmp_path / "map.png", size, model, options)
    picture = ContinuousImage.encode(image, model)
    tile = picture.render_tile(Viewport.whole(image.size, size), Tile(0, 0, 50, 40))
    assert tile.detail is not None
    blended = (tile.blend(0.5) * 255 + 0.5).astype(np.uint8)
    expected = invented_map(blended, tile.detail, 0.5)
    stored = read_image(tmp_path / "map.png")
    np.testing.assert_array_equal(stored.samples, expected)
    [said] = inspect_file(tmp_path / "map.png").enlarged
    assert said.shows == "invented"
    assert stored.metadata.dpi is None


def test_a_model_without_detail_has_no_map(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    options = dataclasses.replace(PNG, shows="invented")
    with pytest.raises(LiifganError, match="'tiny' has no detail layer, so there is no map"):
        export_image(
            make_image(9, 9), tmp_path / "a.png", Size(18, 18), place(tiny_network), options
        )
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "tiff", "avif", "jxl"])
def test_every_result_says_what_was_done(
    format: str, detail_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    options = dataclasses.replace(PNG, format=format, detail=0.5)
    export_image(make_image(11, 13), tmp_path / "a", Size(30, 40), place(detail_network), options)
    found = inspect_file(tmp_path / "a")
    [said] = found.enlarged
    assert (said.program, said.model, said.detail, said.precision) == (
        "LIIF-GAN 9",
        "tiny",
        0.5,
        "fp32",
    )
    assert (said.factor_across, said.factor_down) == (round(40 / 13, 6), round(30 / 11, 6))
    assert (said.source_width, said.source_height) == (13, 11)
    assert (said.consistent, said.shows) == (None, "picture")
    assert found.digital_source_type == "compositeWithTrainedAlgorithmicMedia"


@pytest.mark.parametrize(
    ("detail", "kind"),
    [(0.0, "algorithmicallyEnhanced"), (0.1, "compositeWithTrainedAlgorithmicMedia")],
)
def test_the_source_type_follows_from_what_was_invented(
    detail: float,
    kind: str,
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    tmp_path: Path,
) -> None:
    options = ExportOptions(format="png", detail=detail)
    export_image(make_image(9, 9), tmp_path / "a", Size(18, 18), place(detail_network), options)
    found = inspect_file(tmp_path / "a")
    assert found.digital_source_type == kind
    assert found.enlarged == ()  # no program is named


@pytest.mark.parametrize("format", ["png", "tiff", "webp"])
@pytest.mark.parametrize("is_kept", [True, False])
def test_a_consistent_result_gives_its_photo_back_and_says_so(
    format: str,
    is_kept: bool,
    tmp_path: Path,
    air_weights: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert air_weights.exists()
    if not is_kept:
        monkeypatch.setattr(export, "feature_bytes", lambda *_, **__: 1 << 16)
    y, x = np.mgrid[:120, :50]
    gray = 128 + 60 * np.sin(x / 5) * np.cos(y / 7)
    image = Image(np.repeat(gray[..., None], 3, 2).astype(np.uint8))
    model = load_model("tiny-air", device="cpu", precision="fp32")
    options = dataclasses.replace(PNG, format=format, quality=100 if format == "webp" else None)
    consistent = dataclasses.replace(options, is_consistent=True, detail=0.05)
    report = export_image(image, tmp_path / "a", Size(300, 125), model, consistent)
    assert report.consistent == "full"
    assert report.consistent_error is not None
    assert report.consistent_error <= 0.5
    [said] = inspect_file(tmp_path / "a").enlarged
    assert (said.consistent, said.consistent_error) == ("full", report.consistent_error)
    if format != "webp":  # lossless: measured by another hand
        stored = read_image(tmp_path / "a").samples.astype(np.float32) / np.float32(255)
        back = reduced(stored, image.size) * 255
        assert np.abs(back - image.samples).mean() == pytest.approx(
            report.consistent_error, abs=2e-3
        )
    assert {path.name for path in tmp_path.iterdir()} == {"a"}


def test_clean_up_models_promise_low_frequencies_only(
    air_weights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # The tiny model is no upscaler at all; how near results come is tested with pictures.
    monkeypatch.setattr(consistency, "LIMIT", 255.0)
    model = load_model(str(air_weights), device="cpu", precision="fp32")
    model.info = msgspec.structs.replace(model.info, purpose="clean-up")
    image = Image((smooth(Size(60, 60)) * 255).astype(np.uint8))
    options = dataclasses.replace(PNG, is_consistent=True, detail=0.05)
    report = export_image(image, tmp_path / "a.png", Size(120, 120), model, options)
    assert report.consistent == "low frequencies"
    [said] = inspect_file(tmp_path / "a.png").enlarged
    assert said.consistent == "low frequencies"


def test_a_promise_that_is_not_kept_leaves_no_file(
    tiny_network: LIIF, place: Place, tmp_path: Path
) -> None:
    samples = np.zeros((20, 20, 3), np.uint8)
    samples[::2] = 255
    options = dataclasses.replace(PNG, is_consistent=True)
    with pytest.raises(LiifganError, match="could not be made consistent"):
        export_image(Image(samples), tmp_path / "a.png", Size(40, 40), place(tiny_network), options)
    with pytest.raises(LiifganError, match="smaller than its photo"):
        export_image(Image(samples), tmp_path / "a.png", Size(40, 10), place(tiny_network), options)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("is_kept", [True, False])
def test_each_file_tells_what_it_has_lost(
    is_kept: bool,
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    if not is_kept:  # drawn side by side
        monkeypatch.setattr(export, "feature_bytes", lambda *_, **__: 1 << 16)
    with collected() as read:
        tell("pictures", file="a.gif", amount="2", used="first")
    alpha = np.full((40, 30), 100, np.uint8)
    image = dataclasses.replace(make_image(40, 30), alpha=alpha, losses=tuple(read))
    jpeg, png, other = (tmp_path / name for name in ("a.jpg", "b.png", "c.jpg"))
    asked = [
        ExportOrder(target, Size(80, 60), ExportOptions(format=format_name))
        for target, format_name in ((jpeg, "jpeg"), (png, "png"), (other, "jpeg"))
    ]
    with collected() as outside:
        reports = export_images(image, asked, place(tiny_network))
    assert outside == []
    told = [report.losses for report in reports if isinstance(report, ExportReport)]
    assert [losses[0] for losses in told] == [*read] * 3
    assert [[(loss.code, loss.values["file"]) for loss in losses[1:]] for losses in told] == [
        [("transparency", str(jpeg))],
        [],
        [("transparency", str(other))],
    ]


def test_what_is_begun_anew_is_told_once(
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    image = dataclasses.replace(make_image(40, 30), alpha=np.full((40, 30), 100, np.uint8))
    begun: list[FileDrawing] = []
    step = FileDrawing.step

    def falls_back(drawing: FileDrawing) -> bool:
        is_complete = step(drawing)
        begun.append(drawing)
        if len(begun) == 1:
            raise FellBackError
        return is_complete

    monkeypatch.setattr(FileDrawing, "step", falls_back)
    order = ExportOrder(tmp_path / "a.jpg", Size(600, 450), ExportOptions(format="jpeg"))
    [report] = export_images(image, [order], place(tiny_network))
    assert isinstance(report, ExportReport)
    assert begun[0] is not begun[-1]
    assert [loss.code for loss in report.losses] == ["transparency"]
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert [record.message for record in warnings] == [report.losses[0].message]


def test_light_without_opacity_is_lost_of_pictures_not_of_maps(
    detail_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image = dataclasses.replace(
        make_image(40, 30), alpha=np.full((40, 30), 100, np.uint8), is_premultiplied=True
    )
    asked = [
        ExportOrder(tmp_path / name, Size(80, 60), options)
        for name, options in (
            ("a.exr", ExportOptions(format="exr")),
            ("b.png", PNG),
            ("c.png", dataclasses.replace(PNG, shows="invented")),
        )
    ]
    reports = export_images(image, asked, place(detail_network))
    assert [
        [loss.code for loss in report.losses]
        for report in reports
        if isinstance(report, ExportReport)
    ] == [[], ["light-without-opacity"], []]
