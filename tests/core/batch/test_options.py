from pathlib import Path
from typing import Any

import pytest

from liifgan_core.batch.names import Output
from liifgan_core.batch.options import BatchOptions
from liifgan_core.images.formats import format_by_name
from liifgan_core.sizing import relative_rule
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
    ],
    ids=str,
)
def test_what_does_not_leaves_it(changes: dict[str, Any]) -> None:
    exporter = FakeExporter()
    assert options(**changes).fingerprint(exporter) == options().fingerprint(exporter)


def test_a_mask_decides_the_results_of_models_with_detail() -> None:
    exporter = FakeExporter()
    calm, text = options(detail_mask="calm"), options(detail_mask="text")
    assert calm.fingerprint(exporter) == options().fingerprint(exporter)
    exporter.has_detail = True
    plain = options().fingerprint(exporter)
    assert len({plain, calm.fingerprint(exporter), text.fingerprint(exporter)}) == 3


def test_the_note_names_the_program_unless_told_otherwise() -> None:
    png = format_by_name("png")
    told = options().export_options(png, 8, replaces=False).software
    assert told is not None
    assert told.startswith("LIIF-GAN ")
    silent = options(names_program=False).export_options(png, 8, replaces=True)
    assert silent.software is None
    assert silent.overwrite
