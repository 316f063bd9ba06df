import json
import logging
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.errors import LiifganError
from liifgan_core.evaluation.records import (
    ProtocolRecord,
    Record,
    Report,
    Skip,
    read_report,
    still_valid,
    summarise,
    write_report,
)

PROTOCOL = ProtocolRecord(name="rgb", border="scale", reduction="bicubic")


def record(value: float, model: str = "m", image: str = "a", **changes) -> Record:
    fields = {"dataset": "d", "scale": 2.0, "metric": "psnr-rgb"} | changes
    return Record(model=model, image=image, value=value, **fields)


def report(records: list[Record], **changes) -> Report:
    fields = {
        "summary": summarise(records),
        "skipped": [],
        "protocol": PROTOCOL,
        "versions": {"liifgan": "0"},
        "models": {"m": "1", "other": "1"},
        "images": {"d": {"a": "A", "b": "B"}},
    } | changes
    return Report(records=records, **fields)


_numbers = st.floats(-1e6, 1e6, allow_nan=False)
_records = st.lists(
    st.builds(
        Record,
        model=st.sampled_from(["m", "other", "ö"]),
        dataset=st.just("d"),
        image=st.sampled_from(["a", "b"]),
        scale=st.sampled_from([2.0, 4.5]),
        metric=st.sampled_from(["psnr-rgb", "dists"]),
        value=_numbers,
    ),
    max_size=12,
)


@given(_records)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, records):
    folder = tmp_path_factory.mktemp("out")
    skips = [Skip(dataset="d", image="a", reason="small", scale=2.0, metric="dists")]
    before = report(records, skipped=skips)
    write_report(folder, before)
    assert read_report(folder, PROTOCOL) == before


@given(_records)
def test_a_mean_is_over_the_records_of_its_group(records: list[Record]):
    rows = summarise(records)
    assert sum(row.n for row in rows) == len(records)
    for row in rows:
        values = [
            r.value
            for r in records
            if (r.model, r.scale, r.metric) == (row.model, row.scale, row.metric)
        ]
        assert row.n == len(values)
        assert row.mean == pytest.approx(sum(values) / len(values))


def test_the_file_has_the_layout_that_is_documented(tmp_path: Path):
    write_report(tmp_path, report([record(30.0)]))
    content = json.loads((tmp_path / "records.json").read_text())
    assert content["records"] == [
        {
            "model": "m",
            "dataset": "d",
            "image": "a",
            "scale": 2.0,
            "metric": "psnr-rgb",
            "value": 30.0,
        }
    ]
    assert content["summary"][0].keys() == {"model", "dataset", "scale", "metric", "mean", "n"}
    assert content.keys() >= {"records", "summary", "protocol", "versions"}


def test_without_an_earlier_run_there_is_nothing(tmp_path: Path):
    assert read_report(tmp_path, PROTOCOL) is None


def test_a_damaged_file_is_an_error(tmp_path: Path):
    (tmp_path / "records.json").write_text('{"records": [')
    with pytest.raises(LiifganError, match=r"records\.json: cannot be gone on with"):
        read_report(tmp_path, PROTOCOL)


def test_numbers_of_another_protocol_are_not_mixed_in(tmp_path: Path):
    write_report(tmp_path, report([record(30.0)]))
    other = msgspec.structs.replace(PROTOCOL, name="div2k")
    with pytest.raises(LiifganError, match="measured by the protocol 'rgb', not 'div2k'"):
        read_report(tmp_path, other)


def test_numbers_of_another_degradation_are_not_mixed_in(tmp_path: Path):
    noisy = msgspec.structs.replace(PROTOCOL, degradation="noise5")
    write_report(tmp_path, report([record(30.0)], protocol=noisy))
    assert read_report(tmp_path, noisy) is not None
    with pytest.raises(LiifganError, match="with the degradation noise5, not none; choose another"):
        read_report(tmp_path, PROTOCOL)
    other = msgspec.structs.replace(PROTOCOL, degradation="jpeg40")
    with pytest.raises(LiifganError, match="with the degradation noise5, not jpeg40"):
        read_report(tmp_path, other)


def test_files_from_before_there_were_degradations_are_clean(tmp_path: Path):
    write_report(tmp_path, report([record(30.0)]))
    path = tmp_path / "records.json"
    content = json.loads(path.read_text())
    del content["protocol"]["degradation"]
    path.write_text(json.dumps(content))
    assert read_report(tmp_path, PROTOCOL) == report([record(30.0)])


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LiifganError, match="cannot be written"):
        write_report(tmp_path / "file", report([]))


_KEPT = [record(1.0, image="a"), record(2.0, image="b"), record(3.0, "other", image="a")]


@pytest.mark.parametrize(
    ("models", "images", "expected"),
    [
        ({"m": "1"}, {"d": {"a": "A", "b": "B"}}, [1.0, 2.0, 3.0]),
        ({"m": "1"}, {"elsewhere": {"c": "C"}}, [1.0, 2.0, 3.0]),
        ({"m": "2"}, {"d": {"a": "A", "b": "B"}}, [3.0]),
        ({"m": "1"}, {"d": {"a": "A", "b": "changed"}}, [1.0, 3.0]),
        ({"m": "1"}, {"d": {"b": "B"}}, [2.0]),
    ],
    ids=["the same", "another data set", "other weights", "a changed image", "a removed image"],
)
def test_records_hold_as_long_as_weights_and_images_are_the_same(
    models, images, expected, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        kept = still_valid(report(_KEPT), models, images)
    assert [r.value for r in kept] == expected
    assert ("dropped" in caplog.text) == (len(expected) < len(_KEPT))
