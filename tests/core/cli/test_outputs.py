"""Several results of one photo on the command line, and what files say of themselves."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PilImage

from liifgan_core.batch.manifest import MANIFEST_NAME
from liifgan_core.images.read import read_image
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.weights.registry import file_sha256
from tests.core.cli.conftest import Run, names, results, save_photo

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def encodings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each tile that is encoded."""
    found: list[int] = []
    encode = PlacedModel.encode

    def counted(self: PlacedModel, rgb_HWC: Any, *args: Any, **options: Any) -> Any:
        found.append(rgb_HWC.size)
        return encode(self, rgb_HWC, *args, **options)

    monkeypatch.setattr(PlacedModel, "encode", counted)
    return found


@pytest.mark.usefixtures("tiny_weights")
def test_sizes_are_given_several_times_and_cost_one_encoding(
    run: Run, folder: Path, encodings: list[int]
) -> None:
    sizes = ("--scale", "2", "--scale", "3.5", "--size", "20x30", "--long-edge", "7")
    result = run("upscale", "photo.png", "-o", "out/", *sizes, "--json")
    assert (result.status, result.err) == (0, "")
    assert len(encodings) == 1
    sizes_there = {"photo_24x20.png", "photo_42x35.png", "photo_20x30.png", "photo_7x6.png"}
    assert results(folder / "out") == sizes_there
    records = [json.loads(line) for line in result.out.splitlines()]
    assert {Path(record["output"]).name for record in records} == sizes_there
    assert [record["encoding_s"] > 0 for record in records] == [True, False, False, False]
    assert [record["factor_across"] for record in records] == [2.0, 3.5, 1.666667, 0.583333]
    for record in records:
        with PilImage.open(record["output"]) as picture:
            assert picture.size == (record["width"], record["height"])


@pytest.mark.usefixtures("tiny_weights")
def test_presets_name_files(run: Run, folder: Path, data_dir: Path) -> None:
    (data_dir / "config").mkdir()
    (data_dir / "config" / "presets.toml").write_text(
        '[shop]\nfront = { long-edge = 24 }\nsheet = { print = "10x10cm@10" }\n'
    )
    template = "{stem}-{preset}-by-{model}-x{factor}"
    result = run("upscale", "photo.png", "-o", "out/", "--preset", "shop", "--name", template)
    assert (result.status, result.err) == (0, "")
    assert results(folder / "out") == {
        "photo-front-by-tiny-x2.png",
        "photo-sheet-by-tiny-x3.25x3.3.png",
    }
    dpi = read_image(folder / "out" / "photo-sheet-by-tiny-x3.25x3.3.png").metadata.dpi
    assert dpi == pytest.approx(10, abs=0.1)


@pytest.mark.usefixtures("tiny_weights")
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("-o", "out/", "--scale", "2", "--scale", "3", "--name", "{stem}"),
            "one name; add one of",
        ),
        (("-o", "a.png", "--scale", "2", "--scale", "3"), "one file for 2 sizes"),
        (("-o", "out/", "--scale", "2", "--name", "{stem}{preset}"), "not all sizes come from one"),
        (("-o", "out/", "--scale", "2", "--invented-map"), "has no detail layer"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_done(
    options: tuple[str, ...], told: str, run: Run, folder: Path
) -> None:
    result = run("upscale", "photo.png", *options)
    assert result.status == 2
    assert told in result.err
    assert names(folder) == {"photo.png"}


@pytest.mark.usefixtures("tiny_weights")
def test_a_batch_goes_on_with_the_sizes_that_are_missing(
    run: Run, folder: Path, encodings: list[int]
) -> None:
    (folder / "in").mkdir()
    for name in ("a.png", "b.png"):
        save_photo(folder / "in" / name, 8, 6)
    options = ("in", "-r", "-o", "out", "--scale", "2", "--width", "20")
    assert run("upscale", *options).status == 0
    assert len(encodings) == 2
    wanted = {f"{stem}_{size}.png" for stem in "ab" for size in ("16x12", "20x15")}
    assert names(folder / "out") == {*wanted, MANIFEST_NAME}
    (folder / "out" / "b_20x15.png").unlink()
    again = run("upscale", *options, "--resume")
    assert again.status == 0
    assert again.out.splitlines()[0].startswith("in/b.png -> out/b_20x15.png: 20x15 in ")
    assert again.out.splitlines()[1] == (
        "1 done, 1 skipped because their results are there, 0 failed"
    )
    assert len(encodings) == 3
    whole = run("upscale", *options, "--resume")
    assert whole.out == "0 done, 2 skipped because their results are there, 0 failed\n"


@pytest.mark.usefixtures("detail_weights")
def test_a_map_of_what_was_invented_is_written_beside_each(run: Run, folder: Path) -> None:
    sizes = ("--scale", "2", "--scale", "3")
    result = run("upscale", "photo.png", "-o", "out/", *sizes, "--format", "jpeg", "--invented-map")
    assert (result.status, result.err) == (0, "")
    assert results(folder / "out") == {
        *("photo_24x20.jpg", "photo_24x20_invented.png"),
        *("photo_36x30.jpg", "photo_36x30_invented.png"),
    }
    told = run("inspect", folder / "out" / "photo_24x20_invented.png")
    assert "a map of what was invented, no picture" in told.out


def test_inspect_tells_what_was_done(run: Run, folder: Path, detail_weights: Path) -> None:
    for name in ("png", "jpeg", "webp", "tiff", "avif", "jxl"):
        options = ("--scale", "3", "--detail", "0.5", "--format", name)
        assert run("upscale", "photo.png", "-o", f"out/{name}/", *options).status == 0
    files = sorted((folder / "out").glob("*/*"))
    assert len(files) == 6
    result = run("inspect", *files, "--json")
    assert (result.status, result.err) == (0, "")
    for line, path in zip(result.out.splitlines(), files, strict=True):
        record = json.loads(line)
        assert record["file"] == str(path)
        assert record["format"] == path.parent.name
        assert record["carries_xmp"]
        assert record["digital_source_type"] == "compositeWithTrainedAlgorithmicMedia"
        [entry] = record["enlarged"]
        assert entry["model"] == "tiny-detail"
        assert entry["model_sha256"] == file_sha256(detail_weights)
        assert (entry["factor_across"], entry["factor_down"], entry["detail"]) == (3.0, 3.0, 0.5)
        assert entry["program"].startswith("LIIF-GAN ")
    told = run("inspect", files[0]).out.splitlines()
    assert told[0].endswith("that was enlarged by a model")
    assert told[1].startswith("  x3 from 12x10 by tiny-detail (SHA-256 ")
    assert "detail 0.5" in told[1]
    assert told[2] == "  digital source type: compositeWithTrainedAlgorithmicMedia"


@pytest.mark.usefixtures("tiny_weights")
def test_inspect_says_where_nothing_can_be_known(run: Run, folder: Path) -> None:
    assert run("upscale", "photo.png", "-o", "a.bmp", "--scale", "2").status == 0
    (folder / "no.png").write_bytes(b"x")
    result = run("inspect", "a.bmp", "photo.png", "no.png", "gone.png")
    assert result.status == 1
    assert result.out.splitlines() == [
        "a.bmp: BMP does not carry what is read here, nor do EXR, BMP, GIF, PPM: nothing is known",
        "photo.png: PNG that does not say that LIIF-GAN has enlarged it",
    ]
    assert len(result.errors) == 2
    stripped = run("upscale", "photo.png", "-o", "b.png", "--scale", "2", "--strip-metadata")
    assert stripped.status == 0
    assert "does not say" in run("inspect", "b.png").out


@pytest.mark.usefixtures("tiny_weights")
def test_a_consistent_result_is_told_with_its_error(run: Run, folder: Path) -> None:
    PilImage.new("RGB", (30, 20), (90, 120, 150)).save(folder / "flat.png")
    result = run("upscale", "flat.png", "-o", "a.png", "--scale", "2.3", "--consistent")
    assert (result.status, result.err) == (0, "")
    assert "consistent within 0." in result.out
    assert "reduced, it gives its photo back within 0." in run("inspect", "a.png").out
    smaller = run("upscale", "flat.png", "-o", "b.png", "--scale", "0.5", "--consistent")
    assert smaller.status == 1
    assert "smaller than its photo" in smaller.err
