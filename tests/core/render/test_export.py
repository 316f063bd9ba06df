import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.models.liif import LIIF
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.render import continuous_image, encoded_tiles, export
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.export import ExportOptions, export_image
from tests.conftest import Place
from tests.core.render.conftest import MakeImage, WrappedDecoder, wrap_decoders

PNG = ExportOptions(format="png")
LR = Size(11, 13)


@pytest.fixture(autouse=True)
def short_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(continuous_image, "_BAND_BYTES", 5000)


@pytest.mark.parametrize("size", [Size(40, 48), Size(11, 13), Size(5, 60), Size(1, 1)])
@pytest.mark.parametrize(("format", "bit_depth"), [("png", 8), ("png", 16), ("tiff", 16)])
def test_the_file_holds_the_rendered_pixels_rounded(
    size: Size,
    format: str,
    bit_depth: int,
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    tmp_path: Path,
) -> None:
    image, model, path = make_image(11, 13), place(detail_network), tmp_path / "result"
    options = ExportOptions(format=format, bit_depth=bit_depth, detail=0.5)
    report = export_image(image, path, size, model, options)
    parts = report.encoding_s, report.rendering_s, report.writing_s
    assert min(parts) > 0.0
    assert sum(parts) == pytest.approx(report.seconds)
    assert report.precision == "fp32"
    stored = read_image(path)
    assert stored.size == size
    assert stored.bit_depth == bit_depth
    rendered = ContinuousImage.encode(image, model).render(Viewport.whole(LR, size), detail=0.5)
    full = 2**bit_depth - 1
    difference = np.abs(stored.samples.astype(float) - rendered * full)
    assert difference.max() <= 0.5 + full * 2e-6


@pytest.mark.parametrize("format", ["jpeg", "webp"])
def test_lossy_formats_have_the_asked_size_and_nearly_the_pixels(
    format: str, tiny_network: LIIF, place: Place, tmp_path: Path
) -> None:
    ramp = np.linspace(0, 255, 13, dtype=np.uint8)[None, :, None].repeat(11, 0).repeat(3, 2)
    image, path, size = Image(ramp), tmp_path / "result", Size(40, 48)
    options = ExportOptions(format=format, quality=100)
    model = place(tiny_network)
    export_image(image, path, size, model, options)
    stored = read_image(path)
    assert (stored.source_format, stored.size) == (format, size)
    rendered = ContinuousImage.encode(image, model).render(Viewport.whole(LR, size))
    assert np.abs(stored.samples / 255 - rendered).mean() < 0.03


def test_alpha_is_resampled_along(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    alpha = np.zeros((11, 13), np.uint8)
    alpha[:, 7:] = 255
    image = dataclasses.replace(make_image(11, 13), alpha=alpha)
    export_image(image, tmp_path / "a.png", Size(44, 52), place(tiny_network), PNG)
    stored = read_image(tmp_path / "a.png").alpha
    assert stored is not None
    assert stored.shape == (44, 52)
    assert (stored[:, :24] == 0).all()
    assert (stored[:, 32:] == 255).all()
    assert (np.diff(stored[0].astype(int))[24:31] >= 0).all()


def test_opaque_alpha_stays_an_opaque_channel(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image = dataclasses.replace(make_image(11, 13), has_opaque_alpha=True)
    export_image(image, tmp_path / "a.png", Size(20, 20), place(tiny_network), PNG)
    assert read_image(tmp_path / "a.png").has_opaque_alpha


def test_opaque_alpha_in_a_format_without_is_no_loss_and_no_warning(
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    image = dataclasses.replace(make_image(11, 13), has_opaque_alpha=True)
    options = ExportOptions(format="jpeg")
    export_image(image, tmp_path / "a.jpg", Size(20, 20), place(tiny_network), options)
    assert not caplog.records


def test_progress_runs_from_zero_to_one_and_never_back(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    seen: list[float] = []
    model = place(tiny_network)
    export_image(
        make_image(11, 13), tmp_path / "a.png", Size(60, 70), model, PNG, progress=seen.append
    )
    assert len(seen) > 5
    assert seen == sorted(seen)
    assert 0 <= seen[0] < 0.5
    assert seen[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("step", ["encode", "add_colour"])
def test_a_file_that_half_precision_fails_in_is_begun_anew_and_says_so(
    step: str,
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Half way, so that the first rows are there already."""
    image, size = make_image(40, 13), Size(160, 52)
    options = ExportOptions(format="png", software="LIIF-GAN 9", detail=0.5)
    export_image(image, tmp_path / "exact.png", size, place(detail_network), options)
    model = place(detail_network, dtype=torch.bfloat16)
    seen: list[float] = []

    def refuse_later(*_: object, **__: object) -> None:
        if model.dtype is torch.bfloat16 and seen and seen[-1] > 0.5:
            raise RuntimeError("could not create a primitive")

    if step == "encode":
        monkeypatch.setattr(encoded_tiles, "TILE", 8)
        monkeypatch.setattr(encoded_tiles, "LOWEST_TILE", 4)
        monkeypatch.setattr(export, "feature_bytes", lambda *_, **__: 1000)  # encoded on the way
        encoded = model._encoded
        monkeypatch.setattr(model, "_encoded", lambda *a: refuse_later() or encoded(*a))
    else:
        wrap_decoders(model, lambda inner, _: WrappedDecoder(inner, refuse_later), monkeypatch)
    report = export_image(image, tmp_path / "a.png", size, model, options, progress=seen.append)
    assert (report.precision, report.engine) == ("fp32", "torch")
    parts = report.encoding_s, report.rendering_s, report.writing_s
    assert min(parts) > 0.0
    assert sum(parts) == pytest.approx(report.seconds)
    assert seen == sorted(set(seen))
    assert seen[-1] == pytest.approx(1.0)
    found, wanted = read_image(tmp_path / "a.png"), read_image(tmp_path / "exact.png")
    assert np.abs(found.samples.astype(int) - wanted.samples).max() <= 1
    assert found.metadata == wanted.metadata
    assert found.metadata.exif is not None
    assert b"; fp32 by torch; " in found.metadata.exif


@pytest.mark.parametrize("error", [KeyboardInterrupt, Cancelled, ZeroDivisionError])
def test_an_interrupted_export_leaves_nothing(
    error: type[BaseException],
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    tmp_path: Path,
) -> None:
    def stop(fraction: float) -> None:
        if fraction > 0.4:
            raise error

    with pytest.raises(error):
        export_image(
            make_image(11, 13),
            tmp_path / "a.png",
            Size(60, 70),
            place(tiny_network),
            PNG,
            progress=stop,
        )
    assert not list(tmp_path.iterdir())


def test_a_cancelled_token_leaves_nothing(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        export_image(
            make_image(11, 13),
            tmp_path / "a.png",
            Size(60, 70),
            place(tiny_network),
            PNG,
            cancel=token,
        )
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_kept_unless_told_otherwise(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    path, model = tmp_path / "a.png", place(tiny_network)
    path.write_text("mine")
    with pytest.raises(ImageWriteError, match="exists already"):
        export_image(make_image(11, 13), path, Size(20, 20), model, PNG)
    assert path.read_text() == "mine"
    options = ExportOptions(format="png", overwrite=True)
    export_image(make_image(11, 13), path, Size(20, 20), model, options)
    assert read_image(path).size == Size(20, 20)
