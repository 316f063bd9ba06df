from pathlib import Path

import pytest

from liifgan_core.errors import LiifganError
from liifgan_core.train.run_log import METRICS_NAME, RunLog, read_metrics


def test_reports_are_lines_of_json_and_infinity_is_null(tmp_path: Path):
    with RunLog(tmp_path, start_step=0) as log:
        log.report(1, {"loss": 0.123456789, "psnr": float("inf")})
    assert read_metrics(tmp_path) == [{"step": 1, "loss": 0.123457, "psnr": None}]


def test_resuming_drops_what_came_after_the_checkpoint(tmp_path: Path):
    with RunLog(tmp_path, start_step=0) as log:
        for step in (5, 10, 15):
            log.report(step, {"loss": float(step)})
    with RunLog(tmp_path, start_step=10) as log:
        log.report(12, {"loss": 1.0})
    assert [line["step"] for line in read_metrics(tmp_path)] == [5, 10, 12]


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / METRICS_NAME).write_text('{"step": 5, "loss": 1.0}\n{"step": 6, "lo')
    assert [line["step"] for line in read_metrics(tmp_path)] == [5]
    assert "not whole" in caplog.text


def test_a_log_that_cannot_be_written_is_an_error(tmp_path: Path):
    (tmp_path / METRICS_NAME).mkdir()
    with pytest.raises(LiifganError, match=r"metrics\.jsonl: cannot be written.*another --out"):
        RunLog(tmp_path, start_step=0)


def test_a_silent_log_writes_nothing(tmp_path: Path):
    with RunLog(tmp_path, start_step=0, is_silent=True) as log:
        log.report(1, {"loss": 1.0})
    assert list(tmp_path.iterdir()) == []
