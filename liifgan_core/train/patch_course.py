"""Runs on patches of photos, by L1, GAN and the other terms of `LossConfig`."""

from collections.abc import Callable, Generator
from pathlib import Path

from liifgan_core.errors import LiifganError
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.train.config import Arithmetic, TrainConfig
from liifgan_core.train.generator import build_generator
from liifgan_core.train.learner import RunFacts
from liifgan_core.train.losses import PerceptualLoss
from liifgan_core.train.model_result import model_result
from liifgan_core.train.photos import Photos
from liifgan_core.train.processes import Processes
from liifgan_core.train.request import StepReport
from liifgan_core.train.sampling import Batch
from liifgan_core.train.state import TrainState
from liifgan_core.weights.feature_files import load_feature_network
from liifgan_core.weights.registry import find_model
from liifgan_core.weights.store import load_weights


class PatchCourse:
    """A `Course` whose learner sees patches of photos."""

    lessons = None

    def __init__(
        self, config: TrainConfig, photos: Photos, processes: Processes, arithmetic: Arithmetic
    ) -> None:
        """Raises WeightsError and LiifganError, in all processes."""
        self._config = config
        self._photos = photos
        self._processes = processes
        distillation = config.loss.distillation
        with processes.together():
            init = None if config.init is None else find_model(config.init)
            teacher = None if distillation is None else find_model(distillation.teacher)
            network = build_generator(config.network, init, seed=config.seed)
            perceptual = _perceptual_loss(config)
            self._result = model_result(
                config,
                photos,
                processes.device,
                init=init,
                teacher=teacher,
                is_measured=processes.is_first,
            )
            teaching = None if teacher is None else load_weights(teacher).network
        self.teacher_sha256 = "" if self._result.teacher is None else self._result.teacher.sha256
        self.learner = TrainState(
            config,
            network,
            perceptual,
            processes=processes,
            arithmetic=arithmetic,
            teacher=teaching,
        )

    def prepare(
        self, progress: Progress, cancel: CancelToken, report: Callable[[StepReport], None]
    ) -> None:
        """Do nothing: samples are drawn as steps go on."""

    def batches(self, start_step: int, stop_step: int) -> Generator[Batch]:
        """Yield this process' share of the steps' batches."""
        return self._photos.batches(self._config, self._processes, start_step, stop_step)

    def measure(self, pictures: Path, check: Callable[[], None]) -> dict[str, float]:
        """Return validation's measures."""
        return self._result.measure(self.learner.output, pictures, check)

    def write(self, out: Path, facts: RunFacts) -> Path:
        """Write the model and its card; return the weights' path."""
        return self._result.write(out, self.learner.output, facts)


def _perceptual_loss(config: TrainConfig) -> PerceptualLoss | None:
    perceptual = config.loss.perceptual
    if perceptual is None:
        return None
    network, _ = load_feature_network(perceptual.network)
    unknown = set(perceptual.layers) - set(network.names)
    if unknown:
        known = ", ".join(name for name in network.names if name)
        raise LiifganError(
            f"{perceptual.network} has no layers {sorted(unknown)}; choose from {known}"
        )
    return PerceptualLoss(network, perceptual.layers, is_relative=perceptual.is_relative)
