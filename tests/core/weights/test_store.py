import json
import os
import pickle
import struct
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from safetensors.torch import save_file

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig, TrunkConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.weights.descriptor import installed_models
from liifgan_core.weights.registry import HEADER_KEY, file_sha256
from liifgan_core.weights.store import load_weights, save_weights, take_external_trunk
from liifgan_core.weights.trunk_store import load_trunk
from liifgan_core.weights.trunks import ExternalNetwork
from tests.conftest import PROVENANCE, seeded_network


def header(config: object, architecture: str = "liif") -> dict[str, str]:
    content = {
        "architecture": architecture,
        "config": config,
        "provenance": msgspec.to_builtins(PROVENANCE),
    }
    return {HEADER_KEY: json.dumps(content)}


def write(
    path: Path,
    network: LIIF,
    *,
    drop: tuple[str, ...] = (),
    change: dict[str, torch.Tensor] | None = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Save a network's tensors with some left out, replaced or added."""
    tensors = {name: t.clone() for name, t in network.state_dict().items() if name not in drop}
    tensors |= change or {}
    if metadata is None:
        metadata = header(msgspec.to_builtins(network.config))
    save_file(tensors, path, metadata)
    return path


@pytest.mark.parametrize(
    "config",
    [
        LIIFConfig(encoder=EDSRConfig(num_features=3, num_blocks=1), hidden=(5,)),
        LIIFConfig(encoder=EDSRConfig(num_features=2, num_blocks=3), hidden=(4, 6), detail_tap=2),
        LIIFConfig(
            encoder=EDSRConfig(num_features=2, num_blocks=2, residual_scale=0.1),
            hidden=(3, 3),
            structure_tap=1,
            detail_tap="last",
        ),
    ],
)
def test_what_is_saved_is_loaded(config: LIIFConfig, tmp_path: Path) -> None:
    network, path = seeded_network(config), tmp_path / "new" / "a.safetensors"
    save_weights(path, network, PROVENANCE)
    loaded = load_weights(path)
    assert loaded.network.config == config
    assert loaded.info.name == "a"
    assert loaded.info.path == path
    assert loaded.info.sha256 == file_sha256(path)
    assert loaded.info.header.provenance == PROVENANCE
    assert loaded.has_detail == (config.detail_tap is not None)
    assert not loaded.network.training
    for name, tensor in network.state_dict().items():
        assert torch.equal(loaded.network.state_dict()[name], tensor)
        assert not loaded.network.state_dict()[name].requires_grad


def test_half_precision_files_are_loaded_as_float32(tiny_network: LIIF, tmp_path: Path) -> None:
    halves = {name: t.half() for name, t in tiny_network.state_dict().items()}
    path = write(tmp_path / "a.safetensors", tiny_network, change=halves)
    loaded = load_weights(path).network
    assert {parameter.dtype for parameter in loaded.parameters()} == {torch.float32}


def test_saving_replaces_and_leaves_no_temporary_file(tiny_network: LIIF, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_text("old")
    save_weights(path, tiny_network, PROVENANCE)
    load_weights(path)
    assert list(tmp_path.iterdir()) == [path]


def test_failed_saving_keeps_the_old_file(
    tiny_network: LIIF, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.safetensors"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(WeightsError, match="No space left"):
        save_weights(path, tiny_network, PROVENANCE)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_an_error(tiny_network: LIIF, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match="cannot be written"):
        save_weights(tmp_path / "file" / "a.safetensors", tiny_network, PROVENANCE)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nothing\.safetensors: there is no such weights file"):
        load_weights(tmp_path / "nothing.safetensors")
    with pytest.raises(WeightsError, match="there is no such weights file"):
        load_weights(tmp_path)


class _Malice:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


def test_a_renamed_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    path, trace = tmp_path / "a.safetensors", tmp_path / "trace"
    for protocol in (0, 2, 4):
        path.write_bytes(pickle.dumps(_Malice(trace), protocol))
        with pytest.raises(WeightsError, match="not a readable safetensors file"):
            load_weights(path)
    torch.save({"a": _Malice(trace)}, path)
    with pytest.raises(WeightsError, match="weights import"):
        load_weights(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello, this is text",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 10**9) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 4) + b"\xff\xfe\xfd\xfc",
    ],
)
def test_bytes_that_are_no_weights_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"a\.safetensors"):
        load_weights(path)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_refused(share: float, tiny_network: LIIF, tmp_path: Path) -> None:
    path = write(tmp_path / "a.safetensors", tiny_network)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(WeightsError, match=r"a\.safetensors"):
        load_weights(path)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"format": "pt"},
        {HEADER_KEY: ""},
        {HEADER_KEY: "{"},
        {HEADER_KEY: "[]"},
        {HEADER_KEY: "null"},
        {HEADER_KEY: '{"architecture": "liif"}'},
        {HEADER_KEY: '{"architecture": 1, "config": {}, "provenance": {}}'},
        {HEADER_KEY: "[" * 100_000},
    ],
    ids=lambda metadata: str(metadata)[:40],
)
def test_a_header_that_is_not_ours_is_refused(
    metadata: dict[str, str], tiny_network: LIIF, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.safetensors", tiny_network, metadata=metadata)
    with pytest.raises(WeightsError, match="without a valid LIIF-GAN header"):
        load_weights(path)


def test_tensors_must_be_those_of_the_network(tiny_network: LIIF, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write(path, tiny_network, drop=("encoder.tail.bias",))
    with pytest.raises(WeightsError, match=r"the tensor encoder\.tail\.bias is missing"):
        load_weights(path)
    write(path, tiny_network, change={"extra": torch.ones(1)})
    with pytest.raises(WeightsError, match="the tensor extra does not belong"):
        load_weights(path)
    write(path, tiny_network, change={"encoder.tail.bias": torch.ones(9)})
    with pytest.raises(WeightsError, match=r"encoder\.tail\.bias has shape \(9,\), not \(8,\)"):
        load_weights(path)


@pytest.mark.parametrize(
    "bad",
    [
        torch.full((8,), torch.nan),
        torch.full((8,), torch.inf),
        torch.ones(8, dtype=torch.int64),
        torch.ones(8, dtype=torch.complex64),
        torch.ones(8, dtype=torch.bool),
        torch.full((8,), 1e300, dtype=torch.float64),
        torch.ones(8).to(torch.float8_e4m3fn),
    ],
    ids=lambda bad: f"{bad.dtype}",
)
def test_values_must_be_finite_numbers(
    bad: torch.Tensor, tiny_network: LIIF, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.safetensors", tiny_network, change={"encoder.tail.bias": bad})
    with pytest.raises(WeightsError, match=r"encoder\.tail\.bias"):
        load_weights(path)


def test_an_unknown_architecture_is_refused(tiny_network: LIIF, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.safetensors", tiny_network, metadata=header({}, architecture="dreams")
    )
    with pytest.raises(WeightsError, match="unknown architecture 'dreams'"):
        load_weights(path)


@pytest.mark.parametrize(
    "config",
    [
        {"encoder": {"num_features": 10**6}},
        {"encoder": {"num_features": 10**12}},
        {"hidden": [10**7, 10**7]},
        {"hidden": [10**12, 10**12]},
        {"hidden": ["many"]},
        {"surprise": 1},
    ],
    ids=str,
)
def test_an_absurd_configuration_takes_no_memory_and_is_refused(
    config: object, tiny_network: LIIF, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.safetensors", tiny_network, metadata=header(config))
    with pytest.raises(WeightsError, match=r"a\.safetensors"):
        load_weights(path)


def _on_trunk(trunk: TrunkConfig) -> LIIFConfig:
    return LIIFConfig(
        encoder=EDSRConfig(num_features=4, num_blocks=1),
        hidden=(4,),
        structure_field=FieldConfig(order=1),
        detail_trunk=trunk,
        detail_field=FieldConfig(order=1, num_blocks=1, block_width=12, block_slope=0.1),
    )


@pytest.fixture
def on_external(tiny_rrdb: ExternalNetwork) -> LIIF:
    """A network whose detail layer reads the tiny RRDB."""
    trunk = TrunkConfig(network=tiny_rrdb.config, sha256=tiny_rrdb.sha256, unit=0.5)
    network = LIIF(_on_trunk(trunk)).requires_grad_(False).eval()
    take_external_trunk(network, where=Path("new"))
    return network


def _features(network: LIIF) -> torch.Tensor:
    lr_BCHW = torch.rand(1, 3, 6, 7, generator=torch.Generator().manual_seed(0))
    features = network.encode(lr_BCHW)
    assert features.detail_BDHW is not None
    return features.detail_BDHW


def test_an_external_trunk_is_named_and_not_stored(
    on_external: LIIF, tiny_rrdb: ExternalNetwork, tmp_path: Path
) -> None:
    path = tmp_path / "a.safetensors"
    save_weights(path, on_external, PROVENANCE)
    assert b"detail_encoder" not in path.read_bytes()
    loaded = load_weights(path)
    assert loaded.has_detail
    assert loaded.network.config == on_external.config
    expected = load_trunk(tiny_rrdb.sha256).state_dict()
    for name, tensor in on_external.state_dict().items():
        assert torch.equal(loaded.network.state_dict()[name], tensor)
        if name.startswith("detail_encoder."):
            assert torch.equal(tensor, expected.pop(name.removeprefix("detail_encoder.")))
    assert not expected
    assert not any(parameter.requires_grad for parameter in loaded.network.parameters())
    assert torch.equal(_features(loaded.network), _features(on_external))


def test_blocks_of_a_trunk_are_stored(tiny_rrdb: ExternalNetwork, tmp_path: Path) -> None:
    trunk = load_trunk(tiny_rrdb.sha256, blocks=[1])
    network = LIIF(_on_trunk(TrunkConfig(network=trunk.config))).requires_grad_(False).eval()
    network.detail_encoder = trunk
    path = tmp_path / "a.safetensors"
    save_weights(path, network, PROVENANCE)
    loaded = load_weights(path)
    for name, tensor in network.state_dict().items():
        assert torch.equal(loaded.network.state_dict()[name], tensor)
    assert torch.equal(_features(loaded.network), _features(network))


def test_tensors_of_an_external_trunk_do_not_belong_into_a_file(
    on_external: LIIF, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.safetensors", on_external)
    with pytest.raises(WeightsError, match=r"the tensor detail_encoder\.\S+ does not belong"):
        load_weights(path)


def test_a_model_without_its_trunk_is_listed_but_not_loaded(
    on_external: LIIF, tiny_rrdb: ExternalNetwork, data_dir: Path
) -> None:
    path = data_dir / "weights" / "mine.safetensors"
    save_weights(path, on_external, PROVENANCE)
    (data_dir / "networks" / tiny_rrdb.weights_name).unlink()
    usable, broken = installed_models()
    assert [info.name for info in usable] == ["mine"]
    assert not broken
    with pytest.raises(WeightsError, match=r"mine.*'tiny-rrdb' are not here; get it with pip"):
        load_weights(path)


def test_a_changed_trunk_is_refused(
    on_external: LIIF, tiny_rrdb: ExternalNetwork, data_dir: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.safetensors"
    save_weights(path, on_external, PROVENANCE)
    weights = data_dir / "networks" / tiny_rrdb.weights_name
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    with pytest.raises(WeightsError, match=r"a\.safetensors: .*its SHA-256 is"):
        load_weights(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "0" * 64}, "no network is known whose weights have the SHA-256 0000"),
        ({"network": {"kind": "rrdb", "num_features": 8, "num_growth": 4}}, "is RRDBConfig"),
    ],
)
def test_another_trunk_than_the_files_is_refused(
    change: dict[str, object], message: str, on_external: LIIF, tmp_path: Path
) -> None:
    path = tmp_path / "a.safetensors"
    save_weights(path, on_external, PROVENANCE)
    config = msgspec.to_builtins(on_external.config)
    config["detail_trunk"] |= change
    kept = {n: t for n, t in on_external.state_dict().items() if "detail_encoder" not in n}
    save_file(kept, path, header(config))
    with pytest.raises(WeightsError, match=rf"a\.safetensors: .*{message}"):
        load_weights(path)
