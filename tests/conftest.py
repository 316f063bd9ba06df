"""What all tests share: the Hypothesis profile, tiny networks, and a data folder of their own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import settings

from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig, RRDBConfig, TrunkConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.models.processor import Processor
from liifgan_core.render import devices, placed_model
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.resources import CONFIG_DIR_VARIABLE, DATA_DIR_VARIABLE, resource_path
from liifgan_core.weights import trunk_store, trunks
from liifgan_core.weights.descriptor import described
from liifgan_core.weights.registry import Header, Provenance, file_sha256
from liifgan_core.weights.store import LoadedModel, save_weights, take_external_trunk
from liifgan_core.weights.trunks import ExternalNetwork, NetworkPackage
from tests.core.weights.ncnn_pair import rrdb_layers, write_pair

settings.register_profile("liifgan", deadline=None, derandomize=True, database=None)
settings.load_profile("liifgan")

PROVENANCE = Provenance(licence="none", origin="a test", trained_scales=(1.0, 4.0))

PLAIN = Processor(
    name="plain", is_x86=True, has_amx_bf16=False, has_avx512_bf16=False, is_amd=False
)
AMX = Processor(name="amx", is_x86=True, has_amx_bf16=True, has_avx512_bf16=True, is_amd=False)
"""Processors to make rules see."""

Place = Callable[..., PlacedModel]
UseProcessor = Callable[[Processor], None]


@pytest.fixture(autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder instead of the user's, and no shipped weights (`shipped/` below it).

    Nor are there settings of the user's (`config/`)."""
    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(folder))
    monkeypatch.setenv(CONFIG_DIR_VARIABLE, str(folder / "config"))
    monkeypatch.setattr(
        "liifgan_core.weights.registry.resource_path",
        lambda *parts: folder.joinpath("shipped", *parts),
    )
    return folder


def seeded_network(config: LIIFConfig, seed: int = 0) -> LIIF:
    """Return a network whose parameters come from NumPy's generator, which no torch changes.

    Their size keeps activations near 1, so that an error anywhere shows in the result.
    """
    rng = np.random.default_rng(seed)
    network = LIIF(config)
    with torch.no_grad():
        for parameter in network.parameters():
            fan_in = max(1, parameter[0].numel()) if parameter.ndim > 1 else 16
            values = rng.standard_normal(tuple(parameter.shape)) / np.sqrt(fan_in)
            parameter.copy_(torch.from_numpy(values))
    return network.requires_grad_(False).eval()


@pytest.fixture(scope="session")
def tiny_network() -> LIIF:
    encoder = EDSRConfig(num_features=8, num_blocks=2)
    return seeded_network(LIIFConfig(encoder=encoder, hidden=(16, 16)))


@pytest.fixture(scope="session")
def detail_network() -> LIIF:
    """Structure reads the last layer, detail the first block."""
    encoder = EDSRConfig(num_features=8, num_blocks=2)
    return seeded_network(LIIFConfig(encoder=encoder, hidden=(16, 16), detail_tap=1), seed=1)


@pytest.fixture
def tiny_weights(data_dir: Path, tiny_network: LIIF) -> Path:
    """The tiny network, installed as the only model, `tiny`."""
    path = data_dir / "weights" / "tiny.safetensors"
    save_weights(path, tiny_network, PROVENANCE)
    return path


@pytest.fixture
def air_weights(data_dir: Path) -> Path:
    """A tiny network of fields, installed as `tiny-air`."""
    config = LIIFConfig(
        encoder=EDSRConfig(num_features=8, num_blocks=2),
        structure_field=FieldConfig(order=1),
        detail_tap="last",
        detail_field=FieldConfig(order=2),
    )
    path = data_dir / "weights" / "tiny-air.safetensors"
    save_weights(path, seeded_network(config, seed=2), PROVENANCE)
    return path


@pytest.fixture
def detail_weights(data_dir: Path, detail_network: LIIF) -> Path:
    """The tiny network with a detail decoder, installed as `tiny-detail`."""
    path = data_dir / "weights" / "tiny-detail.safetensors"
    save_weights(path, detail_network, PROVENANCE)
    return path


@pytest.fixture
def tiny_rrdb(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> ExternalNetwork:
    """A tiny RRDB of random weights, the only network of others; its files are fetched ones."""
    folder = data_dir / "networks"
    folder.mkdir()
    config = RRDBConfig(num_features=8, num_growth=4, num_blocks=2)
    param, weights = write_pair(folder, rrdb_layers(config))
    network = ExternalNetwork(
        name="tiny-rrdb",
        title="Tiny (x4)",
        config=config,
        weights_name=weights.name,
        weights_bytes=weights.stat().st_size,
        sha256=file_sha256(weights),
        param_sha256=file_sha256(param),
        package=NetworkPackage(
            name="no-such-package",
            version="1.0",
            folder="no_such_package_1/models",
            wheel_bytes=0,
            wheel_sha256="",
        ),
        licence="none",
        origin="a test",
    )
    for module in (trunks, trunk_store):
        monkeypatch.setattr(module, "NETWORKS", {network.name: network})
    return network


@pytest.fixture
def natural_models(data_dir: Path, tiny_rrdb: ExternalNetwork, tiny_network: LIIF) -> Path:
    """Tiny models called `liif-gan`, which reads the tiny RRDB, `liif-gan-fast`, which has a trunk
    of its own, and `liif`; their folder."""
    folder = data_dir / "weights"
    encoder = EDSRConfig(num_features=8, num_blocks=2)
    for name, sha256 in (("liif-gan", tiny_rrdb.sha256), ("liif-gan-fast", "")):
        trunk = TrunkConfig(network=tiny_rrdb.config, sha256=sha256)
        config = LIIFConfig(encoder=encoder, hidden=(16, 16), detail_trunk=trunk)
        network = seeded_network(config, seed=3) if not sha256 else LIIF(config)
        if sha256:
            take_external_trunk(network, where=folder)
        save_weights(folder / f"{name}.safetensors", network, PROVENANCE)
    save_weights(folder / "liif.safetensors", tiny_network, PROVENANCE)
    return folder


@pytest.fixture(scope="session")
def place() -> Place:
    """Put a network on a device, float32 on the CPU unless told otherwise."""

    def place(
        network: LIIF, device: str = "cpu", dtype: torch.dtype = torch.float32
    ) -> PlacedModel:
        header = Header(architecture="liif", config={}, provenance=PROVENANCE)
        path = Path("tiny.safetensors")
        info = described(path, header, network.config, sha256="", size_bytes=0)
        return PlacedModel(LoadedModel(info=info, network=network), torch.device(device), dtype)

    return place


@pytest.fixture
def use_processor(monkeypatch: pytest.MonkeyPatch) -> UseProcessor:
    """Make rules see another processor than this machine's, and no variable that overrides them."""

    def use(processor: Processor) -> None:
        monkeypatch.delenv(devices.PRECISION_VARIABLE, raising=False)
        for module in (devices, placed_model):
            monkeypatch.setattr(module, "this_processor", lambda: processor)

    return use


def _has_device(name: str) -> bool:
    if name == "mps":
        return torch.backends.mps.is_available()
    return name == "cpu" or getattr(torch, name).is_available()


@pytest.fixture(
    scope="session",
    params=["cpu", *(pytest.param(name, marks=pytest.mark.gpu) for name in ("cuda", "xpu", "mps"))],
)
def device(request: pytest.FixtureRequest) -> str:
    """Every kind of device; those that this machine lacks are skipped."""
    if not _has_device(request.param):
        pytest.skip(f"this machine has no {request.param} device")
    return request.param


@pytest.fixture(scope="session")
def public_weights() -> Path:
    """The public checkpoint as it is shipped."""
    return resource_path("weights", "liif.safetensors")
