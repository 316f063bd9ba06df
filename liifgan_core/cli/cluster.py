"""Spreads a batch over the machines of a Ray cluster, with Ray Data (extra "cluster").

Photos and results lie in folders that all machines see under the same path. The driver, which is
the command itself, keeps the manifest's ends and reports; a worker notes there what it begins, so a
photo whose worker was killed is taken up by another one, and a result is never written twice.
"""

import dataclasses
import importlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec

from liifgan_core.cli.batch_inputs import BatchInput, clashing_names
from liifgan_core.cli.console import results_only_from_here
from liifgan_core.cli.manifest import Manifest
from liifgan_core.cli.upscale_job import UpscaleJob
from liifgan_core.cli.upscale_photo import Guard, Outcome, attempt
from liifgan_core.errors import LiifganError
from liifgan_core.progress import no_progress
from liifgan_core.render.placed_model import PlacedModel, load_model

LOCAL = "local"
_LOCAL_STORE_BYTES = 100 * 2**20
"""Only names and outcomes pass through Ray; photos and results do not."""


class WorkerSetup(msgspec.Struct, frozen=True):
    """All that a worker needs to give the same bytes as any other."""

    job: UpscaleJob
    weights: Any
    """Ray's reference to the weights file's bytes, so that it need not be on every machine."""
    weights_name: str
    precision: str
    manifest: Path
    settings: str
    sources: list[Path]


class UpscaleWorker:
    """One model in one process; Ray makes as many as there is room for."""

    def __init__(self, setup: WorkerSetup) -> None:
        self._setup, self._job = setup, setup.job
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, setup.weights_name)
            path.write_bytes(_ray().get(setup.weights))
            self._model = load_model(str(path), device=self._job.device, precision=setup.precision)
        self._guard = Guard(setup.sources)
        self._manifest = Manifest(setup.manifest, setup.settings)
        self._manifest.__enter__()

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Upscale the photo of a row; returns its number and its outcome as JSON."""
        each = BatchInput(Path(os.fsdecode(row["source"])), Path(os.fsdecode(row["below"])))
        outcome = attempt(
            each,
            self._model,
            self._job,
            self._guard,
            self._manifest,
            lambda _: nullcontext(no_progress),
        )
        return {"number": row["number"], "outcome": msgspec.json.encode(outcome)}


def outcomes_from_cluster(
    todo: Sequence[BatchInput], model: PlacedModel, job: UpscaleJob, manifest: Manifest
) -> Iterator[tuple[int, Outcome]]:
    """Yield (number of the photo, what became of it) as workers finish.

    Raises LiifganError without Ray, without the cluster, or when it fails as a whole.
    """
    clashes = clashing_names(todo, job.output.format)
    for number, message in clashes.items():
        yield number, Outcome(status="failed", message=message)
    rows = [
        {
            "number": number,
            "source": os.fsencode(each.source.absolute()),
            "below": os.fsencode(each.below),
        }
        for number, each in enumerate(todo)
        if number not in clashes
    ]
    if not rows:
        return
    with results_only_from_here():
        yield from _through_ray(rows, todo, model, job, manifest)


def _through_ray(
    rows: list[dict[str, Any]],
    todo: Sequence[BatchInput],
    model: PlacedModel,
    job: UpscaleJob,
    manifest: Manifest,
) -> Iterator[tuple[int, Outcome]]:
    ray = _ray()
    try:
        _connect(ray, job)
        # Held here until the end: a worker that is started anew asks for it again.
        weights = ray.put(model.info.path.read_bytes())
        num_workers = job.num_workers or _num_workers(ray, model)
        uses_gpu = model.device.type == "cuda"
        data = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
            UpscaleWorker,
            fn_constructor_args=(_setup(todo, model, job, manifest, weights),),
            compute=ray.data.ActorPoolStrategy(size=min(num_workers, len(rows))),
            num_cpus=0 if uses_gpu else 1,
            num_gpus=1 if uses_gpu else 0,
        )
        for row in data.iter_rows():
            yield int(row["number"]), msgspec.json.decode(row["outcome"], type=Outcome)
    except ray.exceptions.RayError as error:
        raise LiifganError(
            f"the cluster {job.cluster!r} failed ({_first_line(error)}); go on with --resume"
        ) from error
    finally:
        with redirect_stdout(sys.stderr):  # it prints what it has held back
            ray.shutdown()


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


def _num_workers(ray: Any, model: PlacedModel) -> int:
    resource = "GPU" if model.device.type == "cuda" else "CPU"
    return max(1, int(ray.cluster_resources().get(resource, 1)))


def _setup(
    todo: Sequence[BatchInput],
    model: PlacedModel,
    job: UpscaleJob,
    manifest: Manifest,
    weights: Any,
) -> WorkerSetup:
    return WorkerSetup(
        job=dataclasses.replace(job.at_absolute_paths(), model=model.info.name),
        weights=weights,
        weights_name=model.info.path.name,
        precision=model.precision,
        manifest=manifest.path.absolute(),
        settings=manifest.settings,
        sources=[each.source.absolute() for each in todo],
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(". ") if lines else type(error).__name__
