from pathlib import Path

import pytest

from app.state.training_plan import (
    TrainingPlan,
    runs_folder,
    save_plan,
    saved_plans,
)
from liifgan_core.errors import WeightsError


def plan(recipe: str = "fake", **changes: object) -> TrainingPlan:
    return TrainingPlan(**{"name": "mine", "photos": "/photos", "recipe": recipe, **changes})


def test_plans_are_kept_by_name() -> None:
    save_plan(plan(init="liif", max_minutes=30))
    (runs_folder() / "broken").mkdir()
    (runs_folder() / "broken" / "plan.json").write_text("{")
    assert saved_plans() == [plan(init="liif", max_minutes=30)]
    with pytest.raises(WeightsError, match="cannot name a model"):
        save_plan(plan(name="../up"))


def test_arguments_say_all_that_was_asked(data_dir: Path) -> None:
    wanted = plan(init="liif", max_steps=7, device="cpu")
    expected = ["train", "--recipe", "fake", "--data", "/photos"]
    expected += ["--out", str(data_dir / "runs" / "mine"), "--device", "cpu"]
    expected += ["--init", "liif", "--max-steps", "7"]
    assert wanted.arguments() == expected
    wanted.folder.mkdir(parents=True)
    (wanted.folder / "checkpoint.safetensors").touch()
    assert wanted.arguments() == [*expected, "--resume"]
