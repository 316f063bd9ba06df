"""How much the service takes on."""

from dataclasses import dataclass

from liifgan_core.images.read import DEFAULT_MAX_PIXELS, DEFAULT_MEMORY_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that hold together: memory is that of one job and of `num_models` models."""

    num_queued: int = 16
    """Jobs that wait or are being uploaded; a further one is refused with 429."""
    num_kept: int = 256
    """Jobs that are remembered, finished ones included."""
    num_requests: int = 256
    """Requests that are open at the same time, event streams included."""
    num_models: int = 2
    """Models that are kept loaded; of more, the one that was used last longest ago goes."""
    upload_bytes: int = 512 * 2**20
    """Largest upload."""
    spool_bytes: int = 4 * 2**30
    """Uploads and results on disk; beyond it no upload is taken."""
    kept_s: float = 3600.0
    """Seconds that a finished job and its result are kept for its client."""
    idle_s: float = 30.0
    """Seconds that an upload may pause."""
    result_pixels: int = 500_000_000
    """Largest result: some 3 GB with 16 bits."""
    max_pixels: int = DEFAULT_MAX_PIXELS
    """Largest photo."""
    memory_bytes: int = DEFAULT_MEMORY_BYTES
    """Bound of the process's memory, as batches have it."""
