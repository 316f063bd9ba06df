"""Spreads a batch over the machines of a Ray cluster, with Ray Data (extra "cluster").

Photos and results lie in folders that all machines see under the same path. The driver, which is
the command itself, is the only one that writes the manifest: the ends, and at last what the workers
had in their journals. A worker notes in its own what it begins and has rendered, so a photo whose
worker was killed is taken up by another one, and a result is never written twice.
"""

import importlib
import logging
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import msgspec

from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.names import clashing_names
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import Outcome
from liifgan_core.batch.paths import decode_line, encode_line
from liifgan_core.batch.run import BatchRun
from liifgan_core.cli.console import results_only_from_here
from liifgan_core.cli.upscale_job import UpscaleJob
from liifgan_core.errors import LiifganError
from liifgan_core.render.exporter import ModelExporter, open_exporter
from liifgan_core.weights.network_copy import network_files, put_network

LOCAL = "local"
_LOCAL_STORE_BYTES = 100 * 2**20
"""Only names and outcomes pass through Ray; photos and results do not."""


class WorkerSetup(msgspec.Struct, frozen=True):
    """All that a worker needs to give the same bytes as any other."""

    options: BatchOptions
    weights: Any
    """Ray's reference to the weights file's bytes, so that it need not be on every machine."""
    weights_name: str
    trunk: str
    """SHA-256 of the network of others that the model is built on; empty: none."""
    trunk_files: Any
    """Ray's reference to that network's `network_files`, which need not be everywhere either."""
    resolved: str
    """The precision that the driver has chosen."""
    manifest: Path
    run: str
    """Begins the names of this run's journals."""
    todo: list[Photo]
    photos: list[Photo]
    """All of the batch, none of which may be replaced."""


class UpscaleWorker:
    """One model in one process; Ray makes as many as there is room for."""

    def __init__(self, setup: WorkerSetup) -> None:
        options = setup.options
        if setup.trunk:
            put_network(setup.trunk, _ray().get(setup.trunk_files))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, setup.weights_name)
            path.write_bytes(_ray().get(setup.weights))
            exporter = open_exporter(
                str(path),
                device=options.device,
                precision=options.precision,
                resolved=setup.resolved,
            )
        journal = f"{setup.run}.{socket.gethostname().replace('.', '-')}-{os.getpid()}"
        self._todo = setup.todo
        self._batch = BatchRun(
            options, exporter, setup.photos, manifest=setup.manifest, journal=journal
        )
        self._batch.__enter__()

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Upscale the photo of a row; returns its number and its outcome as JSON."""
        outcome = self._batch.upscale(self._todo[row["number"]], waits=True, records=False)
        return {"number": row["number"], "outcome": encode_line(outcome)}


def outcomes_from_cluster(
    todo: Sequence[Photo], batch: BatchRun, exporter: ModelExporter, job: UpscaleJob
) -> Iterator[tuple[int, Outcome]]:
    """Yield (number of the photo, what became of it) as workers finish.

    Raises LiifganError without Ray, without the cluster, or when it fails as a whole.
    """
    clashes = clashing_names(todo, batch.options.output)
    for number, message in clashes.items():
        yield number, Outcome(status="failed", message=message)
    numbers = [number for number in range(len(todo)) if number not in clashes]
    if not numbers:
        return
    with results_only_from_here():
        yield from _through_ray(numbers, todo, batch, exporter, job)


def _through_ray(
    numbers: Sequence[int],
    todo: Sequence[Photo],
    batch: BatchRun,
    exporter: ModelExporter,
    job: UpscaleJob,
) -> Iterator[tuple[int, Outcome]]:
    ray, model = _ray(), exporter.model
    run = secrets.token_hex(4)
    assert batch.manifest is not None, "a cluster's batch has one"
    try:
        _connect(ray, job)
        # Held here until the end: a worker that is started anew asks for it again.
        weights = ray.put(model.info.path.read_bytes())
        trunk = "" if model.info.trunk is None else model.info.trunk.sha256
        trunk_files = ray.put(network_files(trunk) if trunk else {})
        setup = WorkerSetup(
            options=batch.options.at_absolute_paths(),
            weights=weights,
            weights_name=model.info.path.name,
            trunk=trunk,
            trunk_files=trunk_files,
            resolved=model.precision,
            manifest=batch.manifest.path.absolute(),
            run=run,
            todo=[_absolute(photo) for photo in todo],
            photos=[_absolute(photo) for photo in batch.photos],
        )
        uses_gpu = model.device.type == "cuda"
        num_workers = job.num_workers or _num_workers(ray, "GPU" if uses_gpu else "CPU")
        rows = [{"number": number} for number in numbers]
        data = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
            UpscaleWorker,
            fn_constructor_args=(setup,),
            compute=ray.data.ActorPoolStrategy(size=min(num_workers, len(rows))),
            num_cpus=0 if uses_gpu else 1,
            num_gpus=1 if uses_gpu else 0,
        )
        for row in data.iter_rows():
            yield int(row["number"]), decode_line(row["outcome"], Outcome)
    except ray.exceptions.RayError as error:
        raise LiifganError(
            f"the cluster {job.cluster!r} failed ({_first_line(error)})", remedy="resume"
        ) from error
    finally:
        with redirect_stdout(sys.stderr):  # it prints what it has held back
            ray.shutdown()
        batch.manifest.fold(run)


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report home
    os.environ.setdefault("RAY_DATA_DISABLE_PROGRESS_BARS", "1")
    try:
        # By name, since the type checker's environment lacks the extra [cluster].
        ray: Any = importlib.import_module("ray")
        importlib.import_module("ray.data")
    except ImportError as error:
        raise LiifganError(
            "--cluster needs Ray; install it with: pip install 'liifgan[cluster]'"
        ) from error
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return ray


def _connect(ray: Any, job: UpscaleJob) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    own = {
        "num_cpus": job.num_workers or os.cpu_count(),
        "include_dashboard": False,
        "object_store_memory": _LOCAL_STORE_BYTES,
    }
    try:
        ray.init(**quiet, **(own if job.cluster == LOCAL else {"address": job.cluster}))
    except Exception as error:  # Ray raises plain Exception, too, when a node does not come up
        way_out = "start one with 'ray start --head', or use --cluster local"
        if job.cluster == LOCAL:
            way_out = "upscale without --cluster"
        raise LiifganError(
            f"the Ray cluster {job.cluster!r} cannot be used ({_first_line(error)}); {way_out}"
        ) from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    # A photo comes back as soon as it is done, whatever is still at work.
    context.execution_options.preserve_order = False


def _absolute(photo: Photo) -> Photo:
    return Photo(photo.path.absolute(), photo.root.absolute(), photo.is_found)


def _num_workers(ray: Any, resource: str) -> int:
    return max(1, int(ray.cluster_resources().get(resource, 1)))


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(". ") if lines else type(error).__name__
