from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file

from liifgan_core.errors import LiifganError
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.train.lesson_config import LessonsConfig
from liifgan_core.train.lesson_key import LessonKey
from liifgan_core.train.lesson_store import Lessons, open_lessons

KEY = LessonKey(
    photos="p",
    seed=0,
    teacher="t",
    features="",
    structure="s",
    is_half=False,
    options=LessonsConfig(teacher="t").without_numbers(),
)
Make = Callable[[int], dict[str, torch.Tensor]]


class Maker:
    """Makes lessons that hold their number, and remembers which."""

    def __init__(self) -> None:
        self.made: list[int] = []

    def __call__(self) -> Make:
        def make(number: int) -> dict[str, torch.Tensor]:
            self.made.append(number)
            return {"lr": torch.full((2, 2), number), "features": torch.ones(3) * number}

        return make


def _open(folder: Path, maker: Maker, total: int = 12, key: LessonKey = KEY) -> Lessons:
    return open_lessons(folder, key, total, maker)


def _check(lessons: Lessons, total: int) -> None:
    for number in range(total):
        found = lessons.get(number)
        assert torch.equal(found["lr"], torch.full((2, 2), number))
        assert torch.equal(found["features"], torch.ones(3) * number)


def test_what_is_there_is_not_made_again(tmp_path: Path):
    first = Maker()
    _check(_open(tmp_path, first), 12)
    assert first.made == list(range(16))  # whole shards
    second = Maker()
    _check(_open(tmp_path, second), 12)
    assert second.made == []
    third = Maker()
    _check(_open(tmp_path, third, total=20), 20)
    assert third.made == list(range(16, 24))


@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "renamed", "other"])
def test_damaged_shards_are_made_again(
    damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    _open(tmp_path, Maker())
    first, second = sorted(tmp_path.iterdir())
    content = second.read_bytes()
    match damage:
        case "cut":
            second.write_bytes(content[:-20])
        case "changed":
            second.write_bytes(content[:-1] + b"!")
        case "gone":
            second.unlink()
        case "renamed":
            second.write_bytes(first.read_bytes())
        case _:
            second.write_text("no shard")
    maker = Maker()
    _check(_open(tmp_path, maker), 12)
    assert maker.made == list(range(8, 16))
    assert second.read_bytes() == content
    assert ("is damaged and made again" in caplog.text) == (damage != "gone")


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"photos": "q"}, "photos"),
        ({"teacher": "u", "features": "u"}, "teacher, features"),
        ({"options": LessonsConfig(teacher="t", target="low-restored")}, "options"),
    ],
)
def test_lessons_of_another_run_are_refused_and_stay(
    change: dict[str, object], names: str, tmp_path: Path
):
    _open(tmp_path, Maker())
    path = min(tmp_path.iterdir())
    before = path.read_bytes()
    with pytest.raises(LiifganError, match=rf"another run \({names} differ\).*--lessons"):
        _open(tmp_path, Maker(), key=msgspec.structs.replace(KEY, **change))
    assert path.read_bytes() == before


def test_cancelled_it_keeps_whole_shards(tmp_path: Path):
    cancel, reports = CancelToken(), []

    def report(done: int, total: int, seconds: float) -> None:
        reports.append((done, total))
        assert seconds >= 0.0
        cancel.cancel()

    with pytest.raises(Cancelled):
        open_lessons(tmp_path, KEY, 12, Maker(), cancel=cancel, report=report)
    assert reports == [(8, 12)]
    assert [len(load_file(path)["lr"]) for path in tmp_path.iterdir()] == [8]
    fractions: list[float] = []
    maker = Maker()
    open_lessons(tmp_path, KEY, 12, maker, progress=fractions.append)
    assert maker.made == list(range(8, 16))
    assert fractions == [8 / 12, 1.0]


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LiifganError, match="lessons cannot be written"):
        _open(tmp_path / "file", Maker())
