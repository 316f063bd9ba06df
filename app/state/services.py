"""What the app needs from torch, as functions that are given to it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.state.export_job import ExportJob
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.render.request import RenderEngine


@dataclass(frozen=True, slots=True)
class Services:
    """All of them may take seconds, and are called in worker threads."""

    open_engine: Callable[[str, str], RenderEngine]
    """(device, precision) -> engine, for the calling thread."""
    export: Callable[[ExportJob, Progress, CancelToken], Path]
    """Write a job's file and return its path."""
    device_names: Callable[[], list[tuple[str, str]]]
    """(name, label for people) of this machine's devices, the best first."""
