import errno
import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.images.read import read_image
from liifgan_core.render import continuous_image
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.devices import PRECISION_VARIABLE
from tests.core.cli.conftest import Run, names, results, save_photo

pytestmark = pytest.mark.usefixtures("tiny_weights", "folder")


@pytest.mark.parametrize(
    ("rule", "size"),
    [
        (["--scale", "3.7"], (44, 37)),
        (["--scale", "0.5"], (6, 5)),
        (["--width", "30"], (30, 25)),
        (["--height", "30"], (36, 30)),
        (["--size", "31x7"], (31, 7)),
        (["--long-edge", "60"], (60, 50)),
        (["--megapixels", "0.0012"], (38, 32)),
    ],
)
def test_every_size_rule_gives_exactly_its_size(
    rule: list[str], size: tuple[int, int], run: Run
) -> None:
    result = run("upscale", "photo.png", "-o", "out.png", *rule)
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith(f"photo.png -> out.png: {size[0]}x{size[1]} in ")
    assert re.search(r" on cpu \((fp32|bf16)\) with tiny", result.out)
    with PilImage.open("out.png") as picture:
        assert picture.size == size


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([], "there is none"),
        (["--scale", "2", "--width", "9"], "out.png is one file for 2 sizes; name a folder"),
        (["--size", "2x2", "--preset", "all"], "out.png is one file for 4 sizes"),
        (["--preset", "poster"], "there is no preset 'poster'; there are web"),
    ],
)
def test_one_file_takes_exactly_one_size(
    rules: list[str], told: str, run: Run, folder: Path
) -> None:
    result = run("upscale", "photo.png", "-o", "out.png", *rules)
    assert result.status == 2
    assert told in result.err
    assert names(folder) == {"photo.png"}


@pytest.mark.parametrize(
    "options",
    [
        ["--scale", "0"],
        ["--scale", "-1"],
        ["--scale", "nan"],
        ["--scale", "inf"],
        ["--scale", "big"],
        ["--width", "0"],
        ["--width", "1.5"],
        ["--width", "9" * 400],
        ["--width", "9" * 5000],
        ["--size", "20"],
        ["--size", "0x5"],
        ["--size", "200000x5"],
        ["--scale", "2", "--model", "nope"],
        ["--scale", "2", "--model", "nope.safetensors"],
        ["--scale", "2", "--model", "photo.png"],
        ["--scale", "2", "--device", "abacus"],
        ["--scale", "2", "--precision", "int8"],
        ["--scale", "2", "--detail", "-0.1"],
        ["--scale", "2", "--detail", "2.1"],
        ["--scale", "2", "--detail", "nan"],
        ["--scale", "2", "--format", "xyz"],
        ["--scale", "2", "--bit-depth", "11"],
        ["--scale", "2", "--quality", "0", "--format", "jpeg"],
        ["--scale", "2", "--unknown"],
    ],
    ids=lambda options: " ".join(options)[:40],
)
def test_wrong_use_is_told_before_anything_is_done(
    options: list[str], run: Run, folder: Path
) -> None:
    result = run("upscale", "photo.png", "-o", "out.png", *options)
    assert result.status == 2
    assert result.err
    assert "Traceback" not in result.err
    assert names(folder) == {"photo.png"}


@pytest.mark.parametrize("output", ["out.heic2", "out.xyz"])
def test_an_unknown_ending_is_wrong_use(output: str, run: Run, folder: Path) -> None:
    result = run("upscale", "photo.png", "-o", output, "--scale", "2")
    assert result.status == 2
    assert "end it with one of .png" in result.err
    assert names(folder) == {"photo.png"}


def test_failed_files_are_told_in_one_line_each_and_the_others_are_done(
    run: Run, folder: Path
) -> None:
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("hello")
    (folder / "cut.png").write_bytes((folder / "photo.png").read_bytes()[:200])
    (folder / "sub").mkdir()
    save_photo(folder / "last.png", 5, 4)
    bad = ["empty.png", "text.png", "missing.png", "cut.png", "sub"]
    result = run("upscale", "photo.png", *bad, "last.png", "-o", "out", "--scale", "2")
    assert result.status == 1
    assert len(result.errors) == len(bad)
    for line, name in zip(result.errors, bad, strict=True):
        assert line.startswith(f"liifgan: {name}")
    assert results(folder / "out") == {"photo_24x20.png", "last_10x8.png"}


def test_a_short_name_is_named_even_if_it_occurs_in_the_message(run: Run, folder: Path) -> None:
    (folder / "photo.png").rename("a")
    result = run("upscale", "a", "-o", "out.png", "--scale", "1e9")
    assert result.status == 1
    assert result.err.startswith("liifgan: a: ")


@pytest.mark.parametrize("rule", [["--scale", "1e6"], ["--scale", "1e8"], ["--megapixels", "1e9"]])
def test_absurd_sizes_fail_at_once_with_a_short_line(
    rule: list[str], run: Run, folder: Path
) -> None:
    result = run("upscale", "photo.png", "-o", "out.png", *rule)
    assert result.status == 1
    assert "at most 100000 are possible" in result.err
    assert len(result.err) < 250
    assert names(folder) == {"photo.png"}


def test_a_format_that_cannot_hold_the_size_is_told_at_once(run: Run) -> None:
    result = run("upscale", "photo.png", "-o", "out.webp", "--width", "20000")
    assert result.status == 1
    assert "WEBP holds at most 16,383" in result.err


def test_an_existing_result_is_kept_unless_told_otherwise(run: Run, folder: Path) -> None:
    (folder / "out.png").write_text("mine")
    result = run("upscale", "photo.png", "-o", "out.png", "--scale", "2")
    assert result.status == 1
    assert "out.png exists already" in result.err
    assert (folder / "out.png").read_text() == "mine"
    assert run("upscale", "photo.png", "-o", "out.png", "--scale", "2", "--overwrite").status == 0
    assert read_image("out.png").size.width == 24


@pytest.mark.parametrize("output", ["photo.png", "./photo.png", "link.png"])
@pytest.mark.parametrize("options", [[], ["--overwrite"]])
def test_the_input_is_never_overwritten(
    output: str, options: list[str], run: Run, folder: Path
) -> None:
    os.link(folder / "photo.png", folder / "link.png")
    before = (folder / "photo.png").read_bytes()
    result = run("upscale", "photo.png", "-o", output, "--scale", "2", *options)
    assert result.status == 1
    assert "source image itself" in result.err
    assert (folder / "photo.png").read_bytes() == before


def test_no_other_input_is_overwritten_either(run: Run, folder: Path) -> None:
    save_photo(folder / "photo_24x20.png", 3, 3)
    before = (folder / "photo_24x20.png").read_bytes()
    result = run(
        "upscale", "photo.png", "photo_24x20.png", "-o", ".", "--scale", "2", "--overwrite"
    )
    assert result.status == 1
    assert (folder / "photo_24x20.png").read_bytes() == before


@pytest.mark.parametrize("options", [[], ["--overwrite"]])
def test_two_inputs_never_share_one_result(options: list[str], run: Run, folder: Path) -> None:
    for sub in ("a", "b"):
        (folder / sub).mkdir()
    save_photo(folder / "a" / "x.png", 4, 4)
    PilImage.new("RGB", (4, 4)).save(folder / "b" / "x.png")
    result = run("upscale", "a/x.png", "b/x.png", "-o", "out", "--scale", "2", *options)
    first = read_image("out/x_8x8.png").samples
    assert result.status == 1
    assert result.errors[-1].startswith("liifgan: b/x.png")
    assert first.std() > 0


def test_results_in_a_folder_are_called_after_input_and_size(run: Run, folder: Path) -> None:
    save_photo(folder / "other.tiff", 6, 5)
    result = run("upscale", "photo.png", "other.tiff", "-o", "new/out", "--scale", "2")
    assert result.status == 0
    assert results(folder / "new" / "out") == {"photo_24x20.png", "other_12x10.tif"}


def test_the_format_may_be_chosen_for_a_folder(run: Run, folder: Path) -> None:
    result = run("upscale", "photo.png", "-o", "out/", "--scale", "2", "--format", "jpeg")
    assert result.status == 0
    assert results(folder / "out") == {"photo_24x20.jpg"}


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_json_is_one_record_per_file_that_was_done(
    precision: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PRECISION_VARIABLE, precision)
    save_photo(folder / "b.png", 5, 4)
    result = run("upscale", "photo.png", "no.png", "b.png", "-o", "out", "--scale", "3", "--json")
    assert result.status == 1
    records = [json.loads(line) for line in result.out.splitlines()]
    for record in records:
        parts = [
            record.pop(f"{part}_s") for part in ("reading", "encoding", "rendering", "writing")
        ]
        assert min(parts) >= 0.0
        assert record.pop("losses") == []
        assert sum(parts) == pytest.approx(record.pop("seconds"), abs=0.003)
    plain = {"preset": "", "shows": "picture", "consistent": None, "consistent_error": None}
    assert records == [
        {
            "input": "photo.png",
            "output": "out/photo_36x30.png",
            "width": 36,
            "height": 30,
            "device": "cpu",
            "precision": precision,
            "engine": "torch",
            "model": "tiny",
            "detail_mask": None,
            "geometry": None,
            "factor_across": 3.0,
            "factor_down": 3.0,
            **plain,
        },
        {
            "input": "b.png",
            "output": "out/b_15x12.png",
            "width": 15,
            "height": 12,
            "device": "cpu",
            "precision": precision,
            "engine": "torch",
            "model": "tiny",
            "detail_mask": None,
            "geometry": None,
            "factor_across": 3.0,
            "factor_down": 3.0,
            **plain,
        },
    ]


def test_a_render_that_is_interrupted_leaves_nothing_and_gives_130(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(continuous_image, "_BAND_BYTES", 2000)
    render_bands = ContinuousImage.render_bands

    def interrupted(self: ContinuousImage, *args: object, **options: object) -> object:
        for number, band in enumerate(render_bands(self, *args, **options)):
            if number == 2:
                assert results(folder / "out") == set()
                raise KeyboardInterrupt
            yield band

    monkeypatch.setattr(ContinuousImage, "render_bands", interrupted)
    save_photo(folder / "b.png")
    result = run("upscale", "photo.png", "b.png", "-o", "out", "--scale", "5")
    assert (result.status, result.out) == (130, "")
    assert result.err == "liifgan: cancelled; go on with --resume\n"
    assert results(folder / "out") == set()


def test_an_interrupt_while_loading_gives_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("liifgan_core.cli.upscale.open_exporter", interrupt)
    assert run("upscale", "photo.png", "-o", "out.png", "--scale", "5").status == 130
    monkeypatch.setattr("liifgan_core.cli.options.parse_output", interrupt)
    assert run("upscale", "photo.png", "-o", "out.png", "--scale", "5").status == 130


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_line_breaks_in_names_break_no_line(run: Run, folder: Path) -> None:
    (folder / "photo.png").rename("a\nb.png")
    result = run("upscale", "a\nb.png", "a\nc.png", "-o", "out", "--scale", "2")
    assert result.status == 1
    assert len(result.errors) == 1
    assert r"a\nc.png" in result.err
    assert len(result.out.splitlines()) == 1
    result = run("upscale", "a\nb.png", "-o", "out2", "--scale", "2", "--json")
    assert json.loads(result.out)["input"] == "a\nb.png"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as names")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_names_that_are_no_text_are_handled(options: list[str], run: Run, folder: Path) -> None:
    name = os.fsdecode(b"\xff.png")
    (folder / "photo.png").rename(name)
    result = run("upscale", name, "-o", "out", "--scale", "2", *options)
    assert result.status == 0
    assert len(result.out.splitlines()) == 1
    assert len(results(folder / "out")) == 1


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 9), (9, 1)])
def test_the_smallest_pictures_are_upscaled(width: int, height: int, run: Run) -> None:
    save_photo(Path("small.png"), width, height)
    assert run("upscale", "small.png", "-o", "out.png", "--scale", "3.7").status == 0
    size = read_image("out.png").size
    assert (size.width, size.height) == (round(width * 3.7), round(height * 3.7))


def test_the_depth_of_the_input_is_kept(run: Run) -> None:
    deep = np.arange(120, dtype=np.uint16).reshape(10, 12) * 500
    PilImage.fromarray(deep).save("deep.png")
    assert run("upscale", "deep.png", "-o", "out.png", "--scale", "2").status == 0
    assert read_image("out.png").bit_depth == 16
    result = run("upscale", "deep.png", "-o", "out.jpg", "--scale", "2")
    assert result.status == 0
    assert "deep.png has 16 bits, its result as jpeg 8" in result.err
    result = run("upscale", "deep.png", "-o", "8.png", "--scale", "2", "--bit-depth", "8")
    assert (result.status, result.err) == (0, "")
    assert read_image("8.png").bit_depth == 8


def test_alpha_is_kept(run: Run, folder: Path) -> None:
    save_photo(folder / "alpha.png", mode="RGBA")
    assert run("upscale", "alpha.png", "-o", "out.png", "--scale", "2").status == 0
    with PilImage.open("out.png") as picture:
        assert picture.mode == "RGBA"


@pytest.mark.usefixtures("detail_weights")
def test_the_detail_strength_changes_the_result_where_there_is_detail(run: Run) -> None:
    for name, detail in (("none", "0"), ("all", "1"), ("default", None)):
        options = [] if detail is None else ["--detail", detail]
        result = run(
            *("upscale", "photo.png", "-o", f"{name}.png", "--scale", "2"),
            *("--model", "tiny-detail", *options),
        )
        assert (result.status, result.err) == (0, "")
    pictures = {name: read_image(f"{name}.png").samples for name in ("none", "all", "default")}
    assert np.array_equal(pictures["all"], pictures["default"])
    assert not np.array_equal(pictures["all"], pictures["none"])


def test_a_detail_strength_without_effect_is_told(run: Run) -> None:
    options = ("--scale", "2", "--model", "tiny", "--detail", "0.5")
    result = run("upscale", "photo.png", "-o", "out.png", *options)
    assert result.status == 0
    assert "no detail layer: --detail changes nothing" in result.err


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16", "auto"])
def test_every_precision_renders(precision: str, run: Run) -> None:
    options = ("--scale", "2", "--precision", precision, "--device", "cpu")
    assert run("upscale", "photo.png", "-o", f"{precision}.png", *options).status == 0


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EPIPE])
def test_a_report_that_nobody_takes_is_no_traceback(
    number: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Closed:
        encoding = "utf-8"

        def write(self, _: str) -> int:
            raise OSError(number, os.strerror(number))

        def flush(self) -> None:
            pass

    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Closed())
        result = run("upscale", "photo.png", "-o", "out.png", "--scale", "2")
    assert result.status != 0
    assert "Traceback" not in result.err


def test_a_folder_that_cannot_be_written_is_told_before_the_work(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and access(path, mode))
    result = run("upscale", "photo.png", "-o", "out.png", "--scale", "2")
    assert result.status == 1
    assert len(result.errors) == 1
    assert "choose a folder that you may write to" in result.err


def test_a_defect_in_one_file_is_told_and_the_others_are_done(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 1: some files failed, the others are done, whatever the failure."""
    from liifgan_core.batch import plan

    read = plan.read_image

    def broken(path: Path, **options: object) -> object:
        if path.name == "photo.png":
            raise RuntimeError("a defect")
        return read(path, **options)

    monkeypatch.setattr(plan, "read_image", broken)
    save_photo(folder / "b.png", 5, 4)
    result = run("upscale", "photo.png", "b.png", "-o", "out", "--scale", "2")
    assert result.status == 1
    assert results(folder / "out") == {"b_10x8.png"}
    assert "photo.png" in result.err


@pytest.mark.parametrize("option", ["-o", "--model"])
def test_a_name_that_is_too_long_is_one_clear_line(option: str, run: Run, folder: Path) -> None:
    options = {"-o": "out.png", "--model": "tiny"} | {option: "n" * 5000 + ".png"}
    result = run("upscale", "photo.png", "--scale", "2", *(v for o in options.items() for v in o))
    assert result.status in (1, 2)
    assert len(result.errors) == 1
    assert names(folder) == {"photo.png"}


def test_more_pixels_than_allowed_are_refused_and_the_limit_can_be_moved(
    run: Run, folder: Path
) -> None:
    result = run("upscale", "photo.png", "-o", "out.png", "--scale", "2", "--max-pixels", "100")
    assert result.status == 1
    assert len(result.errors) == 1
    assert "12x10 = 120 pixels, more than the limit of 100" in result.err
    assert "--max-pixels" in result.err
    assert names(folder) == {"photo.png"}
    options = ("--scale", "2", "--max-pixels", "120")
    assert run("upscale", "photo.png", "-o", "out.png", *options).status == 0


def test_memory_that_cannot_do_is_told_with_what_would(run: Run, folder: Path) -> None:
    options = ("--scale", "2", "--memory", "300M")
    result = run("upscale", "photo.png", "-o", "out.png", *options)
    assert result.status == 1
    assert "takes about 0.5 GiB, more than the limit of 0.3 GiB" in result.err
    assert names(folder) == {"photo.png"}
    assert run("upscale", "photo.png", "-o", "o.png", "--scale", "2", "--memory", "3x").status == 2


def test_facts_are_carried_unless_stripped(run: Run, folder: Path) -> None:
    block = PilImage.Exif()
    block[271], block[274] = "Maker", 6
    PilImage.new("RGB", (12, 10)).save(folder / "a.jpg", exif=block)
    assert run("upscale", "a.jpg", "-o", "out.jpg", "--scale", "2").status == 0
    stripped = ("-o", "stripped.jpg", "--scale", "2", "--strip-metadata")
    assert run("upscale", "a.jpg", *stripped).status == 0
    with PilImage.open("out.jpg") as picture:
        assert picture.size == (20, 24)
        assert picture.getexif()[271] == "Maker"
        assert picture.getexif()[274] == 1
        assert re.search("model tiny; (fp32|bf16) by torch; factor 2", picture.getexif()[305])
    with PilImage.open("stripped.jpg") as picture:
        assert not picture.getexif()


def test_a_pyramid_is_for_tiff(run: Run, folder: Path) -> None:
    options = ("--size", "600x500", "--pyramid")
    assert run("upscale", "photo.png", "-o", "out.tif", *options).status == 0
    assert read_image(folder / "out.tif").size.width == 600
    result = run("upscale", "photo.png", "-o", "out.png", *options)
    assert result.status == 1
    assert "PNG has no pyramid; choose TIFF" in result.err


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "avif", "jxl", "exr", "bmp"])
def test_every_kind_of_file_goes_in_and_out(suffix: str, run: Run, folder: Path) -> None:
    assert run("upscale", "photo.png", "-o", f"a.{suffix}", "--scale", "2").status == 0
    result = run("upscale", f"a.{suffix}", "-o", "out", "--scale", "2")
    assert (result.status, result.err) == (0, "")
    assert results(folder / "out") == {f"a_48x40.{suffix}"}


def test_a_photo_whose_name_begins_with_a_dash_gets_a_hint(run: Run, folder: Path) -> None:
    save_photo(folder / "-photo.png")
    result = run("upscale", "-photo.png", "-o", "out.png", "--scale", "2")
    assert result.status == 2
    assert result.errors[-1].startswith("liifgan: -photo.png is a file here: write")
    options = ("-o", "out.png", "--scale", "2")
    assert run("upscale", *options, "--", "-photo.png").status == 0
    assert (folder / "out.png").is_file()


@pytest.mark.parametrize(("alias", "suffix"), [("jpg", ".jpg"), ("TIF", ".tif"), ("tiff", ".tif")])
def test_formats_may_be_called_as_files_end(
    alias: str, suffix: str, run: Run, folder: Path
) -> None:
    result = run("upscale", "photo.png", "-o", "out/", "--scale", "2", "--format", alias)
    assert (result.status, result.err) == (0, "")
    assert names(folder / "out") == {f"photo_24x20{suffix}"}


def test_json_tells_what_is_lost(run: Run, folder: Path) -> None:
    PilImage.new("RGBA", (8, 6), (10, 200, 30, 120)).save(folder / "clear.png")
    options = ("-o", "out.jpg", "--scale", "2", "--json")
    result = run("upscale", "clear.png", *options)
    [record] = [json.loads(line) for line in result.out.splitlines()]
    [loss] = record["losses"]
    assert loss["code"] == "transparency"
    assert loss["values"] == {"file": "out.jpg", "format": "JPEG"}
    assert loss["message"] in result.err
    assert json.loads(run("upscale", "photo.png", *options, "--overwrite").out)["losses"] == []
