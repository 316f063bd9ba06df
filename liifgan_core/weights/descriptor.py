"""What an installed model is, as one typed value: all that a list, a card or a choice must know.

Made from a weights file's header, the family's facts and the known networks of others, without
torch; nobody else reads headers to decide. Where a file says what it does (`Facts`), that counts.
Files from before there were facts are taken for what the family knows of their name, others for a
GAN if they have a detail layer.

A choice for people has a card for each model of the group "main", by `purpose` and then `pace`:
`family.FAMILY` has those that could be there, `installed_models` those that are. One whose `trunk`
is not installed becomes ready by `network_fetch.fetch_network(trunk.name)`, which transfers
`trunk.download_bytes`. `detail_ends` names what its detail strength leads from and to.
"""

import itertools
from pathlib import Path

import msgspec

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import LIIFConfig, read_config
from liifgan_core.weights.family import (
    FAMILY,
    PURPOSES,
    Group,
    Pace,
    Purpose,
    group_of,
    list_rank,
)
from liifgan_core.weights.registry import (
    Facts,
    Header,
    Provenance,
    file_sha256,
    read_header,
    weights_files,
)
from liifgan_core.weights.trunks import is_installed, network_by_sha256


class ExternalTrunk(msgspec.Struct, frozen=True, kw_only=True):
    """A network of others that a model reads from a file of its own."""

    sha256: str
    """Of the network's weights."""
    name: str | None
    """As `liifgan weights fetch` takes it; None: this version knows no such network."""
    size_bytes: int
    """Of the network's weights; 0 for one that is not known."""
    download_bytes: int
    """What fetching it transfers; 0 for one that is shipped, or not known."""
    licence: str
    """SPDX identifier and holder; empty for one that is not known."""
    is_installed: bool
    """Whether its files are there, by names and size."""


class WeightsInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One usable weights file and what its model is for."""

    name: str
    path: Path
    sha256: str
    size_bytes: int
    """Of the file, without an external trunk."""
    header: Header
    config: LIIFConfig
    label: str
    """What lists call it, in English; the name of a model beyond the family."""
    description: str
    """One sentence for people who choose, in English."""
    purpose: Purpose
    pace: Pace
    group: Group
    is_gan: bool
    """Whether it, or what it was taught by or began as, was trained against a discriminator."""
    trunk: ExternalTrunk | None
    """What must be installed beside it; None: nothing."""

    @property
    def has_detail(self) -> bool:
        """Whether the detail strength changes the result."""
        return self.config.has_detail

    @property
    def draws_quickly(self) -> bool:
        """Whether it draws a whole view in moments, on a processor too.

        All its decoders are fields then. A trunk of others takes seconds for what is seen, however
        quick the decoders are.
        """
        config = self.config
        decoders = [config.structure_field, *([config.detail_field] if self.has_detail else [])]
        return config.detail_trunk is None and None not in decoders

    @property
    def encodes_slowly(self) -> bool:
        """Whether encoding a tile takes seconds on a processor: it reads a network of others."""
        return self.config.detail_trunk is not None

    @property
    def cleans(self) -> bool:
        """Whether it leaves out noise and compression.

        Its detail strength leads from the photo as it was taken (0) to the cleaned one (1).
        """
        return self.purpose == "clean-up"

    @property
    def detail_ends(self) -> tuple[str, str]:
        """What detail strengths of 0 and 1 give, in English."""
        return ("As taken", "Cleaned") if self.cleans else ("Plain", "Vivid")

    @property
    def provenance(self) -> Provenance:
        """Licence, origin and trained factors."""
        return self.header.provenance

    def strength_at(self, factor: float) -> float:
        """Return the detail strength that its makers advise at a factor; 1 if they say nothing.

        Linear between the factors that they name, constant beyond them.
        """
        points = () if self.header.facts is None else self.header.facts.default_strength
        if not points:
            return 1.0
        if factor <= points[0][0]:
            return points[0][1]
        for (low, at_low), (high, at_high) in itertools.pairwise(points):
            if factor <= high:
                return at_low + (at_high - at_low) * (factor - low) / (high - low)
        return points[-1][1]


def describe(path: Path) -> WeightsInfo:
    """Return what a weights file is; its tensors are not checked.

    Reads the whole file for its checksum. Raises WeightsError as `read_header` and `read_config`.
    """
    header = read_header(path)
    config = read_config(header.architecture, header.config, where=str(path))
    try:
        size_bytes, sha256 = path.stat().st_size, file_sha256(path)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror})") from error
    return described(path, header, config, sha256=sha256, size_bytes=size_bytes)


def described(
    path: Path, header: Header, config: LIIFConfig, *, sha256: str, size_bytes: int
) -> WeightsInfo:
    """Return what a weights file is, of all that it says; `config` is its header's, checked."""
    name, known = path.stem, FAMILY.get(path.stem)
    if header.facts is not None:
        is_gan, purpose = header.facts.is_gan, _purpose(header.facts)
    elif known is not None:
        is_gan, purpose = known.purpose != "faithful", known.purpose
    else:
        is_gan, purpose = config.has_detail, "natural" if config.has_detail else "faithful"
    return WeightsInfo(
        name=name,
        path=path,
        sha256=sha256,
        size_bytes=size_bytes,
        header=header,
        config=config,
        label=name if known is None else known.label,
        description=PURPOSES[purpose] if known is None else known.description,
        purpose=purpose,
        pace="full" if known is None else known.pace,
        group=group_of(name),
        is_gan=is_gan,
        trunk=_external_trunk(config),
    )


def installed_models() -> tuple[list[WeightsInfo], list[WeightsError]]:
    """Return the usable weights files, in the order of lists, and why others cannot be used.

    A user's file comes before a shipped one of the same name. Headers are checked, tensors are when
    they are loaded. Raises WeightsError when a folder cannot be listed.
    """
    found: dict[str, WeightsInfo] = {}
    broken: list[WeightsError] = []
    for path in weights_files():
        if path.stem in found:
            continue
        try:
            found[path.stem] = describe(path)
        except WeightsError as error:
            broken.append(error)
    return sorted(found.values(), key=lambda info: list_rank(info.name)), broken


def _purpose(facts: Facts) -> Purpose:
    if facts.cleans:
        return "clean-up"
    return "natural" if facts.is_gan else "faithful"


def _external_trunk(config: LIIFConfig) -> ExternalTrunk | None:
    trunk = config.detail_trunk
    if trunk is None or not trunk.sha256:
        return None
    try:
        network = network_by_sha256(trunk.sha256)
    except WeightsError:
        return ExternalTrunk(
            sha256=trunk.sha256,
            name=None,
            size_bytes=0,
            download_bytes=0,
            licence="",
            is_installed=False,
        )
    return ExternalTrunk(
        sha256=trunk.sha256,
        name=network.name,
        size_bytes=network.weights_bytes,
        download_bytes=0 if network.package is None else network.package.wheel_bytes,
        licence=network.licence,
        is_installed=is_installed(network.name),
    )
