"""What the app needs from torch, as functions that are given to it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.state.training_plan import RecipeChoice
from liifgan_core.batch.exporter import OpenExporter
from liifgan_core.geometry import Size
from liifgan_core.render.request import RenderEngine


@dataclass(frozen=True, slots=True)
class Services:
    """The functions may take seconds, and are called in worker threads."""

    open_engine: Callable[[str, str, int], RenderEngine]
    """(device, precision, bytes of memory for what is kept) -> engine, for the calling thread."""
    open_exporter: OpenExporter
    """(model, device, precision) -> what writes files with it."""
    device_names: Callable[[str], list[tuple[str, str]]]
    """precision -> (name, label for people) of this machine's devices, the best first."""
    has_fast_gpu: Callable[[str], bool]
    """Whether a device, named as in the settings, is a GPU that keeps up with a moving view."""
    is_accelerated: Callable[[str], bool]
    """Whether a device, named as in the settings, is an accelerator or a processor with AMX."""
    recipes: Callable[[], list[RecipeChoice]]
    """The trainer's recipes, those that suit most people first."""
    import_model: Callable[[Path, Path], Path]
    """(checkpoint or weights file, target) -> target, verified. Raises WeightsError."""
    render_picture: Callable[[NDArray[np.uint8], Size, str], NDArray[np.uint8]]
    """(8-bit RGB (h, w, 3), size, name of a model) -> 8-bit RGB of that size, on the CPU."""
    core_command: tuple[str, ...]
    """What starts `liifgan` in a process of its own."""
