import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import LIIFConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.weights.checkpoints import import_checkpoint
from liifgan_core.weights.registry import Provenance, file_sha256
from liifgan_core.weights.store import load_weights
from tests.conftest import seeded_network

HIDDEN = (6, 5)


@pytest.fixture(scope="module")
def network() -> LIIF:
    """EDSR-baseline with a small decoder."""
    return seeded_network(LIIFConfig(hidden=HIDDEN))


def public_tensors(network: LIIF) -> dict[str, Tensor]:
    """Return a network's tensors under the names that the LIIF authors' code gives them."""
    tensors: dict[str, Tensor] = {}
    for name, tensor in network.state_dict().items():
        parts = name.split(".")
        if name.startswith("encoder.blocks."):
            number = {"conv1": 0, "conv2": 2}[parts[3]]
            key = f"encoder.body.{parts[2]}.body.{number}.{parts[4]}"
        elif name.startswith("encoder.head."):
            key = f"encoder.head.0.{parts[2]}"
        elif name.startswith("encoder.tail."):
            key = f"encoder.body.16.{parts[2]}"
        else:
            key = f"imnet.layers.{2 * int(parts[2])}.{parts[3]}"
        tensors[key] = tensor
    for shift in ("encoder.sub_mean.", "encoder.add_mean."):
        tensors[f"{shift}weight"] = torch.eye(3).reshape(3, 3, 1, 1)
        tensors[f"{shift}bias"] = torch.ones(3)
    return tensors


def public_layout(tensors: object, **args: object) -> dict[str, Any]:
    given = {
        "encoder_spec": {"name": "edsr-baseline", "args": {"no_upsampling": True}},
        "imnet_spec": {"name": "mlp", "args": {"out_dim": 3, "hidden_list": list(HIDDEN)}},
        "local_ensemble": True,
        "feat_unfold": True,
        "cell_decode": True,
    }
    return {"model": {"name": "liif", "args": given | args, "sd": tensors}, "epoch": 1000}


@pytest.fixture
def save(tmp_path: Path) -> Callable[[object], Path]:
    def save(content: object) -> Path:
        torch.save(content, tmp_path / "public.pth")
        return tmp_path / "public.pth"

    return save


def test_an_imported_checkpoint_gives_the_same_results(
    network: LIIF, save: Callable[[object], Path], tmp_path: Path
) -> None:
    source, target = save(public_layout(public_tensors(network))), tmp_path / "a.safetensors"
    import_checkpoint(source, target)
    loaded = load_weights(target)
    assert loaded.info.header.provenance.source_sha256 == file_sha256(source)
    assert "unknown" in loaded.info.header.provenance.licence
    image = torch.rand(1, 3, 6, 5, generator=torch.manual_seed(0))
    coord = torch.tensor([[[-0.4, 0.3], [0.9, -0.95]]])
    cell = torch.full_like(coord, 0.1)
    expected = network.query(network.encode(image), coord, cell).blend()
    imported = loaded.network
    assert torch.equal(imported.query(imported.encode(image), coord, cell).blend(), expected)


def test_a_given_provenance_is_kept(
    network: LIIF, save: Callable[[object], Path], tmp_path: Path
) -> None:
    provenance = Provenance(
        licence="BSD-3-Clause, (c) 2020 Yinbo Chen", origin="a paper", trained_scales=(1.0, 4.0)
    )
    source, target = save(public_layout(public_tensors(network))), tmp_path / "a.safetensors"
    import_checkpoint(source, target, provenance)
    stored = load_weights(target).info.header.provenance
    assert stored == msgspec.structs.replace(provenance, source_sha256=file_sha256(source))


class _Malice:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("as_zip", [True, False])
def test_code_in_a_checkpoint_is_refused_and_not_run(as_zip: bool, tmp_path: Path) -> None:
    source, trace = tmp_path / "evil.pth", tmp_path / "trace"
    content = public_layout({"encoder.head.0.weight": _Malice(trace)})
    torch.save(content, source, _use_new_zipfile_serialization=as_zip)
    with pytest.raises(WeightsError, match="only tensors and plain values"):
        import_checkpoint(source, tmp_path / "a.safetensors")
    source.write_bytes(pickle.dumps(_Malice(trace), 2))
    with pytest.raises(WeightsError, match="only tensors and plain values"):
        import_checkpoint(source, tmp_path / "a.safetensors")
    assert not trace.exists()
    assert not (tmp_path / "a.safetensors").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\x00" * 100, b"\x80\x02.", b"\x80\x02}.", b"PK\x03\x04" + b"\0" * 60, b"e."],
)
def test_damaged_files_are_refused(content: bytes, tmp_path: Path) -> None:
    source = tmp_path / "a.pth"
    source.write_bytes(content)
    with pytest.raises(WeightsError, match=r"a\.pth: not "):
        import_checkpoint(source, tmp_path / "a.safetensors")


@pytest.mark.filterwarnings("default:Detected pickle protocol")
@pytest.mark.parametrize("as_zip", [True, False])
def test_a_checkpoint_with_any_byte_changed_is_imported_or_refused(
    as_zip: bool, tmp_path: Path
) -> None:
    source = tmp_path / "a.pth"
    torch.save(public_layout({"a": torch.ones(3)}), source, _use_new_zipfile_serialization=as_zip)
    content = source.read_bytes()
    for place in range(0, min(len(content), 1200), 4):
        source.write_bytes(content[:place] + bytes([content[place] ^ 101]) + content[place + 1 :])
        with pytest.raises(WeightsError):
            import_checkpoint(source, tmp_path / "a.safetensors")


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    for source in (tmp_path / "a.pth", tmp_path):
        with pytest.raises(WeightsError, match="there is no such checkpoint"):
            import_checkpoint(source, tmp_path / "a.safetensors")


@pytest.mark.parametrize(
    "content",
    [
        [1],
        {"model": None},
        {"model": {"args": {}}},
        {"model": {"args": None, "sd": {}}},
        {"model": {"args": {"encoder_spec": {}}, "sd": {}}},
        public_layout(None),
        public_layout({1: torch.ones(1)}),
        public_layout({"imnet.layers": torch.ones(1)}),
        public_layout({"imnet.layers.x.weight": torch.ones(1)}),
        public_layout({"encoder.body.0.body.7.weight": torch.ones(1)}),
        public_layout({"encoder.head.0.weight": "text"}),
        public_layout({}, imnet_spec={"args": {"hidden_list": ["wide"]}}),
        public_layout({}, imnet_spec={"args": {"hidden_list": [-1]}}),
        public_layout({}, imnet_spec={"args": {"hidden_list": [2.5]}}),
        public_layout({}, imnet_spec={"args": {"hidden_list": [10**9, 10**9]}}),
        public_layout({}, imnet_spec={"args": {"hidden_list": 5}}),
    ],
    ids=lambda content: str(content)[:30],
)
def test_other_layouts_are_refused(
    content: object, save: Callable[[object], Path], tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match=r"public\.pth"):
        import_checkpoint(save(content), tmp_path / "a.safetensors")
    assert not (tmp_path / "a.safetensors").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"encoder_spec": {"name": "rdn"}}, "with the encoder rdn; only EDSR-baseline"),
        ({"local_ensemble": False}, "without local_ensemble"),
        ({"feat_unfold": False, "cell_decode": False}, "without feat_unfold, cell_decode"),
    ],
)
def test_other_networks_are_refused_by_what_differs(
    args: dict[str, object], message: str, save: Callable[[object], Path], tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match=message):
        import_checkpoint(save(public_layout({}, **args)), tmp_path / "a.safetensors")


def test_tensors_that_do_not_fit_are_refused_in_one_short_line(
    network: LIIF, save: Callable[[object], Path], tmp_path: Path
) -> None:
    tensors = public_tensors(network)
    del tensors["encoder.head.0.bias"]
    tensors["encoder.body.16.bias"] = torch.ones(3)
    with pytest.raises(WeightsError, match=r"the tensor encoder.head.bias is missing") as caught:
        import_checkpoint(save(public_layout(tensors)), tmp_path / "a.safetensors")
    assert "\n" not in str(caught.value)


def test_values_that_are_not_finite_are_refused(
    network: LIIF, save: Callable[[object], Path], tmp_path: Path
) -> None:
    tensors = public_tensors(network)
    tensors["encoder.head.0.bias"] = torch.full((64,), torch.nan)
    with pytest.raises(WeightsError, match="finite"):
        import_checkpoint(save(public_layout(tensors)), tmp_path / "a.safetensors")
    assert not (tmp_path / "a.safetensors").exists()
