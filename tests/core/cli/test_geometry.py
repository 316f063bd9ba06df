"""Turned and otherwise warped results of `liifgan upscale`."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from tests.core.cli.conftest import Run, names, results, save_photo

pytestmark = pytest.mark.usefixtures("tiny_weights", "folder")


def _pixels(path: str) -> np.ndarray:
    with PilImage.open(path) as picture:
        return np.asarray(picture).astype(int)


def test_a_quarter_turn_is_the_turned_result(run: Run) -> None:
    assert run("upscale", "photo.png", "-o", "plain.png", "--scale", "3").status == 0
    result = run("upscale", "photo.png", "-o", "turned.png", "--scale", "3", "--rotate", "90")

    assert (result.status, result.err) == (0, "")
    assert abs(_pixels("turned.png") - np.rot90(_pixels("plain.png"))).max() <= 1


@pytest.mark.parametrize("angle", ["10", "-10"])
def test_corners_are_transparent_where_the_format_can_and_else_white(run: Run, angle: str) -> None:
    arguments = ("upscale", "photo.png", "--width", "60", "--rotate", angle)
    assert run(*arguments, "-o", "out.png").status == 0
    result = run(*arguments, "-o", "out.jpg")

    png, jpeg = _pixels("out.png"), _pixels("out.jpg")
    assert png.shape[1:] == (60, 4)
    assert png[0, 0, 3] == png[-1, -1, 3] == 0
    assert png[len(png) // 2, 30, 3] == 255
    assert "JPEG has no transparency; the picture is put on white" in result.err
    assert jpeg[0, 0].min() > 240


def test_a_background_fills_the_corners_of_every_format(run: Run) -> None:
    result = run(
        "upscale", "photo.png", "-o", "out.png", "--width", "60", "--rotate", "10",
        "--background", "#00ff80",
    )  # fmt: skip

    assert (result.status, result.err) == (0, "")
    pixels = _pixels("out.png")
    assert pixels.shape[2] == 3
    assert pixels[0, 0].tolist() == [0, 255, 128]


def test_a_photo_keeps_its_own_alpha_on_a_background(run: Run, folder: Path) -> None:
    save_photo(folder / "clear.png", mode="RGBA")
    arguments = ("upscale", "clear.png", "--scale", "4", "--rotate", "5")
    assert run(*arguments, "-o", "clear_out.png").status == 0
    assert run(*arguments, "-o", "black_out.png", "--background", "black").status == 0

    clear, black = _pixels("clear_out.png"), _pixels("black_out.png")
    assert clear[0, 0, 3] == 0
    assert black[0, 0].tolist() == [0, 0, 0, 255]
    middle = len(clear) // 2, clear.shape[1] // 2
    assert 0 < clear[middle][3] < 255
    assert abs(clear[middle] - black[middle]).max() <= 1


def test_an_inner_frame_has_no_corners_and_sizes_are_its(run: Run) -> None:
    result = run(
        "upscale", "photo.png", "-o", "out.png", "--scale", "5", "--rotate", "10",
        "--frame", "inside", "--json",
    )  # fmt: skip

    assert result.status == 0
    record = json.loads(result.out)
    told = record["geometry"]
    assert told["rotation_deg"] == 10.0
    assert told["frame"] == "inside"
    assert told["perspective"] is None
    assert (record["width"], record["height"]) == (
        5 * told["frame_width"],
        5 * told["frame_height"],
    )
    assert told["frame_width"] < 12
    assert told["frame_height"] < 10
    assert _pixels("out.png").shape == (record["height"], record["width"], 3)


def test_corners_and_a_lens_are_told(run: Run) -> None:
    result = run(
        "upscale", "photo.png", "-o", "out.png", "--size", "40x30", "--json",
        "--perspective", "1,1,11,2,10,9,2,8", "--distortion", "-0.1,0.01", "--frame", "corners",
    )  # fmt: skip

    assert (result.status, result.err) == (0, "")
    told = json.loads(result.out)["geometry"]
    assert told["perspective"] == [[1, 1], [11, 2], [10, 9], [2, 8]]
    assert told["distortion"] == [-0.1, 0.01]
    assert told["frame"] == "corners"
    assert _pixels("out.png").shape == (30, 40, 3)


def test_a_batch_goes_on_only_with_the_same_geometry(run: Run, folder: Path) -> None:
    (folder / "in").mkdir()
    save_photo(folder / "in" / "a.png")
    arguments = ("upscale", "in", "-r", "-o", "out", "--scale", "2", "--name", "{stem}")
    assert run(*arguments, "--rotate", "4").status == 0
    again = run(*arguments, "--rotate", "4", "--resume")
    other = run(*arguments, "--rotate", "5", "--resume")

    assert results(folder / "out") == {"a.png"}
    assert "1 skipped" in again.out
    assert "a.png: " in other.out
    entries = (folder / "out" / "liifgan-manifest.jsonl").read_text().splitlines()
    told = {json.loads(entry).get("geometry") for entry in entries if "done" in entry}
    assert told == {"rotation 4; frame whole", "rotation 5; frame whole"}


def test_several_sizes_and_maps_are_warped_alike_and_say_so(
    run: Run, folder: Path, detail_weights: Path
) -> None:
    result = run(
        "upscale", "photo.png", "-o", "out/", "--scale", "4", "--scale", "3", "--rotate", "10",
        "--frame", "inside", "--invented-map", "--background", "black", "--json",
        "--name", "{stem}_x{factor}", "--model", "tiny-detail",
    )  # fmt: skip

    assert (result.status, result.err) == (0, "")
    records = [json.loads(line) for line in result.out.splitlines()]
    told = records[0]["geometry"]
    assert [Path(record["output"]).name for record in records] == [
        *("photo_x4.png", "photo_x4_invented.png"),
        *("photo_x3.png", "photo_x3_invented.png"),
    ]
    assert [record["factor_across"] for record in records] == [4.0, 4.0, 3.0, 3.0]
    assert [record["width"] for record in records[1:3]] == [
        4 * told["frame_width"],
        3 * told["frame_width"],
    ]
    assert records[1]["geometry"] == {**told, "background": None}
    assert records[2]["geometry"] == told
    for record in records:
        assert record["losses"] == []
        [said] = json.loads(run("inspect", record["output"], "--json").out)["enlarged"]
        assert said["geometry"] == "rotation 10; frame inside"
        assert said["factor_across"] == record["factor_across"]
    assert "; rotation 10; frame inside; " in run("inspect", records[0]["output"]).out


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--rotate", "nan"], "finite angle"),
        (["--perspective", "1,2,3"], "four corners such as"),
        (["--perspective", "1,1,11,2,10,9,2,x"], "four corners such as"),
        (["--perspective", "1,1,10,9,11,2,2,8"], "cross or are no convex shape"),
        (["--perspective", "2,8,10,9,11,2,1,1"], "run counter-clockwise"),
        (["--perspective", "1,1,11,2,inf,9,2,8"], "finite numbers"),
        (["--distortion", "0.1"], "K1,K2 such as"),
        (["--distortion", "nan,0"], "finite numbers"),
        (["--rotate", "3", "--frame", "half"], "--frame is whole, inside, corners; not half"),
        (["--rotate", "3", "--frame", "corners"], "four corners enclose"),
        (["--frame", "inside"], "--frame is for --rotate"),
        (["--background", "white"], "--background is for --rotate"),
        (["--rotate", "3", "--consistent"], "--consistent is not for --rotate"),
        (["--rotate", "3", "--background", "sand"], "#RRGGBB, not 'sand'"),
    ],
)
def test_wrong_geometry_is_told_before_any_work(
    wrong: list[str], told: str, run: Run, folder: Path
) -> None:
    result = run("upscale", "photo.png", "-o", "out.png", "--scale", "2", *wrong)

    assert result.status == 2
    assert told in result.err
    assert len(result.errors) == 1
    assert names(folder) == {"photo.png"}


def test_a_lens_that_a_photo_cannot_have_is_told(run: Run, folder: Path) -> None:
    result = run("upscale", "photo.png", "-o", "out.png", "--scale", "2", "--distortion", "-0.9,0")

    assert result.status == 1
    assert "photo.png: the distortion -0.9,0 folds the picture" in result.err
    assert names(folder) == {"photo.png"}
