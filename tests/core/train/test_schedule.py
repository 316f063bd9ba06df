import pytest
import torch

from liifgan_core.train.config import ScheduleConfig
from liifgan_core.train.schedule import rate_factor, update_average


@pytest.mark.parametrize(
    ("schedule", "step", "expected"),
    [
        (ScheduleConfig(), 0, 1.0),
        (ScheduleConfig(halve_epochs=2), 19, 1.0),
        (ScheduleConfig(halve_epochs=2), 20, 0.5),
        (ScheduleConfig(halve_epochs=2), 99, 0.5**4),
        (ScheduleConfig(kind="cosine", final_factor=0.1), 0, 1.0),
        (ScheduleConfig(kind="cosine", final_factor=0.1), 50, 0.55),
        (ScheduleConfig(kind="cosine", final_factor=0.1), 100, 0.1),
        (ScheduleConfig(kind="cosine", final_factor=1.0, warm_up_steps=10), 4, 0.5),
        (ScheduleConfig(kind="cosine", final_factor=1.0, warm_up_steps=10), 10, 1.0),
    ],
)
def test_rates_follow_the_schedule(schedule: ScheduleConfig, step: int, expected: float):
    found = rate_factor(schedule, step=step, num_steps=100, epoch_steps=10)
    assert found == pytest.approx(expected)


def test_the_average_follows_quickly_at_first_and_slowly_later():
    average, current = {"a": torch.zeros(2)}, {"a": torch.ones(2)}
    update_average(average, current, decay=0.99, step=0)
    assert average["a"].tolist() == pytest.approx([0.9, 0.9])
    before = average["a"].clone()
    update_average(average, {"a": torch.zeros(2)}, decay=0.99, step=10_000)
    torch.testing.assert_close(average["a"], before * 0.99)
