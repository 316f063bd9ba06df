import numpy as np
import pytest
import torch

from liifgan_core.models.field_decoder import draw_patch, draw_whole
from liifgan_core.train.lesson_batches import (
    draw_patch_place,
    lesson_batch,
    lesson_batches,
)
from liifgan_core.train.lesson_config import LessonsConfig, TaughtConfig
from liifgan_core.train.lesson_store import Lessons
from liifgan_core.train.lessons import resized

SIDE = 16
CONFIG = TaughtConfig(
    lessons=LessonsConfig(teacher="t", count=3, held_out=2, lr_size=SIDE),
    crop_size=12,
    border=2,
    patch_size=20,
)


def _lessons() -> Lessons:
    rng = np.random.default_rng(0)

    def bytes_of(*shape: int) -> torch.Tensor:
        return torch.from_numpy(rng.integers(0, 256, shape, dtype=np.uint8))

    big = (8, 4 * SIDE, 4 * SIDE, 3)
    shard = {
        "lr": bytes_of(8, SIDE, SIDE, 3),
        "target": bytes_of(*big),
        "original": bytes_of(*big),
        "structure": torch.rand(8, 3, 4 * SIDE, 4 * SIDE).half(),
        "features": torch.rand(8, SIDE, SIDE, 5).half(),
    }
    return Lessons([shard])


def _batches(start: int, stop: int):
    return lesson_batches(
        _lessons(), CONFIG, scale=4, batch_size=2, seed=3, start_step=start, stop_step=stop
    )


def test_a_step_sees_the_same_however_it_is_reached():
    whole, later = list(_batches(0, 4)), list(_batches(2, 4))
    for one, other in zip(whole[2:], later, strict=True):
        assert torch.equal(one.lr_BCHW, other.lr_BCHW)
        assert torch.equal(one.target_BChw, other.target_BChw)
        assert (one.patch.top, one.patch.side) == (other.patch.top, other.patch.side)
    assert not torch.equal(whole[0].lr_BCHW, whole[1].lr_BCHW)


def test_held_out_lessons_are_not_learnt_from():
    lessons = _lessons()
    held_out = [lessons.get(number)["lr"] for number in range(2)]
    seen = {
        next(
            n
            for n in range(8)
            for top in range(5)
            for left in range(5)
            if torch.equal(
                lessons.get(n)["lr"][top : top + 12, left : left + 12].permute(2, 0, 1) / 255.0, lr
            )
        )
        for batch in _batches(0, 12)
        for lr in batch.lr_BCHW
    }
    assert len(held_out) == 2
    assert seen == {2, 3, 4}


def test_crops_of_all_maps_are_of_one_place():
    lessons = _lessons()
    patch = draw_patch_place(CONFIG, np.random.default_rng(0), scale=4, batch_size=1)
    batch = lesson_batch(lessons, [5], CONFIG, scale=4, top=3, left=1, patch=patch)
    lesson = lessons.get(5)
    assert torch.equal(batch.lr_BCHW[0, :, 0, 0], lesson["lr"][3, 1] / 255.0)
    assert torch.equal(batch.target_BChw[0, :, 0, 0], lesson["target"][12, 4] / 127.5 - 1.0)
    assert torch.equal(batch.structure_BChw[0, :, -1, -1], lesson["structure"][:, 59, 51].float())
    assert batch.features_BDHW is not None
    assert torch.equal(batch.features_BDHW[0, :, 11, 0], lesson["features"][14, 1].float())


def test_a_share_of_the_target_is_the_original():
    lessons = _lessons()
    patch = draw_patch_place(CONFIG, np.random.default_rng(0), scale=4, batch_size=1)

    def target(share: float) -> torch.Tensor:
        config = TaughtConfig(lessons=CONFIG.lessons, original_share=share)
        batch = lesson_batch(lessons, [4], config, scale=4, top=0, left=0, patch=patch)
        return batch.target_BChw[0].permute(1, 2, 0)

    lesson = lessons.get(4)
    torch.testing.assert_close(target(1.0), lesson["original"] / 127.5 - 1.0)
    expected = 0.75 * lesson["target"] + 0.25 * lesson["original"]
    torch.testing.assert_close(target(0.25), expected / 127.5 - 1.0)


@pytest.mark.parametrize("seed", range(12))
def test_a_patch_at_another_factor_lies_where_its_square_lies(seed: int):
    """A smooth field, drawn at any factor, is its own picture resampled."""
    config = TaughtConfig(lessons=LessonsConfig(teacher="t", lr_size=40), border=3, patch_size=30)
    rng = np.random.default_rng(seed)
    patch = draw_patch_place(config, rng, scale=4, batch_size=1)
    coarse = torch.from_numpy(rng.standard_normal((1, 3, 10, 10))).float()
    coefficients = torch.zeros(1, 3, 5, 5, 40, 40)
    coefficients[:, :, 0, 0] = resized(coarse, (40, 40))
    rows, cols = (slice(start, start + patch.side) for start in (patch.top, patch.left))
    square = draw_whole(coefficients, 4)[..., rows, cols]
    assert patch.top >= 12
    assert patch.top + patch.side <= 148
    expected = patch.without_margin(resized(square, (patch.num_pixels, patch.num_pixels)))
    found = draw_patch(coefficients, patch.rows, patch.cols)
    factor = patch.num_pixels * 4 / patch.side
    assert 0.95 <= factor <= 6.3
    assert found.shape == expected.shape
    error = (found - expected).abs().mean()
    assert error < 0.02 * expected.std()
    assert error < 0.2 * (found - expected.roll(1, -1))[..., 1:].abs().mean()
