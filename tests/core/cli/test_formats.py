import json

from liifgan_core.images.formats import FORMATS
from tests.core.cli.conftest import Run


def test_the_table_names_every_format_with_its_libraries(run: Run) -> None:
    result = run("formats")
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert [line.split()[0] for line in lines] == ["format", *(known.name for known in FORMATS)]
    exr = next(line for line in lines if line.startswith("exr"))
    assert "OpenImageIO" in exr
    assert "16f/32f" in exr
    heic = next(line for line in lines if line.startswith("heic"))
    assert heic.endswith("read only")


def test_json_is_one_record_per_format(run: Run) -> None:
    records = [json.loads(line) for line in run("formats", "--json").out.splitlines()]
    assert [record["name"] for record in records] == [known.name for known in FORMATS]
    by_name = {record["name"]: record for record in records}
    assert by_name["tiff"]["bit_depths"] == [8, 16, 32]
    assert by_name["tiff"]["float"]
    assert by_name["heic"]["writer"] is None
    assert by_name["jxl"]["default_quality"] == 100
