"""Where a taught run's batches come from: its lessons, made if need be, and what they measure."""

from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from liifgan_core.models.liif import LIIF
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.train.checkpoint import tensors_digest
from liifgan_core.train.config import Arithmetic, TrainConfig
from liifgan_core.train.lesson_batches import (
    LessonBatch,
    draw_patch_place,
    lesson_batch,
    lesson_batches,
)
from liifgan_core.train.lesson_key import LessonKey
from liifgan_core.train.lesson_store import Lessons, open_lessons
from liifgan_core.train.lessons import LessonMaker, lesson_source
from liifgan_core.train.photos import Photos
from liifgan_core.train.taught_state import TaughtState
from liifgan_core.weights.trunk_store import load_network
from liifgan_core.weights.trunks import find_network, network_named


class LessonSource:
    """A run's lessons; `open` makes them, all else needs that they are open."""

    def __init__(
        self,
        config: TrainConfig,
        network: LIIF,
        photos: Photos,
        folder: Path,
        *,
        device: torch.device,
        arithmetic: Arithmetic,
    ) -> None:
        """Nothing is made yet. Raises WeightsError when the teacher is not known or not here."""
        assert config.taught is not None
        assert config.network.detail_trunk is not None
        self._config = config
        self._taught = config.taught
        self._network = network
        self._photos = photos
        self._folder = folder
        self._device = device
        self._lessons: Lessons | None = None
        teacher = network_named(self._taught.lessons.teacher)
        find_network(teacher.name)
        self.scale = 4
        trunk = config.network.detail_trunk.sha256
        self._features = trunk or (teacher.sha256 if self._taught.features > 0.0 else "")
        self._is_teachers_trunk = self._features == teacher.sha256
        self.key = LessonKey(
            photos=photos.training.fingerprint,
            seed=config.seed,
            teacher=teacher.sha256,
            features=self._features,
            structure=tensors_digest(_structure_tensors(network)),
            is_half=arithmetic.half,
            options=self._taught.lessons.without_numbers(),
        )
        """What the lessons are made of."""

    def open(
        self,
        *,
        progress: Progress,
        cancel: CancelToken,
        report: Callable[[int, int, float], None],
    ) -> None:
        """Read the lessons, and make those that are missing; see `open_lessons`."""
        settings = self._taught.lessons
        self._lessons = open_lessons(
            self._folder,
            self.key,
            settings.count + settings.held_out,
            self._maker,
            progress=progress,
            cancel=cancel,
            report=report,
        )

    def batches(self, *, start_step: int, stop_step: int) -> Generator[LessonBatch]:
        """Yield the batches of steps [start_step, stop_step)."""
        assert self._lessons is not None
        return lesson_batches(
            self._lessons,
            self._taught,
            scale=self.scale,
            batch_size=self._config.batch_size,
            seed=self._config.seed,
            start_step=start_step,
            stop_step=stop_step,
        )

    def measure(self, state: TaughtState) -> dict[str, float]:
        """Return how near held-out lessons come to the teacher's pictures: PSNR in dB."""
        assert self._lessons is not None
        size, held_out = self._config.batch_size, self._taught.lessons.held_out
        place = (self._taught.lessons.lr_size - self._taught.crop) // 2
        found: list[float] = []
        for first in range(0, held_out, size):
            numbers = range(first, min(first + size, held_out))
            patch = draw_patch_place(
                self._taught, np.random.default_rng(0), scale=self.scale, batch_size=len(numbers)
            )
            batch = lesson_batch(
                self._lessons,
                numbers,
                self._taught,
                scale=self.scale,
                top=place,
                left=place,
                patch=patch,
            )
            found += state.teacher_psnr(batch.to(self._device))
        return {f"val/x{self.scale}/teacher_psnr": float(np.mean(found))} if found else {}

    def _maker(self) -> Callable[[int], dict[str, Tensor]]:
        settings = self._taught.lessons
        maker = LessonMaker(
            settings,
            self._network,
            load_network(settings.teacher),
            is_teachers_trunk=self._is_teachers_trunk,
            keeps_features=bool(self._features),
            device=self._device,
            is_half=self.key.is_half,
        )
        pixels = lesson_source(
            settings,
            self._photos.training.paths,
            self._photos.cache.get,
            seed=self._config.seed,
        )
        return lambda number: maker.make(pixels(number))


def _structure_tensors(network: LIIF) -> dict[str, Tensor]:
    """Return the tensors that the structure layer comes from, on the CPU."""
    return {
        name: tensor.detach().cpu()
        for name, tensor in network.state_dict().items()
        if name.startswith(("encoder.", "structure."))
    }
