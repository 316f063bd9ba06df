"""What a training run was asked for; kept in its folder, so that it can go on another day."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.state.model_files import model_path
from liifgan_core.errors import WeightsError
from liifgan_core.files.whole import write_whole
from liifgan_core.resources import user_data_path

CHECKPOINT_NAME = "checkpoint.safetensors"
WEIGHTS_NAME = "model.safetensors"
METRICS_NAME = "metrics.jsonl"
PICTURES_NAME = "pictures"
"""What the trainer writes into a run's folder (docs/training.md)."""
_PLAN_NAME = "plan.json"


class TrainingPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A run."""

    name: str
    """Of the model that it makes, and of its folder."""
    photos: str
    """Folder of HR photos."""
    recipe: str
    init: str | None = None
    """Name of the model to start from; None: as the recipe says."""
    max_steps: int | None = None
    """None: as many as the recipe has."""
    max_minutes: int | None = None
    """Of each stretch, from start or resume to the next pause; None: no bound."""
    device: str = "auto"

    @property
    def folder(self) -> Path:
        """Where the run lives."""
        return runs_folder() / self.name

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is something to go on from."""
        return (self.folder / CHECKPOINT_NAME).is_file()

    def arguments(self) -> list[str]:
        """Return the arguments of `liifgan`."""
        wanted = ["train", "--recipe", self.recipe, "--data", self.photos]
        wanted += ["--out", str(self.folder), "--device", self.device]
        if self.init is not None:
            wanted += ["--init", self.init]
        if self.max_steps is not None:
            wanted += ["--max-steps", str(self.max_steps)]
        return [*wanted, "--resume"] if self.has_checkpoint else wanted


@dataclass(frozen=True, slots=True)
class RecipeChoice:
    """A recipe as far as the user must know it."""

    name: str
    description: str
    smallest_side: int
    """Pixels that a photo's sides need at least."""
    min_photos: int
    num_steps: int | None
    """None: it follows from the number of photos."""


def runs_folder() -> Path:
    """Return the folder of all runs; it may not exist yet."""
    return user_data_path("runs")


def save_plan(plan: TrainingPlan) -> None:
    """Write a plan into its folder. Raises WeightsError for a bad name or place."""
    model_path(plan.name)
    content = msgspec.json.format(msgspec.json.encode(plan), indent=2)
    try:
        write_whole(plan.folder / _PLAN_NAME, content)
    except OSError as error:
        raise WeightsError(f"{plan.folder}: cannot be written ({error.strerror})") from error


def saved_plans() -> list[TrainingPlan]:
    """Return the plans of all runs by name; folders without a valid one are left out."""
    found: list[TrainingPlan] = []
    for path in sorted(runs_folder().glob(f"*/{_PLAN_NAME}")):
        try:
            plan = msgspec.json.decode(path.read_bytes(), type=TrainingPlan)
        except (OSError, msgspec.DecodeError):
            continue
        if plan.name == path.parent.name:
            found.append(plan)
    return found


def free_run_name(base: str = "my-model") -> str:
    """Return a name that no run has: the base, or with a number behind it."""
    taken = {plan.name for plan in saved_plans()}
    numbered = (f"{base}-{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain([base], numbered) if name not in taken)
