from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PilImage

from liifgan_core.models.liif import LIIF
from liifgan_core.train.degradations import DegradationConfig
from liifgan_core.train.lesson_config import LessonsConfig
from liifgan_core.train.lessons import (
    LessonMaker,
    LessonPixels,
    back_project,
    cut_lesson,
    plan_lesson,
    plan_photo,
    resized,
    restore_low,
)
from liifgan_core.train.validation import render
from liifgan_core.weights.store import take_external_trunk
from liifgan_core.weights.trunk_store import load_network
from liifgan_core.weights.trunks import ExternalNetwork
from tests.core.train.conftest import photo
from tests.core.train.taught import LESSONS, taught_config

CONFIG = LessonsConfig(teacher="tiny-rrdb", lr_size=16)


@given(
    st.integers(0, 10_000),
    st.tuples(st.integers(16, 90), st.integers(16, 90)),
    st.integers(0, 3),
)
def test_a_lesson_lies_within_its_photo(number: int, size: tuple[int, int], seed: int):
    plan = plan_lesson(CONFIG, 0, size, seed=seed, number=number)
    left, top, right, bottom = plan.box
    assert 0 <= left < right <= size[1]
    assert 0 <= top < bottom <= size[0]
    assert right - left == pytest.approx(bottom - top)
    assert plan.side >= 16
    assert plan == plan_lesson(CONFIG, 0, size, seed=seed, number=number)


def test_half_of_the_lessons_are_reduced_by_the_largest_factor_and_all_photos_are_used():
    plans = [plan_lesson(CONFIG, 0, (500, 400), seed=0, number=n) for n in range(400)]
    sides = np.array([plan.side for plan in plans])
    assert 0.42 < np.mean(sides == 64.0) < 0.58
    others = sides[sides != 64.0]
    assert others.min() < 20.0
    assert others.max() > 60.0
    assert not any(plan.is_degraded for plan in plans)
    photos = [plan_photo(7, seed=0, number=number) for number in range(14)]
    assert sorted(photos[:7]) == sorted(photos[7:]) == list(range(7))
    assert photos[:7] != photos[7:]


def test_cut_pixels_are_pillows_and_the_original_is_kept_at_whole_factors():
    rgb = photo(0)
    whole = next(
        plan
        for plan in (plan_lesson(CONFIG, 0, (80, 96), seed=0, number=n) for n in range(20))
        if plan.side == 64.0
    )
    cut = cut_lesson(rgb, whole, CONFIG, seed=0, number=0)
    crop = rgb[whole.top : whole.top + 64, whole.left : whole.left + 64]
    expected = PilImage.fromarray(crop).resize((16, 16), PilImage.Resampling.BICUBIC)
    # Beyond the crop Pillow sees the photo's pixels too.
    inner = slice(3, -3)
    assert np.array_equal(cut.lr_HWC[inner, inner], np.asarray(expected)[inner, inner])
    assert cut.original_hwC is not None
    assert np.array_equal(cut.original_hwC, crop)
    between = plan_lesson(CONFIG, 0, (40, 40), seed=0, number=1)
    assert cut_lesson(rgb[:40, :40], between, CONFIG, seed=0, number=1).original_hwC is None


def test_degraded_lessons_differ_in_their_lr_picture_only_and_some_are_clean():
    damage = DegradationConfig(num_stages=1, jpeg_probability=1.0)
    config = msgspec.structs.replace(CONFIG, degradation=damage, clean_share=0.4)
    rgb, is_degraded = photo(1), []
    for number in range(100):
        plan = plan_lesson(config, 0, (80, 96), seed=0, number=number)
        plain = plan_lesson(CONFIG, 0, (80, 96), seed=0, number=number)
        assert plan.box == plain.box
        is_degraded.append(plan.is_degraded)
        if number < 10:
            found = cut_lesson(rgb, plan, config, seed=0, number=number)
            again = cut_lesson(rgb, plan, config, seed=0, number=number)
            clean = cut_lesson(rgb, plain, CONFIG, seed=0, number=number)
            assert np.array_equal(found.lr_HWC, again.lr_HWC)
            assert np.array_equal(found.lr_HWC, clean.lr_HWC) != plan.is_degraded
    assert 0.45 < np.mean(is_degraded) < 0.75


def _lr_and_picture() -> tuple[torch.Tensor, torch.Tensor]:
    """Return an LR picture and another picture of four times its size, in [0, 1]."""
    hr = torch.from_numpy(photo(2, 96, 96).copy()).permute(2, 0, 1)[None].float() / 255
    other = torch.from_numpy(photo(3, 96, 96).copy()).permute(2, 0, 1)[None].float() / 255
    return resized(hr, (24, 24)), 0.8 * hr + 0.1 * other + 0.1


def _decibels(difference: torch.Tensor) -> float:
    return float(-10.0 * difference.square().mean().log10())


def test_resizing_is_pillows():
    rgb = photo(4, 60, 60)
    expected = PilImage.fromarray(rgb).resize((20, 20), PilImage.Resampling.BICUBIC)
    tensor = torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None].float()
    found = resized(tensor, (20, 20))[0].permute(1, 2, 0).round().clamp(0, 255)
    assert np.abs(found.numpy() - np.asarray(expected)).max() <= 1


def test_back_projection_gives_the_lr_picture_back():
    lr, picture = _lr_and_picture()
    before = _decibels(resized(picture, (24, 24)) - lr)
    found = back_project(picture, lr)
    assert _decibels(resized(found, (24, 24)) - lr) > max(45.0, before + 20.0)
    # What is finer than LR stays: the change is an enlarged picture's.
    fine = found - picture
    assert _decibels(fine - resized(resized(fine, (24, 24)), (96, 96))) > 45.0


def test_restoring_changes_low_frequencies_only():
    lr, picture = _lr_and_picture()
    found = restore_low(picture, lr)
    change = found - picture
    assert _decibels(change) < 30.0
    smooth = resized(resized(change, (8, 8)), (96, 96))
    assert _decibels(change - smooth) > _decibels(change) + 15.0
    low = [resized(one, (8, 8)) for one in (picture, found, lr)]
    assert _decibels(low[1] - low[2]) > _decibels(low[0] - low[2]) + 10.0
    # Frequencies at LR's limit keep what they were: noise does not come back.
    noisy = lr + 0.1 * (torch.arange(24) % 2 * 2 - 1)
    assert _decibels(restore_low(picture, noisy) - found) > 45.0


def test_a_lesson_is_what_teacher_and_structure_draw(tiny_rrdb: ExternalNetwork):
    config = taught_config(tiny_rrdb)
    torch.manual_seed(0)
    network = LIIF(config.network).requires_grad_(False)
    take_external_trunk(network, where=Path("test"))
    teacher = load_network(tiny_rrdb.name)
    lr = photo(5)[:16, :16]
    maker = LessonMaker(
        LESSONS,
        network,
        teacher,
        is_teachers_trunk=True,
        keeps_features=True,
        device=torch.device("cpu"),
        is_half=False,
    )
    made = maker.make(LessonPixels(lr, None))
    again = maker.make(LessonPixels(lr, None))
    assert all(torch.equal(tensor, again[name]) for name, tensor in made.items())
    shapes = {name: (tuple(t.shape), t.dtype) for name, t in made.items()}
    assert shapes == {
        "lr": ((16, 16, 3), torch.uint8),
        "target": ((64, 64, 3), torch.uint8),
        "original": ((64, 64, 3), torch.uint8),
        "structure": ((3, 64, 64), torch.float16),
        "features": ((16, 16, 8), torch.float16),
    }
    tensor = torch.from_numpy(lr.copy()).permute(2, 0, 1)[None].float() / 255
    features = teacher.trunk(tensor)
    picture = back_project(teacher.draw(features, tensor), tensor)[0].permute(1, 2, 0)
    target = made["target"].float() / 255
    assert (target - picture.clamp(0, 1)).abs().max() < 0.51 / 255
    assert torch.equal(made["original"], made["target"])
    torch.testing.assert_close(
        made["features"].float(), features[0].permute(1, 2, 0), rtol=1e-3, atol=1e-3
    )
    structure = (made["structure"].float().permute(1, 2, 0) + 1) / 2
    assert np.abs(structure.numpy() - render(network, lr, 4).structure).max() < 1e-3


def test_a_cleaning_lesson_keeps_the_networks_own_features(tiny_rrdb: ExternalNetwork):
    """A student's trunk that is not the teacher's gives the features that it will read itself."""
    config = taught_config(tiny_rrdb, is_short=True)
    torch.manual_seed(0)
    network = LIIF(config.network).requires_grad_(False)
    teacher = load_network(tiny_rrdb.name)
    lr = photo(6)[:16, :16]
    maker = LessonMaker(
        msgspec.structs.replace(LESSONS, target="low-restored"),
        network,
        teacher,
        is_teachers_trunk=False,
        keeps_features=True,
        device=torch.device("cpu"),
        is_half=False,
    )
    made = maker.make(LessonPixels(lr, None))
    tensor = torch.from_numpy(lr.copy()).permute(2, 0, 1)[None].float() / 255
    picture = restore_low(teacher(tensor), tensor)[0].permute(1, 2, 0)
    assert (made["target"].float() / 255 - picture.clamp(0, 1)).abs().max() < 0.51 / 255
    assert network.detail_encoder is not None
    own = network.detail_encoder(tensor)[0].permute(1, 2, 0)
    torch.testing.assert_close(made["features"].float(), own, rtol=1e-3, atol=1e-3)
