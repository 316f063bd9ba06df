"""Models that clean up, as they will be put in place: named, told, used by their names."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig, SRVGGConfig, TrunkConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.weights.family import FAMILY
from liifgan_core.weights.registry import Facts
from liifgan_core.weights.store import save_weights, take_external_trunk
from liifgan_core.weights.trunks import NETWORKS, ExternalNetwork
from tests.conftest import PROVENANCE, seeded_network
from tests.core.cli.conftest import Run

SMALL = LIIFConfig(
    encoder=EDSRConfig(num_features=8, num_blocks=1),
    structure_field=FieldConfig(order=1),
    detail_trunk=TrunkConfig(network=SRVGGConfig(), unit=0.565),
    detail_field=FieldConfig(order=2),
)


def put_in_place(data_dir: Path, name: str, trunk: TrunkConfig, facts: Facts | None) -> Path:
    """Ship a small model on a trunk that is not in its file."""
    path = data_dir / "shipped" / "weights" / f"{name}.safetensors"
    whole = msgspec.structs.replace(trunk, sha256="")
    seeded = seeded_network(msgspec.structs.replace(SMALL, detail_trunk=whole))
    network = LIIF(msgspec.structs.replace(SMALL, detail_trunk=trunk))
    network.load_state_dict(seeded.state_dict(), assign=True)
    take_external_trunk(network, where=path)
    save_weights(path, network, PROVENANCE, facts=facts)
    return path


@pytest.fixture(params=[None, Facts(is_gan=True, cleans=True)], ids=["without facts", "facts"])
def restore_fast(data_dir: Path, request: pytest.FixtureRequest) -> Path:
    """A model on the shipped compact network, whether its run wrote facts or not."""
    external = NETWORKS["general-x4v3"]
    assert isinstance(external.config, SRVGGConfig)
    trunk = TrunkConfig(network=external.config, sha256=external.sha256, unit=0.565)
    return put_in_place(data_dir, "liif-gan-restore-fast", trunk, request.param)


@pytest.mark.usefixtures("restore_fast")
def test_it_is_listed_with_what_it_is_for_and_the_network_that_is_here(run: Run) -> None:
    result = run("models")
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[:3] == [
        "liif-gan-restore-fast",
        "  label:          Clean up, fast",
        "  purpose:        clean-up, quick",
    ]
    [reads] = [line for line in lines if line.startswith("  reads:")]
    assert reads.startswith("  reads:          general-x4v3, 2.4 MB, installed; BSD-3-Clause")
    record = json.loads(run("models", "--json").out)
    assert (record["purpose"], record["cleans"], record["is_gan"]) == ("clean-up", True, True)
    assert record["trunk"]["download_bytes"] == 0


def test_it_draws_by_its_name_from_as_taken_to_cleaned(
    restore_fast: Path, run: Run, folder: Path
) -> None:
    drawn: dict[str, np.ndarray] = {}
    for detail in ("0", "0.5", "1"):
        options = ("--scale", 2.5, "--detail", detail, "--precision", "fp32", "--device", "cpu")
        target = f"{detail}.png"
        result = run(
            *("upscale", "photo.png", "--model", restore_fast.stem, "-o", target, "--json"),
            *options,
        )
        assert result.status == 0, result.err
        assert json.loads(result.out)["model"] == "liif-gan-restore-fast"
        drawn[detail] = np.asarray(PilImage.open(folder / target)).astype(int)
    # What is as taken is the structure alone: a model of that and nothing else draws the same.
    config = msgspec.structs.replace(SMALL, detail_trunk=None, detail_field=None)
    plain = LIIF(config)
    stored = seeded_network(SMALL).state_dict()
    plain.load_state_dict({n: t for n, t in stored.items() if not n.startswith("detail")})
    save_weights(folder / "plain.safetensors", plain, PROVENANCE)
    options = ("--scale", 2.5, "--precision", "fp32", "--device", "cpu", "-o", "plain.png")
    assert run("upscale", "photo.png", "--model", "plain.safetensors", *options).status == 0
    structure = np.asarray(PilImage.open(folder / "plain.png")).astype(int)
    assert np.abs(drawn["0"] - structure).max() <= 1
    assert np.abs(drawn["1"] - drawn["0"]).max() > 8
    inside = (drawn["0"] % 255 > 0) & (drawn["1"] % 255 > 0)
    assert inside.any()
    half = (drawn["0"] + drawn["1"]) / 2
    assert np.abs(drawn["0.5"] - half)[inside].max() <= 2


def test_the_large_one_is_never_the_default_and_says_what_it_lacks(
    run: Run, data_dir: Path, tiny_rrdb: ExternalNetwork, tiny_weights: Path, folder: Path
) -> None:
    trunk = TrunkConfig(network=tiny_rrdb.config, sha256=tiny_rrdb.sha256)
    put_in_place(data_dir, "liif-gan-restore", trunk, None)
    tiny_weights.rename(tiny_weights.with_stem("liif"))
    (data_dir / "networks" / tiny_rrdb.weights_name).unlink()
    lines = run("models").out.splitlines()
    assert "  purpose:        clean-up, full" in lines
    assert any(line.startswith("  reads:          tiny-rrdb") for line in lines)
    assert lines[-1] == "default on other processors: liif"
    options = ("--scale", 2, "-o", "big.png", "--model", "liif-gan-restore")
    result = run("upscale", "photo.png", *options)
    assert result.status != 0
    assert "liifgan weights fetch tiny-rrdb" in result.err
    assert [path.name for path in folder.iterdir()] == ["photo.png"]


def test_the_family_has_a_place_for_both() -> None:
    names = [name for name, model in FAMILY.items() if model.purpose == "clean-up"]
    assert names == ["liif-gan-restore", "liif-gan-restore-fast"]
