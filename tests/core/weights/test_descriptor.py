import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from safetensors import safe_open
from safetensors.torch import save_file

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig, TrunkConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.resources import resource_path
from liifgan_core.weights.descriptor import WeightsInfo, describe
from liifgan_core.weights.registry import HEADER_KEY, Facts, file_sha256
from liifgan_core.weights.store import load_weights, save_weights, take_external_trunk
from liifgan_core.weights.trunks import NETWORKS, ExternalNetwork
from tests.conftest import PROVENANCE, seeded_network

TINY = LIIFConfig(encoder=EDSRConfig(num_features=4, num_blocks=2), hidden=(4,))
DETAIL = msgspec.structs.replace(TINY, detail_tap=1)
FIELD = FieldConfig(order=1)


def saved(
    folder: Path, name: str, config: LIIFConfig = TINY, facts: Facts | None = None
) -> WeightsInfo:
    path = folder / f"{name}.safetensors"
    save_weights(path, seeded_network(config), PROVENANCE, facts=facts)
    return describe(path)


def test_a_file_is_named_measured_and_summed(tmp_path: Path) -> None:
    info = saved(tmp_path, "mine")
    assert (info.name, info.path) == ("mine", tmp_path / "mine.safetensors")
    assert info.size_bytes == len(info.path.read_bytes())
    assert info.sha256 == file_sha256(info.path)
    assert info.provenance == PROVENANCE
    assert info.config == TINY
    assert info.trunk is None


@pytest.mark.parametrize(
    ("is_gan", "cleans", "purpose"),
    [
        (False, False, "faithful"),
        (True, False, "natural"),
        (True, True, "clean-up"),
        (False, True, "clean-up"),
    ],
)
def test_what_the_file_says_counts_whatever_it_is_called(
    is_gan: bool, cleans: bool, purpose: str, tmp_path: Path
) -> None:
    facts = Facts(is_gan=is_gan, cleans=cleans)
    for name in ("liif-gan", "elegant", "liif"):
        info = saved(tmp_path, name, DETAIL, facts)
        assert (info.is_gan, info.cleans, info.purpose) == (is_gan, cleans, purpose)
        ends = ("As taken", "Cleaned") if cleans else ("Plain", "Vivid")
        assert info.detail_ends == ends


@pytest.mark.parametrize(
    ("name", "config", "expected"),
    [
        ("elegant", TINY, ("faithful", "full", "own", False)),
        ("gan", TINY, ("faithful", "full", "own", False)),
        ("mine", DETAIL, ("natural", "full", "own", True)),
        ("liif", TINY, ("faithful", "full", "main", False)),
        ("liif-gan", DETAIL, ("natural", "full", "main", True)),
        ("liif-gan-fast", DETAIL, ("natural", "quick", "main", True)),
        ("liif-gan-restore", DETAIL, ("clean-up", "full", "main", True)),
        ("liif-gan-restore-fast", DETAIL, ("clean-up", "quick", "main", True)),
        ("liif-air", TINY, ("faithful", "quick", "quick view", False)),
        ("liif-gan-s", TINY, ("natural", "full", "table", True)),
    ],
)
def test_files_from_before_there_were_facts_are_known_by_the_family_or_their_layers(
    name: str, config: LIIFConfig, expected: tuple[object, ...], tmp_path: Path
) -> None:
    info = saved(tmp_path, name, config)
    assert info.header.facts is None
    with safe_open(info.path, framework="numpy") as file:
        stored = json.loads(file.metadata()[HEADER_KEY])
    assert stored.keys() == {"architecture", "config", "provenance"}
    assert (info.purpose, info.pace, info.group, info.is_gan) == expected


@pytest.mark.parametrize(
    ("changes", "has_detail", "draws_quickly"),
    [
        ({}, False, False),
        ({"detail_tap": 1}, True, False),
        ({"structure_field": FIELD}, False, True),
        ({"structure_field": FIELD, "detail_tap": 1}, True, False),
        ({"structure_field": FIELD, "detail_tap": 1, "detail_field": FIELD}, True, True),
    ],
)
def test_it_draws_quickly_when_all_its_decoders_are_fields(
    changes: dict[str, object], has_detail: bool, draws_quickly: bool, tmp_path: Path
) -> None:
    info = saved(tmp_path, "one", msgspec.structs.replace(TINY, **changes))
    assert (info.has_detail, info.draws_quickly) == (has_detail, draws_quickly)


@pytest.mark.parametrize(
    ("factor", "strength"), [(0.5, 1.0), (4.0, 1.0), (5.0, 0.9), (6.0, 0.8), (7.0, 0.65), (9, 0.5)]
)
def test_the_advised_strength_is_linear_between_the_factors_that_are_named(
    factor: float, strength: float, tmp_path: Path
) -> None:
    points = ((4.0, 1.0), (6.0, 0.8), (8.0, 0.5))
    info = saved(tmp_path, "a", DETAIL, Facts(is_gan=True, cleans=False, default_strength=points))
    assert info.strength_at(factor) == pytest.approx(strength)
    assert saved(tmp_path, "b", DETAIL).strength_at(factor) == 1.0


@pytest.mark.parametrize("points", [[[4, 1], [4, 0.5]], [[8, 1], [4, 1]], [[0, 1]], [[4, 3]]])
def test_strengths_that_make_no_sense_are_refused(points: object, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    header = {
        "architecture": "liif",
        "config": msgspec.to_builtins(TINY),
        "provenance": msgspec.to_builtins(PROVENANCE),
        "facts": {"is_gan": True, "cleans": False, "default_strength": points},
    }
    save_file(seeded_network(TINY).state_dict(), path, {HEADER_KEY: json.dumps(header)})
    with pytest.raises(WeightsError, match=r"a\.safetensors.*default_strength"):
        describe(path)


def test_a_trunk_of_others_is_told_with_what_it_takes(
    tiny_rrdb: ExternalNetwork, data_dir: Path, tmp_path: Path
) -> None:
    trunk = TrunkConfig(network=tiny_rrdb.config, sha256=tiny_rrdb.sha256)
    fields = {"structure_field": FIELD, "detail_field": FIELD, "detail_trunk": trunk}
    network = LIIF(msgspec.structs.replace(TINY, **fields))
    take_external_trunk(network, where=tmp_path)
    path = tmp_path / "mine.safetensors"
    save_weights(path, network, PROVENANCE)
    found = describe(path).trunk
    assert found is not None
    assert (found.name, found.sha256) == ("tiny-rrdb", tiny_rrdb.sha256)
    assert (found.size_bytes, found.download_bytes) == (tiny_rrdb.weights_bytes, 0)
    assert (found.licence, found.is_installed) == ("none", True)
    assert not describe(path).draws_quickly
    (data_dir / "networks" / tiny_rrdb.weights_name).unlink()
    found = describe(path).trunk
    assert found is not None
    assert not found.is_installed


def test_a_trunk_that_this_version_does_not_know_is_told_too(tmp_path: Path) -> None:
    trunk = TrunkConfig(network=NETWORKS["general-x4v3"].config, sha256="0" * 64)
    header = {
        "architecture": "liif",
        "config": msgspec.to_builtins(msgspec.structs.replace(TINY, detail_trunk=trunk)),
        "provenance": msgspec.to_builtins(PROVENANCE),
    }
    path = tmp_path / "newer.safetensors"
    save_file(seeded_network(TINY).state_dict(), path, {HEADER_KEY: json.dumps(header)})
    found = describe(path).trunk
    assert found is not None
    assert (found.name, found.is_installed, found.size_bytes) == (None, False, 0)


def test_what_is_shipped_fetched_and_stored_is_told_apart() -> None:
    trunks = {
        path.stem: describe(path).trunk for path in resource_path("weights").glob("*.safetensors")
    }
    realsr = trunks["liif-gan"]
    assert realsr is not None
    assert (realsr.name, realsr.size_bytes) == ("realsr", 33_424_520)
    assert realsr.download_bytes == 30_950_637
    assert realsr.licence.startswith("Apache-2.0")
    assert trunks["liif-gan-fast"] is None  # its blocks were trained further
    assert trunks["liif"] is None


def test_weights_of_the_first_version_load(tmp_path: Path) -> None:
    """A header as 0.1.0 wrote it before there were trunks, blocks of another width and facts."""
    header = """{
        "architecture": "liif",
        "config": {
            "encoder": {"num_features": 4, "num_blocks": 2, "residual_scale": 1.0,
                        "num_deep_blocks": 0, "has_deep_noise": false},
            "hidden": [4], "structure_tap": "last", "detail_tap": 1, "structure_field": null,
            "detail_field": {"order": 1, "num_blocks": 0, "is_high_pass": true}},
        "provenance": {"licence": "CC0-1.0", "origin": "trained by LIIF-GAN 0.1.0",
                       "trained_scales": [1.0, 4.0], "source_sha256": ""}}"""
    field = FieldConfig(order=1, is_high_pass=True)
    network = seeded_network(msgspec.structs.replace(DETAIL, detail_field=field))
    path = tmp_path / "old.safetensors"
    save_file(network.state_dict(), path, {HEADER_KEY: header})
    loaded = load_weights(path)
    assert loaded.network.config == network.config
    assert (loaded.info.purpose, loaded.info.is_gan) == ("natural", True)


@pytest.mark.parametrize(
    "change",
    [
        {"architecture": "liif-2"},
        {"config": {"hidden": [4], "attention": True}},
        {"facts": {"is_gan": True, "cleans": False, "mood": "good"}},
        {"signature": "x"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_weights_of_another_version_are_refused_with_the_way_out(
    change: dict[str, object], tmp_path: Path
) -> None:
    header = {
        "architecture": "liif",
        "config": msgspec.to_builtins(TINY),
        "provenance": msgspec.to_builtins(PROVENANCE),
    }
    path = tmp_path / "other.safetensors"
    save_file(
        seeded_network(TINY).state_dict(), path, {HEADER_KEY: json.dumps({**header, **change})}
    )
    with pytest.raises(WeightsError, match=r"other\.safetensors.*(or a newer one|as new)"):
        load_weights(path)


def test_it_takes_no_torch() -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from liifgan_core.weights.descriptor import describe\n"
        "print(describe(Path(sys.argv[1])).purpose)\nassert 'torch' not in sys.modules"
    )
    path = str(resource_path("weights", "liif.safetensors"))
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.stdout.strip(), done.stderr) == ("faithful", "")
