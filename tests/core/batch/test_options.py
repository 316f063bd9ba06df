from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from liifgan_core.batch.names import Output
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.images.formats import format_by_name
from liifgan_core.sizing import relative_rule
from liifgan_core.warp import Geometry
from tests.fake_exporter import FakeExporter


def options(**changes: Any) -> BatchOptions:
    fields = {
        "rules": (NamedRule(relative_rule("scale", 2.0)),),
        "output": Output(Path("out"), True),
    }
    return BatchOptions(**{**fields, **changes})


def fingerprint(asked: BatchOptions, number: int = 0) -> str:
    return asked.fingerprint(FakeExporter(), asked.wanted[number])


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": (NamedRule(relative_rule("scale", 3.0)),)},
        {"rules": (NamedRule(relative_rule("width", 2.0)),)},
        {"output": Output(Path("other"), True)},
        {"output": Output(Path("out"), True, "png")},
        {"output": Output(Path("out"), True, name="{stem}")},
        {"output": Output(Path("out"), True, keeps_tree=False)},
        {"bit_depth": 16},
        {"quality": 50},
        {"qualities": {"jpeg": 50}},
        {"strip_metadata": True},
        {"names_program": False},
        {"has_pyramid": True},
        {"geometry": Geometry(3.0)},
    ],
    ids=str,
)
def test_what_decides_results_changes_the_fingerprint(changes: dict[str, Any]) -> None:
    assert fingerprint(options(**changes)) != fingerprint(options())


@pytest.mark.parametrize(
    "changes",
    [
        {"existing": "replace"},
        {"resume": True},
        {"max_pixels": 5},
        {"memory_bytes": 2**40},
        {"device": "cuda"},
        {"detail": 0.5},  # of a model without detail
        {"output": Output(Path("out").absolute(), True)},
        {"geometry": Geometry(360.0, frame="inside")},
    ],
    ids=str,
)
def test_what_does_not_leaves_it(changes: dict[str, Any]) -> None:
    assert fingerprint(options(**changes)) == fingerprint(options())


PICTURE = options().wanted[0]


def test_a_mask_decides_the_results_of_models_with_detail() -> None:
    calm, text = options(detail_mask="calm"), options(detail_mask="text")
    assert fingerprint(calm) == fingerprint(options())
    exporter = FakeExporter()
    exporter.has_detail = True
    found = {asked.fingerprint(exporter, asked.wanted[0]) for asked in (options(), calm, text)}
    assert len(found) == 3


def test_the_note_names_the_program_unless_told_otherwise() -> None:
    png = format_by_name("png")
    told = options().export_options(PICTURE, png, 8, replaces=False).software
    assert told is not None
    assert told.startswith("LIIF-GAN ")
    silent = options(names_program=False).export_options(PICTURE, png, 8, replaces=True)
    assert silent.software is None
    assert silent.overwrite


def test_a_frame_and_a_background_change_the_fingerprint_of_a_turned_photo() -> None:
    asked = [
        options(geometry=Geometry(3.0)),
        options(geometry=Geometry(3.0, frame="inside")),
        options(geometry=Geometry(3.0), background=(0.0, 0.0, 0.0)),
    ]
    assert len({fingerprint(each) for each in asked}) == 3


def test_the_map_of_a_turned_photo_is_the_same_on_every_background() -> None:
    turned = options(geometry=Geometry(3.0), has_invented_map=True)
    on_black = replace(turned, background=(0.0, 0.0, 0.0))
    upright = options(has_invented_map=True)
    assert fingerprint(turned, 1) == fingerprint(on_black, 1) != fingerprint(upright, 1)


@pytest.mark.parametrize(
    ("quality", "qualities", "expected"),
    [
        (80, {}, {"jpeg": 80, "webp": 80, "avif": 80, "jxl": None, "png": None}),
        (80, {"webp": 100}, {"jpeg": 80, "webp": 100, "avif": 80, "jxl": None, "png": None}),
        (None, {"jxl": 70}, {"jpeg": None, "webp": None, "jxl": 70, "png": None}),
    ],
)
def test_a_quality_over_mixed_formats_leaves_what_is_lossless_by_default(
    quality: int | None, qualities: dict[str, int], expected: dict[str, int | None]
) -> None:
    asked = options(quality=quality, qualities=qualities)
    for name, wanted in expected.items():
        chosen = format_by_name(name)
        assert asked.export_options(PICTURE, chosen, 8, replaces=False).quality == wanted


def test_a_quality_for_an_asked_format_is_for_that() -> None:
    asked = options(quality=80, output=Output(Path("out"), True, "jxl"))
    assert asked.export_options(PICTURE, format_by_name("jxl"), 8, replaces=False).quality == 80


def test_a_map_beside_a_picture_of_an_asked_format_takes_no_quality() -> None:
    asked = options(quality=80, output=Output(Path("out"), True, "jpeg"), has_invented_map=True)
    picture, invented_map = asked.wanted
    assert asked.export_options(picture, format_by_name("jpeg"), 8, replaces=False).quality == 80
    png = format_by_name("png")
    assert asked.export_options(invented_map, png, 8, replaces=False).quality is None
