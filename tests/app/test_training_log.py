from pathlib import Path

from app.state.training_log import TrainingLog, crop_files, read_crop
from tests.app.fake_trainer import FACTOR, SIDE, write_pictures


def test_a_growing_log_is_read_line_by_line(tmp_path: Path) -> None:
    log, path = TrainingLog(tmp_path), tmp_path / "metrics.jsonl"
    assert not log.poll()
    path.write_text('{"step": 1, "a": 0.5}\n{"step": 2, "a"')
    assert log.poll()
    assert log.curves == {"a": [(1, 0.5)]}
    with path.open("a") as file:
        file.write(': null}\n{"step": 3, "a": 0.25, "b": 9}\nno json\n')
    assert log.poll()
    assert log.curves == {"a": [(1, 0.5), (3, 0.25)], "b": [(3, 9.0)]}
    assert log.step == 3


def test_steps_that_come_again_replace_the_old_ones(tmp_path: Path) -> None:
    log, path = TrainingLog(tmp_path), tmp_path / "metrics.jsonl"
    path.write_text("".join(f'{{"step": {step}, "a": {step}}}\n' for step in range(1, 6)))
    log.poll()
    with path.open("a") as file:
        file.write('{"step": 3, "a": 33}\n')
    log.poll()
    assert log.curves["a"] == [(1, 1.0), (2, 2.0), (3, 33.0)]
    path.write_text('{"step": 1, "a": 7}\n')
    log.poll()
    assert log.curves["a"] == [(1, 7.0)]


def test_a_picture_is_taken_apart(tmp_path: Path) -> None:
    write_pictures(tmp_path / "pictures" / "0000060")
    step, [path] = crop_files(tmp_path)
    crop = read_crop(path, step)
    assert crop is not None
    assert (crop.name, crop.step) == ("bird", 60)
    assert crop.lr.shape == (SIDE * FACTOR, SIDE * FACTOR, 3)
    assert crop.lr_pixels.shape == (SIDE, SIDE, 3)
    assert (crop.original == crop.lr // 4).all()
    path.write_bytes(path.read_bytes()[:50])
    assert read_crop(path, step) is None
