import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.images.detail_mask import ONE, DetailMask
from liifgan_core.images.read import read_image
from tests.core.cli.conftest import Run, save_photo

pytestmark = pytest.mark.usefixtures("detail_weights", "folder")
OPTIONS = ("--scale", "4", "--precision", "fp32")


def pixels(run: Run, name: str, *options: str) -> np.ndarray:
    result = run("upscale", "photo.png", "-o", name, *OPTIONS, *options)
    assert (result.status, result.err) == (0, "")
    return read_image(Path(name)).samples


def test_black_leaves_the_structure_and_white_all_of_the_detail(run: Run) -> None:
    mask = np.zeros((20, 24), np.uint8)
    mask[:, 12:] = 255
    PilImage.fromarray(mask).save("mask.png")
    masked = pixels(run, "a.png", "--detail-mask", "mask.png")
    without, full = pixels(run, "b.png", "--detail", "0"), pixels(run, "c.png")
    assert np.array_equal(masked[:, :22], without[:, :22])
    assert np.array_equal(masked[:, 26:], full[:, 26:])
    assert not np.array_equal(without, full)


def test_records_and_manifest_say_which_mask(run: Run, folder: Path) -> None:
    PilImage.new("L", (12, 10), 255).save("mask.png")
    digest = DetailMask(np.full((10, 12), ONE, np.uint16)).digest
    for given, told in (
        (("--detail-mask", "mask.png"), digest),
        (("--auto-mask", "calm"), "calm"),
        ((), None),
    ):
        out = folder / str(told)
        result = run("upscale", "photo.png", "-o", out, *OPTIONS, "--resume", "--json", *given)
        assert json.loads(result.out)["detail_mask"] == told
        last = json.loads((out / "liifgan-manifest.jsonl").read_text().splitlines()[-1])
        assert (last["status"], last.get("detail_mask")) == ("done", told)


def test_another_mask_is_another_batch(run: Run) -> None:
    for shade in (255, 255, 100):
        PilImage.new("L", (12, 10), shade).save("mask.png")
        result = run(
            "upscale", "photo.png", "-o", "out", *OPTIONS, "--resume", "--detail-mask", "mask.png"
        )
        done = result.out.startswith("photo.png ->")
        assert done == (shade == 100 or not Path("seen").exists())
        Path("seen").touch()


def test_a_mask_for_photos_of_other_proportions_fails_those(run: Run) -> None:
    PilImage.new("L", (24, 20), 255).save("mask.png")
    save_photo(Path("tall.png"), 10, 30)
    result = run(
        "upscale", "photo.png", "tall.png", "-o", "out", *OPTIONS, "--detail-mask", "mask.png"
    )
    assert result.status == 1
    assert (
        "tall.png: the mask's proportions (24x20) are not those of the photo (10x30)" in result.err
    )
    assert {path.name for path in Path("out").glob("*.png")} == {"photo_48x40.png"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--detail-mask", "photo.png"), "photo.png is no mask: it has colours"),
        (("--detail-mask", "none.png"), "none.png"),
        (("--auto-mask", "sky"), "--auto-mask is calm or text, not 'sky'"),
        (("--auto-mask", "calm", "--detail-mask", "photo.png"), "contradict each other"),
    ],
)
def test_what_is_no_mask_is_wrong_use(given: tuple[str, ...], told: str, run: Run) -> None:
    result = run("upscale", "photo.png", "-o", "a.png", *OPTIONS, *given)
    assert result.status == 2
    assert told in result.err
    assert not Path("a.png").exists()


def test_a_model_without_a_detail_layer_takes_a_mask_with_a_warning(
    run: Run, tiny_weights: Path
) -> None:
    result = run(
        "upscale",
        "photo.png",
        "-o",
        "a.png",
        *OPTIONS,
        "--model",
        tiny_weights,
        "--auto-mask",
        "text",
    )
    assert result.status == 0
    assert "has no detail layer: a detail mask changes nothing" in result.err
