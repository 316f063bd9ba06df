"""Whether a checkpoint is of the run that would go on from it."""

import logging
from pathlib import Path

import msgspec

from liifgan_core.train.checkpoint import CheckpointError, CheckpointHeader
from liifgan_core.train.config import TrainConfig, ValidationConfig
from liifgan_core.train.data_config import DataConfig
from liifgan_core.train.lesson_key import LessonKey
from liifgan_core.train.processes import Processes
from liifgan_core.weights.family import present_name

_logger = logging.getLogger(__name__)


def check_same_recipe(
    path: Path,
    saved: CheckpointHeader,
    config: TrainConfig,
    fingerprint: str,
    processes: Processes,
) -> None:
    """Raise CheckpointError unless going on makes sense; warn if it is not exact."""
    if _essence(saved.config) != _essence(config):
        before, now = (msgspec.to_builtins(_essence(c)) for c in (saved.config, config))
        changed = sorted(key for key in now if before[key] != now[key])
        raise CheckpointError(
            f"{path}: it was trained with another recipe ({', '.join(changed)} differ); start a "
            "new run from its weights with --init and another --out"
        )
    if saved.data_fingerprint != fingerprint:
        _logger.warning("the training images have changed since the checkpoint")
    if saved.world_size != processes.world_size:
        _logger.warning(
            "%d processes, %d before: the last bits will differ",
            processes.world_size,
            saved.world_size,
        )


def check_same_lessons(path: Path, saved: CheckpointHeader, now: LessonKey | None) -> None:
    """Raise CheckpointError when a taught run would go on with other lessons."""
    before = saved.lessons
    if before != now:
        changed = ["lessons"] if before is None or now is None else before.differences(now)
        raise CheckpointError(
            f"{path}: its lessons were made of something else ({', '.join(changed)} differ); put "
            "that back, or start a new run with --init and another --out"
        )


def check_same_teacher(
    path: Path, saved: CheckpointHeader, sha256: str, config: TrainConfig
) -> None:
    """Raise CheckpointError when a run would go on with another teacher's weights."""
    distillation = config.loss.distillation
    if distillation is not None and saved.teacher_sha256 != sha256:
        raise CheckpointError(
            f"{path}: its teacher was another file than {Path(distillation.teacher).name} is now; "
            "put that one back, or start a new run with --init and another --out"
        )


def _essence(config: TrainConfig) -> TrainConfig:
    """Return the configuration without what the weights do not depend on."""
    plain = DataConfig()
    data = msgspec.structs.replace(
        config.data,
        min_images=plain.min_images,
        check=plain.check,
        cache_bytes=plain.cache_bytes,
        num_threads=plain.num_threads,
    )
    return msgspec.structs.replace(
        _with_present_names(config),
        data=data,
        validation=ValidationConfig(),
        checkpoint_every_steps=1,
        log_every_steps=1,
    )


def _with_present_names(config: TrainConfig) -> TrainConfig:
    """Return the configuration with what models are called now: runs outlast names."""
    distillation = config.loss.distillation
    if distillation is not None:
        teacher = present_name(distillation.teacher)
        distillation = msgspec.structs.replace(distillation, teacher=teacher)
    return msgspec.structs.replace(
        config,
        init=None if config.init is None else present_name(config.init),
        loss=msgspec.structs.replace(config.loss, distillation=distillation),
    )
