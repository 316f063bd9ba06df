"""What `liifgan upscale` was asked for."""

from dataclasses import dataclass
from pathlib import Path

from liifgan_core.batch.options import BatchOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class UpscaleJob:
    """A batch as the command line was asked for it."""

    options: BatchOptions
    is_recursive: bool = False
    manifest: Path | None = None
    """Where the record of the run is kept; None: nowhere."""
    cluster: str | None = None
    """Address of a Ray cluster, or "local"; None: this process does the work."""
    num_workers: int | None = None
    as_json: bool = False
    is_verbose: bool = False
