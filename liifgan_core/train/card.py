"""What a run leaves behind: weights that load at once, and a card that says how they were made."""

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

import liifgan_core
from liifgan_core.errors import WeightsError
from liifgan_core.files.whole import write_whole
from liifgan_core.models.config import LIIFConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.image_folder import ImageFolder, licences
from liifgan_core.train.learner import RunFacts
from liifgan_core.train.lesson_key import LessonKey
from liifgan_core.train.retired import without_retired
from liifgan_core.weights.descriptor import describe
from liifgan_core.weights.feature_files import FEATURE_FILES
from liifgan_core.weights.registry import Facts, Provenance, file_sha256
from liifgan_core.weights.store import save_weights
from liifgan_core.weights.trunks import ExternalNetwork, network_by_sha256, network_named

WEIGHTS_NAME, CARD_NAME = "model.safetensors", "model.json"


class InitRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Weights that a run started or learnt from."""

    file: str
    sha256: str
    provenance: Provenance
    is_gan: bool = False
    """Whether they came of training against a discriminator."""


class NetworkRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A network of others that a run learnt from or is built on."""

    name: str
    sha256: str
    licence: str
    origin: str


class DataRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The images that a run was trained on."""

    folder: str
    """Its name, without the path: cards are given away."""
    num_images: int
    num_skipped: int
    num_validation: int
    fingerprint: str
    licences: dict[str, int]
    """Images per licence, from the folder's manifest.csv; empty without one."""


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """model.json: everything to judge and to repeat a run."""

    name: str
    architecture: LIIFConfig
    recipe: TrainConfig
    steps: int
    hours: float
    data: DataRecord
    init: InitRecord | None
    teacher: InitRecord | None = None
    """Whose pictures a layer learnt from, by `distillation`."""
    detail_teacher: NetworkRecord | None = None
    """Whose pictures the detail layer learnt from."""
    detail_trunk: NetworkRecord | None = None
    """What the detail layer reads, where it is not in the file, or began as."""
    perceptual_network: str | None
    """Name, licence and SHA-256 of the network whose features were compared."""
    metrics: dict[str, float | None]
    """Of the last validation."""
    sha256: str
    """Of model.safetensors."""
    date: str
    software: str
    weaknesses: list[str] = []
    """What its makers have seen it do badly, a sentence each."""


def read_card(content: bytes) -> ModelCard:
    """Return a card; raises ValueError when it is none, or of a recipe that there is no more."""
    plain: dict[str, Any] = msgspec.json.decode(content)
    return msgspec.convert(plain | {"recipe": without_retired(plain["recipe"])}, ModelCard)


def init_record(path: Path | None) -> InitRecord | None:
    """Return the record of a weights file."""
    if path is None:
        return None
    info = describe(path)
    return InitRecord(
        file=path.name, sha256=info.sha256, provenance=info.provenance, is_gan=info.is_gan
    )


def data_record(folder: ImageFolder, *, num_validation: int) -> DataRecord:
    """Return the record of a folder of training images."""
    return DataRecord(
        folder=folder.root.resolve().name,
        num_images=len(folder.paths),
        num_skipped=len(folder.skipped),
        num_validation=num_validation,
        fingerprint=folder.fingerprint,
        licences=licences(folder),
    )


def write_model(
    out: Path,
    config: TrainConfig,
    tensors: Mapping[str, Tensor],
    facts: RunFacts,
    *,
    data: DataRecord,
    init: InitRecord | None,
    teacher: InitRecord | None = None,
    lessons: LessonKey | None = None,
) -> Path:
    """Write model.safetensors and model.json to `out`; return the weights' path.

    Raises WeightsError when the folder cannot be written.
    """
    network = LIIF(config.network)
    # Assigned, since an external trunk has no memory of its own before.
    network.load_state_dict(dict(tensors), assign=True)
    path = out / WEIGHTS_NAME
    networks = _networks(config, lessons)
    provenance = _provenance(config, facts.steps, data, init, teacher, networks)
    save_weights(path, network, provenance, facts=facts_of(config, init, teacher))
    card = ModelCard(
        name=config.name,
        architecture=config.network,
        recipe=without_folders(config),
        steps=facts.steps,
        hours=round(facts.seconds / 3600.0, 2),
        data=data,
        init=init,
        teacher=teacher,
        detail_teacher=_network_record(networks[0]),
        detail_trunk=_network_record(networks[1]),
        perceptual_network=_perceptual_label(config),
        metrics={name: round(value, 5) for name, value in facts.metrics.items()},
        sha256=file_sha256(path),
        date=facts.now.isoformat(timespec="seconds"),
        software=f"LIIF-GAN {liifgan_core.__version__}, torch {torch.__version__}, "
        f"{platform.system()} {platform.machine()}",
    )
    content = msgspec.json.format(msgspec.json.encode(card), indent=2)
    try:
        write_whole(out / CARD_NAME, content)
    except OSError as error:
        raise WeightsError(f"{out / CARD_NAME}: cannot be written ({error.strerror})") from error
    return path


def facts_of(
    config: TrainConfig, init: InitRecord | None, teacher: InitRecord | None = None
) -> Facts:
    """Return what a run's model does, by its recipe, what it began as and what it learnt from.

    All networks of others that teach were trained against a discriminator.
    """
    taught = config.taught
    has_adversary = config.loss.gan is not None or taught is not None
    damages = [config.data.degradation, None if taught is None else taught.lessons.degradation]
    known = [record for record in (init, teacher) if record is not None]
    return Facts(
        is_gan=has_adversary or any(record.is_gan for record in known),
        cleans=any(damage is not None for damage in damages),
    )


def without_folders(config: TrainConfig) -> TrainConfig:
    """Return the recipe with the names of weights files in place of their paths: cards are given
    away."""
    distillation = config.loss.distillation
    if distillation is not None:
        named = msgspec.structs.replace(distillation, teacher=Path(distillation.teacher).name)
        loss = msgspec.structs.replace(config.loss, distillation=named)
        config = msgspec.structs.replace(config, loss=loss)
    init = None if config.init is None else Path(config.init).name
    return msgspec.structs.replace(config, init=init)


def _provenance(
    config: TrainConfig,
    steps: int,
    data: DataRecord,
    init: InitRecord | None,
    teacher: InitRecord | None,
    networks: tuple[ExternalNetwork | None, ExternalNetwork | None],
) -> Provenance:
    start = f"from {init.file}" if init is not None else "from random weights"
    if teacher is not None:
        start += f", taught by {teacher.file}"
    detail_teacher, trunk = networks
    if detail_teacher is not None:
        start += f", taught the pictures of {detail_teacher.name}"
    origin = (
        f"trained by LIIF-GAN {liifgan_core.__version__}, recipe {config.name}, {steps} steps on "
        f"{data.num_images} images of {data.folder}, {start}; see {CARD_NAME}"
    )
    licence = "to be chosen by whoever trained it"
    if init is not None:
        licence = f"derived from weights under: {init.provenance.licence}"
    known = {one.name: one for one in (trunk, detail_teacher) if one is not None}
    licence += "".join(f"; {name}: {one.licence}" for name, one in known.items())
    return Provenance(
        licence=licence,
        origin=origin,
        trained_scales=config.trained_scales,
        source_sha256="" if init is None else init.sha256,
    )


def _networks(
    config: TrainConfig, lessons: LessonKey | None
) -> tuple[ExternalNetwork | None, ExternalNetwork | None]:
    """Return the detail layer's teacher and the network that it reads, or began as."""
    trunk = config.network.detail_trunk
    started = config.trunk_start
    read = None
    if trunk is not None and trunk.sha256:
        read = network_by_sha256(trunk.sha256)
    elif started is not None:
        read = network_named(started.network)
    return (None if lessons is None else network_by_sha256(lessons.teacher)), read


def _network_record(network: ExternalNetwork | None) -> NetworkRecord | None:
    if network is None:
        return None
    return NetworkRecord(
        name=network.name,
        sha256=network.sha256,
        licence=network.licence,
        origin=network.origin,
    )


def _perceptual_label(config: TrainConfig) -> str | None:
    perceptual = config.loss.perceptual
    if perceptual is None:
        return None
    file = FEATURE_FILES[perceptual.network]
    return f"{perceptual.network}: {file.licence}; SHA-256 {file.sha256}"
