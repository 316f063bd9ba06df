"""What needs torch, as plain functions. Only `__main__` imports this module; it injects them.

torch is imported inside the functions, which run in worker threads after the window is shown.
"""

from pathlib import Path

import liifgan_core
from app.state.export_job import ExportJob
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.render.request import RenderEngine


def open_engine(device: str, precision: str) -> RenderEngine:
    """Return an engine on a device. Takes seconds the first time."""
    from liifgan_core.render.engine import TorchRenderEngine

    return TorchRenderEngine(device=device, precision=precision)


def device_names() -> list[tuple[str, str]]:
    """Return (name, label for people) of this machine's devices, the best first."""
    import torch

    from liifgan_core.render.devices import available_devices, device_label

    return [(name, device_label(torch.device(name))) for name in available_devices()]


def export(job: ExportJob, progress: Progress, cancel: CancelToken) -> Path:
    """Render a job's photo into its file and return the file's path."""
    from liifgan_core.render.export import ExportOptions, export_image
    from liifgan_core.render.placed_model import load_model

    model = load_model(job.model, device=job.device, precision=job.precision)
    cancel.check()
    options = ExportOptions(
        format=job.format,
        bit_depth=job.bit_depth,
        quality=job.quality,
        overwrite=job.overwrite,
        detail=job.detail,
        software=f"LIIF-GAN {liifgan_core.__version__}" if job.names_program else None,
    )
    export_image(job.image, job.target, job.size, model, options, progress=progress, cancel=cancel)
    return job.target
