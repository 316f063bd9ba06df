import ast
import string
from collections import Counter
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image as PilImage

import liifgan_core
from liifgan_core.images.read import read_image
from liifgan_core.images.read_size import read_size
from liifgan_core.losses import SENTENCES, LossCode, collected, tell
from liifgan_core.models.liif import LIIF
from liifgan_core.render.export import export_image
from liifgan_core.render.export_options import ExportOptions
from tests.conftest import Place


def told_in_the_code() -> list[tuple[str, set[str]]]:
    """(code, names of values) of each call of `tell` in the core."""
    calls: list[tuple[str, set[str]]] = []
    for path in Path(liifgan_core.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tell":
                assert isinstance(node.args[0], ast.Constant), path
                calls.append((node.args[0].value, {word.arg or "" for word in node.keywords}))
    return calls


def test_every_loss_is_told_with_the_values_of_its_sentence() -> None:
    calls = told_in_the_code()
    assert {code for code, _ in calls} == set(get_args(LossCode)) == set(SENTENCES)
    for code, values in calls:
        fields = {name for _, name, _, _ in string.Formatter().parse(SENTENCES[code]) if name}
        assert values == fields, code


def test_what_is_told_twice_is_one_record(caplog: pytest.LogCaptureFixture) -> None:
    with collected() as losses:
        for bits in (16, 16, 12):
            tell("bits", file=Path("a.png"), has=bits, format="jpeg", gets=8)
    assert [loss.values["has"] for loss in losses] == [16, 12]
    assert losses[0].values == {"file": "a.png", "has": 16, "format": "jpeg", "gets": 8}
    assert losses[0].message == "a.png has 16 bits, its result as jpeg 8"
    assert [record.message for record in caplog.records] == [loss.message for loss in losses]


def test_an_inner_collection_keeps_its_own(caplog: pytest.LogCaptureFixture) -> None:
    with collected() as outer, collected() as inner:
        tell("cmyk-bits", file="a")
    assert (len(outer), len(inner)) == (0, 1)
    tell("cmyk-bits", file="a")
    assert len(caplog.records) == 2


def test_a_list_goes_on_being_filled(caplog: pytest.LogCaptureFixture) -> None:
    with collected() as losses:
        tell("cmyk-bits", file="a")
    for _ in range(2):
        with collected(losses) as same:
            tell("cmyk-bits", file="a")
            tell("cmyk-bits", file="b")
        assert same is losses
    assert [loss.values["file"] for loss in losses] == ["a", "b"]
    assert len(caplog.records) == 2


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A GIF of two frames with a transparent pixel."""
    frames = [np.zeros((5, 7, 4), np.uint8), np.full((5, 7, 4), 200, np.uint8)]
    frames[0][1:] = 255
    first, second = (PilImage.fromarray(frame) for frame in frames)
    first.save(tmp_path / "odd.gif", save_all=True, append_images=[second])
    return tmp_path / "odd.gif"


def test_the_size_is_looked_up_without_a_word(odd: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert read_size(odd) is not None
    assert not caplog.records


def test_an_export_reports_what_the_photo_and_the_result_lose(
    odd: Path, tiny_network: LIIF, place: Place, tmp_path: Path
) -> None:
    image = read_image(odd)
    assert [loss.code for loss in image.losses] == ["pictures"]
    target = tmp_path / "a.jpg"
    options = ExportOptions(format="jpeg")
    report = export_image(image, target, image.size, place(tiny_network), options)
    assert Counter(loss.code for loss in report.losses) == {"pictures": 1, "transparency": 1}
    [lost] = [loss for loss in report.losses if loss.code == "transparency"]
    assert lost.values == {"file": str(target), "format": "JPEG"}
    kept = export_image(
        image, tmp_path / "a.png", image.size, place(tiny_network), ExportOptions(format="png")
    )
    assert [loss.code for loss in kept.losses] == ["pictures"]
