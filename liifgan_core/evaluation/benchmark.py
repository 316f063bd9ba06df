"""Measures methods on data sets: images one at a time, and only what is missing."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from liifgan_core.errors import LiifganError
from liifgan_core.evaluation.dataset import Dataset, read_original
from liifgan_core.evaluation.degradation import CLEAN, Degradation
from liifgan_core.evaluation.measures import (
    ORIGINAL,
    SECONDS,
    MetricInfo,
    Value,
    least_side,
    make_measure,
)
from liifgan_core.evaluation.methods import Method
from liifgan_core.evaluation.pace import Pace
from liifgan_core.evaluation.protocol import REDUCTION, Pair, Protocol, make_pair
from liifgan_core.evaluation.records import (
    ProtocolRecord,
    Record,
    Report,
    Skip,
    read_report,
    still_valid,
    summarise,
    write_report,
)
from liifgan_core.evaluation.versions import installed_versions
from liifgan_core.progress import CancelToken
from liifgan_core.weights.registry import file_sha256

_SAVE_INTERVAL_S = 10.0
"""At most this much work is lost when the machine stops."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be measured."""

    datasets: Sequence[Dataset]
    methods: Sequence[Method]
    scales: Sequence[float]
    metrics: Sequence[MetricInfo]
    protocol: Protocol
    out: Path
    """Folder of records.json; made if needed."""
    degradation: Degradation = CLEAN
    """Of the LR pictures."""
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    """Of the perceptual distances."""


@dataclass(frozen=True, slots=True)
class Step:
    """One picture by one method is done."""

    number: int
    total: int
    what: str
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run went."""

    report: Report
    num_measured: int
    """Values that were measured now; the others were there already."""
    failures: tuple[Skip, ...]
    """Of this run: files that cannot be read and methods that failed."""


def evaluate(
    request: Request,
    *,
    step: Callable[[Step], None] = lambda _step: None,
    cancel: CancelToken | None = None,
) -> Outcome:
    """Measure what `records.json` in the folder does not hold yet, and write it.

    Metrics of a picture alone are measured of the originals too, as a row called "original". The
    file is also written every ten seconds and when the run is cancelled or fails. Images that are
    too small for a metric, files that cannot be read and methods that fail are listed in the report
    and are in no mean. Raises Cancelled, and LiifganError for unusable earlier records or weights.
    """
    run = _Run(request, step, cancel or CancelToken())
    try:
        for dataset in request.datasets:
            for number, path in enumerate(dataset.paths):
                run.measure_image(dataset.name, path, number)
    finally:
        report = run.save()
    return Outcome(report, run.num_measured, tuple(run.failures))


class _Run:
    """The state of one call."""

    def __init__(self, request: Request, step: Callable[[Step], None], cancel: CancelToken) -> None:
        protocol = request.protocol
        self._request, self._step, self._cancel = request, step, cancel
        self._protocol = ProtocolRecord(
            name=protocol.name,
            border=protocol.border_text,
            reduction=REDUCTION,
            degradation=str(request.degradation),
        )
        self._images = {
            dataset.name: {
                path.stem: _fingerprint(path, number, request.degradation)
                for number, path in enumerate(dataset.paths)
            }
            for dataset in request.datasets
        }
        self._models = {method.label: method.fingerprint for method in request.methods}
        if any(metric.is_of_picture for metric in request.metrics):
            self._models[ORIGINAL] = "the images themselves"
        self._earlier = read_report(request.out, self._protocol)
        kept: list[Record] = []
        if self._earlier is not None:
            kept = still_valid(self._earlier, self._models, self._images)
        self._records = {record.key: record for record in kept}
        self._measures = _measures(request)
        self._pace = Pace()
        self._pace.todo = {
            method.label: sum(
                bool(self._missing(method, dataset.name, path.stem, scale))
                for dataset in request.datasets
                for path in dataset.paths
                for scale in request.scales
            )
            for method in request.methods
        }
        self._skipped: list[Skip] = [
            Skip(dataset=dataset.name, image=path.name, reason="not an image")
            for dataset in request.datasets
            for path in dataset.ignored
        ]
        self.failures: list[Skip] = []
        self.num_measured = 0
        self._saved_s = time.monotonic()

    def measure_image(self, dataset: str, path: Path, number: int) -> None:
        """Measure what is missing of one image; `number` is its place in the data set."""
        wanted = [
            (scale, method)
            for scale in self._request.scales
            for method in self._request.methods
            if self._missing(method, dataset, path.stem, scale)
        ]
        scales = {scale for scale, _ in wanted} | {
            scale
            for scale in self._request.scales
            if self._missing_of_original(dataset, path.stem, scale)
        }
        if not scales:
            return
        self._cancel.check()
        try:
            original = read_original(path)
        except LiifganError as error:
            self._fail(Skip(dataset=dataset, image=path.stem, reason=str(error)))
            for _, method in wanted:
                self._pace.leave_out(method.label)
            return
        for scale in (scale for scale in self._request.scales if scale in scales):
            methods = [method for other, method in wanted if other == scale]
            self._measure_scale(dataset, path.stem, original, number, scale, methods)

    def _measure_scale(
        self,
        dataset: str,
        image: str,
        original: NDArray[np.uint8],
        number: int,
        scale: float,
        methods: Sequence[Method],
    ) -> None:
        usable: set[str] = set()
        height, width = original.shape[:2]
        pair = None
        if min(height, width) >= scale:
            degradation = self._request.degradation
            pair = make_pair(original, scale, degradation=degradation, number=number)
        side = 0 if pair is None else min(pair.size.height, pair.size.width)
        for metric in self._request.metrics:
            if not metric.is_defined_at(scale):
                continue
            least = least_side(metric.name, self._request.protocol, scale)
            if side >= least:
                usable.add(metric.name)
                continue
            reason = f"{width}x{height} pixels are too few; {least} a side are needed"
            self._skipped.append(
                Skip(dataset=dataset, image=image, scale=scale, metric=metric.name, reason=reason)
            )
        if pair is not None:
            self._measure_original(dataset, image, pair, usable)
        for method in methods:
            self._cancel.check()
            wanted = self._missing(method, dataset, image, scale) & usable
            if pair is None or not wanted:
                self._pace.leave_out(method.label)
                continue
            start_s = time.perf_counter()
            self._measure(method, dataset, image, pair, wanted)
            self._pace.add(method.label, time.perf_counter() - start_s)
            self._step(
                Step(
                    self._pace.num_done,
                    self._pace.total,
                    f"{dataset}/{image} x{scale:g} {method.label}",
                    self._pace.seconds_left,
                )
            )
            if time.monotonic() - self._saved_s > _SAVE_INTERVAL_S:
                self.save()

    def _measure_original(self, dataset: str, image: str, pair: Pair, usable: set[str]) -> None:
        where = Skip(dataset=dataset, image=image, scale=pair.scale, model=ORIGINAL, reason="")
        for name in sorted(self._missing_of_original(dataset, image, pair.scale) & usable):
            self._keep(where, name, self._measures[name](pair.hr, pair))

    def _measure(
        self, method: Method, dataset: str, image: str, pair: Pair, wanted: set[str]
    ) -> None:
        where = Skip(dataset=dataset, image=image, scale=pair.scale, model=method.label, reason="")
        if SECONDS in wanted:  # a row must not look fast because another one did its work
            method.forget()
        start_s = time.perf_counter()
        try:
            sr = method.upscale(pair.lr, pair.size)
        except LiifganError as error:
            self._fail(msgspec.structs.replace(where, reason=str(error)))
            return
        seconds = time.perf_counter() - start_s
        for metric in self._request.metrics:
            if metric.name not in wanted:
                continue
            if metric.name == SECONDS:
                value = seconds / pair.size.num_pixels * 1e6
            else:
                value = self._measures[metric.name](sr, pair)
            self._keep(where, metric.name, value)

    def _keep(self, where: Skip, metric: str, value: float) -> None:
        """Record a value; one that is not finite is only listed, as no mean could hold it."""
        assert where.model is not None
        assert where.scale is not None
        if not np.isfinite(value):
            undefined = "it is not defined for this picture"
            why = undefined if np.isnan(value) else "nothing differs from the original"
            reason = f"{metric} is {value}: {why}"
            self._skipped.append(msgspec.structs.replace(where, metric=metric, reason=reason))
            return
        record = Record(
            model=where.model,
            dataset=where.dataset,
            image=where.image,
            scale=where.scale,
            metric=metric,
            value=value,
        )
        self._records[record.key] = record
        self.num_measured += 1

    def _missing(self, method: Method, dataset: str, image: str, scale: float) -> set[str]:
        """Return the metrics that are not measured yet; none below the method's least scale."""
        metrics = self._request.metrics if scale >= method.least_scale else ()
        return self._not_recorded(metrics, method.label, dataset, image, scale)

    def _missing_of_original(self, dataset: str, image: str, scale: float) -> set[str]:
        """Return the metrics of a picture alone that the original lacks."""
        metrics = [metric for metric in self._request.metrics if metric.is_of_picture]
        return self._not_recorded(metrics, ORIGINAL, dataset, image, scale)

    def _not_recorded(
        self, metrics: Sequence[MetricInfo], label: str, dataset: str, image: str, scale: float
    ) -> set[str]:
        names = (metric.name for metric in metrics if metric.is_defined_at(scale))
        return {n for n in names if (label, dataset, image, scale, n) not in self._records}

    def _fail(self, failure: Skip) -> None:
        where = f"{failure.dataset}/{failure.image}"
        if failure.scale is not None:
            where += f" x{failure.scale:g} by {failure.model}"
        _logger.warning("%s is left out: %s", where, failure.reason)
        self.failures.append(failure)
        self._skipped.append(failure)

    def save(self) -> Report:
        """Write and return the report so far."""
        earlier = self._earlier
        models, images = dict(self._models), {name: dict(i) for name, i in self._images.items()}
        skipped = list(self._skipped)
        gans = {method.label for method in self._request.methods if method.is_gan}
        if earlier is not None:
            gans |= {label for label in earlier.gans if label not in self._models}
            models = models | {k: v for k, v in earlier.models.items() if k not in models}
            images = images | {k: v for k, v in earlier.images.items() if k not in images}
            skipped = [skip for skip in earlier.skipped if not self._is_asked(skip)] + skipped
        place = {name: number for number, name in enumerate(images)}
        rank = {label: (label == ORIGINAL, number) for number, label in enumerate(models)}
        records = sorted(
            self._records.values(),
            key=lambda r: (place[r.dataset], rank[r.model], r.scale, r.metric, r.image),
        )
        report = Report(
            records=records,
            summary=summarise(records),
            skipped=skipped,
            protocol=self._protocol,
            versions=installed_versions(),
            models=models,
            gans=[model for model in models if model in gans],
            images=images,
        )
        write_report(self._request.out, report)
        self._saved_s = time.monotonic()
        return report

    def _is_asked(self, skip: Skip) -> bool:
        """Whether this run finds it again, if it is still so."""
        metrics = {metric.name for metric in self._request.metrics}
        return (
            skip.dataset in self._images
            and (skip.scale is None or skip.scale in self._request.scales)
            and (skip.metric is None or skip.metric in metrics)
            and (skip.model is None or skip.model in self._models)
        )


def _fingerprint(path: Path, number: int, degradation: Degradation) -> str:
    """Return what tells an LR picture apart from another of that name."""
    return file_sha256(path) + (f" number {number}" if degradation.is_random else "")


def _measures(request: Request) -> Mapping[str, Value]:
    names = [metric.name for metric in request.metrics if metric.name != SECONDS]
    return {name: make_measure(name, request.protocol, request.device) for name in names}
