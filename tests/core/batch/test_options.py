from pathlib import Path
from typing import Any

import pytest

from liifgan_core.batch.names import Output
from liifgan_core.batch.options import BatchOptions
from liifgan_core.geometry import Size
from liifgan_core.images.formats import format_by_name
from liifgan_core.sizing import relative_rule
from liifgan_core.warp import Geometry
from tests.fake_exporter import FakeExporter


def options(**changes: Any) -> BatchOptions:
    fields = {"rule": relative_rule("scale", 2.0), "output": Output(Path("out"), True)}
    return BatchOptions(**{**fields, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": relative_rule("scale", 3.0)},
        {"rule": relative_rule("width", 2.0)},
        {"output": Output(Path("other"), True)},
        {"output": Output(Path("out"), True, "png")},
        {"output": Output(Path("out"), True, name="{stem}")},
        {"output": Output(Path("out"), True, keeps_tree=False)},
        {"bit_depth": 16},
        {"quality": 50},
        {"strip_metadata": True},
        {"names_program": False},
        {"has_pyramid": True},
        {"geometry": Geometry(3.0)},
    ],
    ids=str,
)
def test_what_decides_results_changes_the_fingerprint(changes: dict[str, Any]) -> None:
    exporter = FakeExporter()
    assert options(**changes).fingerprint(exporter) != options().fingerprint(exporter)


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
    exporter = FakeExporter()
    assert options(**changes).fingerprint(exporter) == options().fingerprint(exporter)


def test_the_note_names_the_program_unless_told_otherwise() -> None:
    png = format_by_name("png")
    told = options().export_options(png, 8, replaces=False).software
    assert told is not None
    assert told.startswith("LIIF-GAN ")
    silent = options(names_program=False).export_options(png, 8, replaces=True)
    assert silent.software is None
    assert silent.overwrite


def test_a_frame_and_a_background_change_the_fingerprint_of_a_turned_photo() -> None:
    exporter, turned = FakeExporter(), options(geometry=Geometry(3.0)).fingerprint(FakeExporter())
    inside = options(geometry=Geometry(3.0, frame="inside"))
    on_black = options(geometry=Geometry(3.0), background=(0.0, 0.0, 0.0))
    assert len({turned, inside.fingerprint(exporter), on_black.fingerprint(exporter)}) == 3


def test_the_rule_is_for_the_turned_frame() -> None:
    assert options(geometry=Geometry(90.0)).output_size(Size(10, 30)) == Size(60, 20)
    assert options().output_size(Size(10, 30)) == Size(20, 60)
