"""What was measured, as a file that a later run goes on with: `records.json`."""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from liifgan_core.errors import LiifganError
from liifgan_core.files.whole import write_whole

FILE_NAME = "records.json"

_logger = logging.getLogger(__name__)


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number."""

    model: str
    dataset: str
    image: str
    """The file's name without its suffix."""
    scale: float
    metric: str
    value: float

    @property
    def key(self) -> tuple[str, str, str, float, str]:
        """What there is one value for."""
        return self.model, self.dataset, self.image, self.scale, self.metric


class SummaryRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mean over a data set's images."""

    model: str
    dataset: str
    scale: float
    metric: str
    mean: float
    n: int
    """Images that went into it: fewer than the data set has where some were skipped."""


class Skip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What could not be measured, and why; it is in no mean."""

    dataset: str
    image: str
    reason: str
    scale: float | None = None
    model: str | None = None
    metric: str | None = None


class ProtocolRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The conventions of all numbers in the file."""

    name: str
    border: str
    reduction: str
    degradation: str = ""
    """What was done to LR pictures then, as `--degrade` takes it; empty: nothing."""


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of the file."""

    records: list[Record]
    summary: list[SummaryRow]
    skipped: list[Skip]
    protocol: ProtocolRecord
    versions: dict[str, str]
    """Of this program, the packages that numbers depend on, and the processor with its threads."""
    models: dict[str, str]
    """Fingerprint by model."""
    gans: list[str] = []
    """Those of the models that are known to be trained against a discriminator."""
    images: dict[str, dict[str, str]]
    """SHA-256 by data set and image; where noise was added, also the number that seeded it."""


def read_report(folder: Path, protocol: ProtocolRecord) -> Report | None:
    """Return the report of an earlier run; None: there is none.

    Raises LiifganError when it is damaged, of another protocol or another degradation.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        report = msgspec.json.decode(path.read_bytes(), type=Report)
    except (msgspec.DecodeError, OSError) as error:
        raise LiifganError(
            f"{path}: cannot be gone on with ({error}); delete it or choose another --out"
        ) from error
    if report.protocol != protocol:
        before, now = report.protocol, protocol
        if msgspec.structs.replace(before, degradation=now.degradation) == now:
            difference = (
                f"with the degradation {before.degradation or 'none'}, not "
                f"{now.degradation or 'none'}"
            )
        else:
            difference = f"by the protocol {before.name!r}, not {now.name!r}"
        raise LiifganError(
            f"{path}: was measured {difference}; choose another --out, as their numbers do not "
            "belong together"
        )
    return report


def write_report(folder: Path, report: Report) -> None:
    """Write the file, whole or not at all. Raises LiifganError when it cannot be written."""
    content = msgspec.json.format(msgspec.json.encode(report), indent=1)
    try:
        write_whole(folder / FILE_NAME, content)
    except OSError as error:
        raise LiifganError(f"{folder}: cannot be written ({error.strerror})") from error


def still_valid(
    report: Report, models: Mapping[str, str], images: Mapping[str, Mapping[str, str]]
) -> list[Record]:
    """Return the records that still hold for the present models and images.

    `models` and `images` are those of this run, with their fingerprints. Models and data sets that
    take no part now keep their records; of those that do, records of other weights, changed images
    and images that are gone are dropped, with a logged warning.
    """
    kept: list[Record] = []
    dropped: dict[str, int] = {}
    for record in report.records:
        now = models.get(record.model, report.models.get(record.model))
        before_image = report.images.get(record.dataset, {}).get(record.image)
        image_now = (
            images[record.dataset].get(record.image) if record.dataset in images else before_image
        )
        if now is None or now != report.models.get(record.model):
            what = f"the model {record.model} is another one now"
        elif image_now is None or image_now != before_image:
            what = f"images of {record.dataset} were changed, removed or numbered anew"
        else:
            kept.append(record)
            continue
        dropped[what] = dropped.get(what, 0) + 1
    for what, count in dropped.items():
        _logger.warning("%s: %d earlier records are dropped", what, count)
    return kept


def summarise(records: Iterable[Record]) -> list[SummaryRow]:
    """Return the means, in the order in which models, data sets, scales and metrics appear."""
    groups: dict[tuple[str, str, float, str], list[float]] = {}
    for record in records:
        key = record.model, record.dataset, record.scale, record.metric
        groups.setdefault(key, []).append(record.value)
    return [
        SummaryRow(
            model=model,
            dataset=dataset,
            scale=scale,
            metric=metric,
            mean=sum(values) / len(values),
            n=len(values),
        )
        for (model, dataset, scale, metric), values in groups.items()
    ]
