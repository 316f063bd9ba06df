"""What needs torch, as plain functions. Only `__main__` imports this module; it injects them.

torch is imported inside the functions, which run in worker threads after the window is shown.
"""

import logging
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.state.model_files import install_weights
from app.state.training_plan import RecipeChoice
from liifgan_core.batch.exporter import Exporter
from liifgan_core.errors import DeviceError
from liifgan_core.geometry import Size, Viewport
from liifgan_core.images.image import Image
from liifgan_core.render.request import RenderEngine

_logger = logging.getLogger(__name__)


def open_engine(device: str, precision: str, memory_bytes: int) -> RenderEngine:
    """Return an engine on a device. Takes seconds the first time."""
    from liifgan_core.render.engine import TorchRenderEngine

    return TorchRenderEngine(device=device, precision=precision, memory_bytes=memory_bytes)


def device_names(precision: str) -> list[tuple[str, str]]:
    """Return (name, label for people) of this machine's devices, the best first.

    `precision` is that of the settings; a processor's label tells what it comes to. Raises
    DeviceError where the environment names one that does not exist.
    """
    import torch

    from liifgan_core.render.devices import available_devices, device_label

    return [(name, device_label(torch.device(name), precision)) for name in available_devices()]


def has_fast_gpu(device: str) -> bool:
    """Whether a device, named as in the settings, is a GPU with memory of its own.

    Such a GPU renders a view of the slow models in a fraction of a second; one that is a part of
    the processor, as Apple's are, takes seconds. Raises DeviceError.
    """
    import torch

    from liifgan_core.render.devices import resolve_device

    found = resolve_device(device)
    if found.type == "cuda":
        return not torch.cuda.get_device_properties(found).is_integrated
    if found.type == "xpu":
        return not torch.xpu.get_device_properties(found).is_integrated_gpu
    return False


def is_accelerated(device: str) -> bool:
    """Whether a device, named as in the settings, computes large networks fast.

    A device that is not here is none that does; the engine says so with its first frame.
    """
    from liifgan_core.render import devices

    try:
        return devices.is_accelerated(devices.resolve_device(device))
    except DeviceError as error:
        _logger.warning("%s", error)
        return False


def open_exporter(model: str | None, device: str, precision: str) -> Exporter:
    """Load a model to export with. Takes seconds; raises WeightsError and DeviceError."""
    from liifgan_core.render.exporter import open_exporter

    return open_exporter(model, device=device, precision=precision)


def render_picture(rgb: NDArray[np.uint8], size: Size, model: str) -> NDArray[np.uint8]:
    """Return a small picture at a size through an installed model, detail 1, on the CPU."""
    from liifgan_core.render.continuous_image import ContinuousImage
    from liifgan_core.render.placed_model import load_model

    image = Image(rgb)
    picture = ContinuousImage.encode(image, load_model(model, device="cpu"))
    return (picture.render(Viewport.whole(image.size, size)) * 255.0 + 0.5).astype(np.uint8)


def recipes() -> list[RecipeChoice]:
    """Return the trainer's recipes; those for a computer without a big GPU come first."""
    from liifgan_core.train.recipes import RECIPES

    found: list[RecipeChoice] = []
    for name, recipe in RECIPES.items():
        config = recipe()
        if config.fixed_scale is not None:
            continue  # a row of an evaluation, not a model for the app
        found.append(
            RecipeChoice(
                name=name,
                description=(recipe.__doc__ or "").partition("\n")[0],
                smallest_side=config.smallest_photo,
                min_photos=config.smallest_folder,
                num_steps=config.num_steps(0) if config.steps_per_epoch is not None else None,
            )
        )
    return sorted(found, key=lambda recipe: not recipe.name.startswith("cpu"))


def import_model(source: Path, target: Path) -> Path:
    """Put a weights file, or a public checkpoint (.pth), into its place, and return that.

    Verified before: shapes, values, no code. Raises WeightsError.
    """
    from liifgan_core.weights.checkpoints import import_checkpoint
    from liifgan_core.weights.registry import SUFFIX
    from liifgan_core.weights.store import load_weights

    if source.suffix.lower() == SUFFIX:
        load_weights(source)
        return install_weights(source, target)
    import_checkpoint(source, target)
    return target


def core_command() -> tuple[str, ...]:
    """Return what starts `liifgan` in a process of its own.

    A frozen build has no interpreter to run a module with; there it is the program beside.
    """
    if getattr(sys, "frozen", False):
        program = Path(sys.executable)
        return (str(program.with_name(f"liifgan{program.suffix}")),)
    return (sys.executable, "-m", "liifgan_core")
