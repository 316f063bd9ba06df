"""Whole taught runs, with a teacher of random weights."""

import json
from pathlib import Path

import msgspec
import pytest
import torch
from PIL import Image as PilImage
from safetensors.torch import load_file

from liifgan_core.errors import LiifganError, WeightsError
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.train import lessons as lessons_module
from liifgan_core.train.card import CARD_NAME
from liifgan_core.train.checkpoint import CheckpointError, load_checkpoint
from liifgan_core.train.config import Arithmetic, TrainConfig
from liifgan_core.train.lesson_config import TaughtConfig
from liifgan_core.train.request import CHECKPOINT_NAME, LESSONS_NAME, StepReport
from liifgan_core.train.run_log import read_metrics
from liifgan_core.train.trainer import train
from liifgan_core.weights.registry import Facts
from liifgan_core.weights.store import load_weights
from liifgan_core.weights.trunk_store import load_trunk
from liifgan_core.weights.trunks import ExternalNetwork
from tests.core.train.conftest import photo
from tests.core.train.taught import LESSONS, request, taught_config


@pytest.fixture(autouse=True)
def no_hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Without ST-LPIPS weights, validation leaves that measure out."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))


@pytest.mark.parametrize("is_short", [False, True])
def test_a_stopped_run_ends_with_the_same_bytes(
    is_short: bool, tiny_rrdb: ExternalNetwork, photos: Path, tmp_path: Path
):
    config = taught_config(tiny_rrdb, is_short=is_short)
    train(request(config, photos, tmp_path / "whole"))
    train(request(config, photos, tmp_path / "parts", max_steps=5))
    train(request(config, photos, tmp_path / "parts", resume=True))
    whole, parts = (tmp_path / out / "model.safetensors" for out in ("whole", "parts"))
    assert whole.read_bytes() == parts.read_bytes()
    header, tensors = load_checkpoint(tmp_path / "parts" / CHECKPOINT_NAME)
    assert header.step == 10
    # Nothing that is frozen is kept again with every checkpoint.
    assert {name.split(".")[1] for name in tensors if name.startswith("network.")} == (
        {"detail", "detail_encoder"} if is_short else {"detail"}
    )


def test_a_detail_layer_that_is_a_picture_learns_all_of_the_teachers(
    tiny_rrdb: ExternalNetwork, photos: Path, tmp_path: Path
):
    config = taught_config(tiny_rrdb)
    network = msgspec.structs.replace(config.network, detail_is_picture=True)
    config = msgspec.structs.replace(
        config, network=network, steps_per_epoch=60, checkpoint_every_steps=60
    )
    path = train(request(config, photos, tmp_path / "run"))
    lines = read_metrics(tmp_path / "run")
    nearness = [line["val/x4/teacher_psnr"] for line in lines if "val/x4/teacher_psnr" in line]
    assert nearness[-1] > nearness[0] + 2.0
    # At strength 1 nothing is left of the structure: another one gives the same picture.
    trained = load_weights(path).network
    lr_BCHW = torch.rand(1, 3, 12, 14, generator=torch.Generator().manual_seed(0))
    coord_BQ2 = torch.rand(1, 40, 2, generator=torch.Generator().manual_seed(1)) * 2 - 1
    cell_BQ2 = torch.full_like(coord_BQ2, 0.05)
    found = []
    with torch.no_grad():
        for share in (1.0, -0.5):
            for parameter in trained.structure.parameters():
                parameter *= share
            found.append(trained.query(trained.encode(lr_BCHW), coord_BQ2, cell_BQ2).blend())
    torch.testing.assert_close(found[0], found[1], rtol=0.0, atol=1e-6)


@pytest.mark.parametrize("is_short", [False, True])
def test_a_run_comes_nearer_to_its_teacher_and_leaves_what_is_frozen(
    is_short: bool, tiny_rrdb: ExternalNetwork, photos: Path, tmp_path: Path
):
    config = msgspec.structs.replace(
        taught_config(tiny_rrdb, is_short=is_short), steps_per_epoch=60, checkpoint_every_steps=60
    )
    start = train(request(config, photos, tmp_path / "start", max_steps=1))
    path = train(request(config, photos, tmp_path / "run"))
    lines = read_metrics(tmp_path / "run")
    losses = [line["taught_l1"] for line in lines if "taught_l1" in line]
    assert sum(losses[-10:]) < 0.6 * sum(losses[:10])
    nearness = [line["val/x4/teacher_psnr"] for line in lines if "val/x4/teacher_psnr" in line]
    assert len(nearness) == 12
    assert nearness[-1] > nearness[0] + 2.0

    before, after = load_file(start), load_file(path)
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert {name.partition(".")[0] for name in changed} == (
        {"detail", "detail_encoder"} if is_short else {"detail"}
    )
    if not is_short:
        network = load_weights(path).network
        assert network.detail_encoder is not None
        expected = load_trunk(tiny_rrdb.sha256).state_dict()
        for name, tensor in network.detail_encoder.state_dict().items():
            assert torch.equal(tensor, expected[name])


def test_bf16_learns_too(tiny_rrdb: ExternalNetwork, photos: Path, tmp_path: Path):
    config = msgspec.structs.replace(
        taught_config(tiny_rrdb, is_short=True),
        steps_per_epoch=40,
        arithmetic=Arithmetic(half=True),
    )
    train(request(config, photos, tmp_path))
    losses = [line["taught_l1"] for line in read_metrics(tmp_path) if "taught_l1" in line]
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])


def test_the_card_names_teacher_trunk_and_their_licences(
    tiny_rrdb: ExternalNetwork, photos: Path, tmp_path: Path
):
    path = train(request(taught_config(tiny_rrdb), photos, tmp_path, max_steps=1))
    card = json.loads((tmp_path / CARD_NAME).read_text())
    for role in ("detail_teacher", "detail_trunk"):
        assert card[role]["sha256"] == tiny_rrdb.sha256
        assert card[role]["licence"] == tiny_rrdb.licence
    header = load_weights(path).info.header
    assert header.facts == Facts(is_gan=True, cleans=False)
    provenance = header.provenance
    assert "taught the pictures of tiny-rrdb" in provenance.origin
    assert "tiny-rrdb: none" in provenance.licence
    assert provenance.trained_scales == (1.0, 6.0)


def test_lessons_are_made_once_reported_and_shared(
    tiny_rrdb: ExternalNetwork,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    config = taught_config(tiny_rrdb)
    reports: list[StepReport] = []
    shared = tmp_path / "shared"
    train(request(config, photos, tmp_path / "a", lessons=shared), report=reports.append)
    made = [report for report in reports if report.unit == "lesson"]
    assert [(report.step, report.stop_step) for report in made] == [(8, 16), (16, 16)]
    assert made[0].seconds_left > 0.0
    assert reports[-1].unit == "step"

    def refuse(*_: object) -> None:
        raise AssertionError("lessons are there")

    monkeypatch.setattr(lessons_module.LessonMaker, "make", refuse)
    train(request(config, photos, tmp_path / "b", lessons=shared))
    first, second = (tmp_path / out / "model.safetensors" for out in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


def test_cancelled_between_lessons_it_goes_on_with_them(
    tiny_rrdb: ExternalNetwork, photos: Path, tmp_path: Path
):
    config, cancel = taught_config(tiny_rrdb), CancelToken()
    with pytest.raises(Cancelled):
        train(
            request(config, photos, tmp_path),
            cancel=cancel,
            report=lambda _report: cancel.cancel(),
        )
    assert not (tmp_path / CHECKPOINT_NAME).exists()
    (kept,) = (tmp_path / LESSONS_NAME).iterdir()
    before = kept.stat()
    train(request(config, photos, tmp_path, max_steps=1))
    assert kept.stat().st_mtime_ns == before.st_mtime_ns
    assert len(list((tmp_path / LESSONS_NAME).iterdir())) == 2


def test_other_photos_are_refused(tiny_rrdb: ExternalNetwork, photos: Path, tmp_path: Path):
    config = taught_config(tiny_rrdb)
    train(request(config, photos, tmp_path / "out", max_steps=1))
    others = tmp_path / "others"
    others.mkdir()
    for seed in range(3):
        PilImage.fromarray(photo(seed + 10)).save(others / f"{seed}.png")
    with pytest.raises(CheckpointError, match=r"made of something else \(photos differ\)"):
        train(request(config, others, tmp_path / "out", resume=True))
    lessons = tmp_path / "out" / LESSONS_NAME
    with pytest.raises(LiifganError, match=r"made for another run \(photos differ\)"):
        train(request(config, others, tmp_path / "new", lessons=lessons))


def test_another_trunk_teacher_or_structure_is_refused(
    tiny_rrdb: ExternalNetwork, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    config = taught_config(tiny_rrdb)
    out = tmp_path / "out"
    train(request(config, photos, out, max_steps=1))
    seeded = msgspec.structs.replace(config, seed=1)  # a random structure layer is the seed's
    with pytest.raises(LiifganError, match=r"another run \(seed, structure differ\)"):
        train(request(seeded, photos, tmp_path / "new", lessons=out / LESSONS_NAME))
    lessons = msgspec.structs.replace(config.taught.lessons, target="low-restored")
    taught = msgspec.structs.replace(config.taught, lessons=lessons)
    with pytest.raises(CheckpointError, match=r"another recipe \(taught differ\)"):
        changed = msgspec.structs.replace(config, taught=taught)
        train(request(changed, photos, out, resume=True))
    (tiny_rrdb_file := tmp_path / "gone").mkdir()
    monkeypatch.setenv("LIIFGAN_DATA_DIR", str(tiny_rrdb_file))
    with pytest.raises(WeightsError, match="'tiny-rrdb' are not here"):
        train(request(config, photos, out, resume=True))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"factors": (0.5, 2.0)}, "1 <= low <= high"),
        ({"crop_size": 17}, "more than the lessons' 16"),
        ({"border": 5}, "a border of 5 leaves too little of 16"),
        ({"features": 0.1, "crop_size": 12}, "a border of 6 leaves too little of 12"),
    ],
)
def test_steps_that_cannot_be_are_refused(change: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message):
        TaughtConfig(lessons=LESSONS, **{"border": 2, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trained_parts": ("trunk", "detail")}, "stays as it is"),
        ({"trained_parts": ("structure", "detail")}, "trains trunk and detail only"),
        ({"taught": None}, "needs `taught`"),
        ({"trained_parts": ("encoder",)}, "trains trunk and detail only"),
    ],
)
def test_runs_that_cannot_be_are_refused(
    change: dict[str, object], message: str, tiny_rrdb: ExternalNetwork
):
    config: TrainConfig = taught_config(tiny_rrdb)
    with pytest.raises(ValueError, match=message):
        msgspec.structs.replace(config, **change)
