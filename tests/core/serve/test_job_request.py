"""JSON and query strings against the options of a batch."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.errors import LiifganError
from liifgan_core.geometry import Size
from liifgan_core.serve.folders import Folders
from liifgan_core.serve.job_request import (
    NOT_OFFERED,
    JobRequest,
    request_of_json,
    request_of_query,
)
from liifgan_core.serve.limits import Limits
from liifgan_core.serve.refusal import Refusal
from liifgan_core.sizing import SizeRule

NOT_BY_NAME = {"rules"}
"""What has several fields of the request."""


def options(tmp_path: Path, **fields: Any) -> BatchOptions:
    asked = request_of_json(json.dumps({"path": "/p", **fields}).encode())
    folders = Folders([tmp_path])
    return asked.options(folders, Limits(), spool=Path("/spool"), device="cpu")


def refused(tmp_path: Path, **fields: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        options(tmp_path, **fields)
    return caught.value


def test_every_option_of_a_batch_is_one_of_the_service() -> None:
    of_batch = {field.name for field in dataclasses.fields(BatchOptions)}
    of_service = {field.name for field in msgspec.structs.fields(JobRequest)}
    assert of_batch - of_service == NOT_BY_NAME | NOT_OFFERED


def test_what_is_not_given_is_as_in_a_batch(tmp_path: Path) -> None:
    asked = options(tmp_path, scale=2)
    plain = BatchOptions(rules=asked.rules, output=asked.output, device="cpu")
    assert asked == plain
    assert asked.rules == (NamedRule(SizeRule("scale", 2.0)),)


def test_all_options_arrive(tmp_path: Path, tiny_weights: Path) -> None:
    given = {
        "model": "tiny",
        "precision": "fp32",
        "detail": 0.5,
        "bit_depth": 16,
        "quality": 80,
        "strip_metadata": True,
        "names_program": False,
        "is_consistent": True,
        "has_pyramid": True,
        "existing": "replace",
        "max_pixels": 1000,
        "memory_bytes": 2**28,
    }
    asked = options(tmp_path, width=100, format="tiff", name="{stem}-big", **given)
    assert {name: getattr(asked, name) for name in given} == given
    assert asked.rules == (NamedRule(SizeRule("width", 100.0)),)
    assert (asked.output.format, asked.output.name) == ("tiff", "{stem}-big")


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"scale": 1.5}, Size(15, 18)),
        ({"width": 24}, Size(20, 24)),
        ({"height": 5}, Size(5, 6)),
        ({"size": "7x9"}, Size(9, 7)),
        ({"long_edge": 24}, Size(20, 24)),
        ({"short_edge": 20}, Size(20, 24)),
        ({"megapixels": 0.00048}, Size(20, 24)),
        ({"fit": "24x100"}, Size(20, 24)),
        ({"min": "24x5"}, Size(20, 24)),
        ({"print": "2.54x2.54cm@24"}, Size(20, 24)),
    ],
)
def test_every_size_rule_is_one(tmp_path: Path, fields: dict[str, Any], size: Size) -> None:
    assert options(tmp_path, **fields).rules[0].rule.output_size(Size(10, 12)) == size


@pytest.mark.parametrize(
    ("fields", "code", "field", "told"),
    [
        ({"scale": 2, "detial": 1}, "unknown_field", "detial", "'detial'"),
        ({"scale": 2, "device": "cuda"}, "unknown_field", "device", "'device'"),
        ({"scale": 2, "resume": True}, "unknown_field", "resume", "'resume'"),
        ({"scale": "2"}, "bad_value", "scale", "Expected `float | null`"),
        ({"scale": -1}, "bad_value", "scale", "not -1"),
        ({"size": "12"}, "bad_value", "size", "'12'"),
        ({}, "bad_value", None, "there is none"),
        ({"scale": 2, "width": 3}, "bad_value", None, "scale and width"),
        ({"scale": 2, "detail": 1.6}, "bad_value", "detail", "'1.6'"),
        ({"scale": 2, "bit_depth": 9}, "bad_value", "bit_depth", "9"),
        ({"scale": 2, "quality": 0}, "bad_value", "quality", "'0'"),
        ({"scale": 2, "existing": "skip"}, "bad_value", "existing", "skip"),
        ({"scale": 2, "precision": "int8"}, "bad_value", "precision", "int8"),
        ({"scale": 2, "memory_bytes": 2**40}, "bad_value", "memory_bytes", "at most"),
        ({"scale": 2, "max_pixels": 10**12}, "bad_value", "max_pixels", "at most"),
        ({"scale": 2, "model": "none"}, "unknown_model", "model", "'none'"),
        ({"scale": 2, "model": "/etc/x.safetensors"}, "unknown_model", "model", "/etc"),
        ({"scale": 2, "output": "/etc/x.png"}, "outside_folders", "output", "/etc"),
    ],
)
def test_what_cannot_be_is_told_by_the_fields_name(
    tmp_path: Path, fields: dict[str, Any], code: str, field: str | None, told: str
) -> None:
    error = refused(tmp_path, **fields)
    assert (error.code, error.field) == (code, field)
    assert told in str(error)


def test_a_template_cannot_leave_the_folder(tmp_path: Path) -> None:
    for name in ("../{stem}", "{stem}/x", "{stem.__class__}", "x", "{stem}{preset}"):
        with pytest.raises(LiifganError, match=r"template|preset"):
            options(tmp_path, scale=2, name=name)


def test_results_go_to_a_folder_or_a_file_in_the_folders(tmp_path: Path) -> None:
    output = options(tmp_path, scale=2, output=str(tmp_path)).output
    assert (output.path, output.is_folder, output.keeps_tree) == (tmp_path, True, False)
    output = options(tmp_path, scale=2, output=str(tmp_path / "a.tif")).output
    assert (output.path, output.is_folder) == (tmp_path / "a.tif", False)
    output = options(tmp_path, scale=2).output
    assert (output.path, output.is_folder) == (Path("/spool"), True)
    assert refused(tmp_path, scale=2, output=str(tmp_path / "no" / "a.png")).code == "no_folder"
    wrong = refused(tmp_path, scale=2, output=str(tmp_path / "a.png"), format="tiff")
    assert wrong.field == "format"


def test_a_query_says_the_same_as_json() -> None:
    query = request_of_query(
        [("scale", "2.5"), ("strip_metadata", "true"), ("bit_depth", "16"), ("size", "12x12")]
    )
    body = b'{"scale": 2.5, "strip_metadata": true, "bit_depth": 16, "size": "12x12"}'
    assert query == request_of_json(body)


@pytest.mark.parametrize(
    ("pairs", "field"),
    [
        ([("scale", "2"), ("scale", "3")], "scale"),
        ([("scale", "two")], "scale"),
        ([("detail", "nan"), ("scale", "2")], "detail"),
        ([("scael", "2")], "scael"),
    ],
)
def test_a_query_that_cannot_be_is_told(pairs: list[tuple[str, str]], field: str) -> None:
    with pytest.raises(Refusal) as caught:
        request_of_query(pairs)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b'{"scale": NaN}', b"[" * 100_000, b'{"path": "\\ud800"}']
)
def test_what_is_no_json_object_is_told(body: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        request_of_json(body)
    assert caught.value.code == "bad_json"
