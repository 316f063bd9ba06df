"""What runs of a LIIF model leave, taught or not: measures of validation, weights and a card."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from liifgan_core.errors import WeightsError
from liifgan_core.evaluation.st_lpips import STLPIPS, load_st_lpips
from liifgan_core.models.liif import LIIF
from liifgan_core.resources import user_data_path
from liifgan_core.train.card import InitRecord, data_record, init_record, write_model
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.learner import RunFacts
from liifgan_core.train.lesson_key import LessonKey
from liifgan_core.train.photos import Photos
from liifgan_core.train.validation import validate
from liifgan_core.weights.feature_files import FEATURE_FILES, installed_feature_file

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelResult:
    """How a run's tensors become measures and a model; made by `model_result`."""

    config: TrainConfig
    photos: Photos
    device: torch.device
    init: InitRecord | None
    teacher: InitRecord | None
    distance: STLPIPS | None

    def measure(
        self, tensors: Mapping[str, Tensor], pictures: Path, check: Callable[[], None]
    ) -> dict[str, float]:
        """Return validation's measures of a network of these tensors; see `validate`."""
        network = LIIF(self.config.network)
        # Assigned, since an external trunk has no memory of its own before.
        copies = {name: tensor.clone() for name, tensor in tensors.items()}
        network.load_state_dict(copies, assign=True)
        return validate(
            network.requires_grad_(False).eval().to(self.device),
            self.photos.validation,
            self.config.validation,
            distance=self.distance,
            pictures_folder=pictures,
            check=check,
        )

    def write(
        self,
        out: Path,
        tensors: Mapping[str, Tensor],
        facts: RunFacts,
        *,
        lessons: LessonKey | None = None,
    ) -> Path:
        """Write model.safetensors and model.json to a folder; return the weights' path."""
        num_validation = len(self.photos.validation.crops)
        return write_model(
            out,
            self.config,
            tensors,
            facts,
            data=data_record(self.photos.training, num_validation=num_validation),
            init=self.init,
            teacher=self.teacher,
            lessons=lessons,
        )


def model_result(
    config: TrainConfig,
    photos: Photos,
    device: torch.device,
    *,
    init: Path | None,
    teacher: Path | None = None,
    is_measured: bool = True,
) -> ModelResult:
    """Return how a run's tensors become a model; `init` and `teacher` are weights files.

    `is_measured` says whether this process validates.
    """
    distance = _validation_distance() if is_measured else None
    return ModelResult(config, photos, device, init_record(init), init_record(teacher), distance)


def _validation_distance() -> STLPIPS | None:
    """Return ST-LPIPS(alex) if its weights are here; validation does not download."""
    if installed_feature_file("alex-shift-tolerant") is None:
        _logger.warning(
            "ST-LPIPS is not measured: put %s of stlpips-pytorch 0.0.2 into %s",
            FEATURE_FILES["alex-shift-tolerant"].name,
            user_data_path("features"),
        )
        return None
    try:
        return load_st_lpips("alex")
    except WeightsError as error:
        _logger.warning("ST-LPIPS is not measured: %s", error)
        return None
