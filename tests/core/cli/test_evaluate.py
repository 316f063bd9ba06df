import json
import signal
from pathlib import Path

import pytest

from liifgan_core.cli import evaluate as command
from liifgan_core.progress import Cancelled
from tests.core.cli.conftest import Run, names
from tests.core.evaluation.conftest import save_original


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    save_original(folder / "a.png", 48, 40)
    save_original(folder / "b.png", 36, 36, seed=1)
    return folder


@pytest.fixture
def no_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes longer than all else here."""
    monkeypatch.setattr(command, "write_curves", lambda _report, _folder: None)


def _options(photos: Path, **changes: str) -> list[str]:
    options = {
        "data": str(photos),
        "models": "bicubic,tiny-detail@0,tiny-detail",
        "scales": "2,3.5",
        "metrics": "psnr,ssim,lr-psnr",
        "out": str(photos.parent / "out"),
        "device": "cpu",
    } | changes
    return ["evaluate", *(word for key, value in options.items() for word in (f"--{key}", value))]


def test_a_run_writes_records_table_curves_and_sheet(photos: Path, detail_weights: Path, run: Run):
    assert detail_weights.is_file()
    result = run(*_options(photos))
    out = photos.parent / "out"
    assert (result.status, result.out) == (0, f"{out / 'table.md'}\n")
    assert names(out) == {"records.json", "table.md", "curves.png", "sheet.png"}
    content = json.loads((out / "records.json").read_text())
    assert len(content["records"]) == 2 * 3 * 2 * 3
    assert {row["n"] for row in content["summary"]} == {2}
    assert list(content["models"]) == ["bicubic", "tiny-detail@0", "tiny-detail"]
    values = {
        (r["model"], r["metric"]): r["value"]
        for r in content["records"]
        if (r["image"], r["scale"]) == ("a", 2.0)
    }
    assert values["tiny-detail@0", "psnr-rgb"] != values["tiny-detail", "psnr-rgb"]
    assert "| tiny-detail@0 | PSNR (RGB, dB) ↑ |" in (out / "table.md").read_text()
    assert "left" in result.err


@pytest.mark.usefixtures("no_curves")
def test_a_second_run_measures_only_what_is_new(
    photos: Path, detail_weights: Path, run: Run, monkeypatch: pytest.MonkeyPatch
):
    assert detail_weights.is_file()
    run(*_options(photos))
    records = (photos.parent / "out" / "records.json").read_bytes()
    again = run(*_options(photos))
    assert (again.status, again.err) == (0, "")
    assert (photos.parent / "out" / "records.json").read_bytes() == records
    more = run(*_options(photos, models="bicubic,tiny-detail@0.5"))
    assert more.status == 0
    content = json.loads((photos.parent / "out" / "records.json").read_text())
    assert len(content["records"]) == 2 * 4 * 2 * 3


@pytest.mark.usefixtures("no_curves")
@pytest.mark.parametrize("protocol", ["rgb", "y", "div2k"])
def test_degraded_pictures_are_measured_and_named_in_all_protocols(
    protocol: str, photos: Path, run: Run
):
    options = {"models": "bicubic", "scales": "2", "metrics": "psnr,texture", "protocol": protocol}
    clean, noisy = photos.parent / "clean", photos.parent / "noisy"
    assert run(*_options(photos, **options, out=str(clean))).status == 0
    degraded = _options(photos, **options, out=str(noisy), degrade="blur0.8+noise30")
    assert run(*degraded).status == 0
    values = [
        {
            (r["model"], r["metric"]): r["mean"]
            for r in json.loads((out / "records.json").read_text())["summary"]
        }
        for out in (clean, noisy)
    ]
    channels = "y" if protocol == "y" else "rgb"
    assert values[1]["bicubic", f"psnr-{channels}"] < values[0]["bicubic", f"psnr-{channels}"] - 1.0
    assert values[1]["original", "texture-strength"] == values[0]["original", "texture-strength"]
    assert "degraded by blur0.8+noise30" in (noisy / "table.md").read_text()
    again = run(*_options(photos, **options, out=str(noisy)))
    assert again.status == 1
    assert "with the degradation blur0.8+noise30, not none" in again.err


@pytest.mark.usefixtures("no_curves")
def test_several_folders_are_several_data_sets(photos: Path, run: Run):
    save_original(photos.parent / "more" / "c.png", 40, 40)
    options = _options(photos, models="bicubic", scales="2")
    assert run(*options, "--data", photos.parent / "more").status == 0
    content = json.loads((photos.parent / "out" / "records.json").read_text())
    assert {(r["dataset"], r["n"]) for r in content["summary"]} == {("photos", 2), ("more", 1)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": "nothing"}, "there is no model 'nothing'"),
        ({"models": ","}, "no model is asked for"),
        ({"models": "bicubic,bicubic"}, "two rows are called 'bicubic'"),
        ({"models": "file:gone.pth"}, "gone.pth: there is no such file"),
        ({"metrics": "pnsr"}, "no metric 'pnsr'"),
        ({"scales": "2,1"}, "--scales needs numbers above 1 and up to 64, not '1'"),
        ({"scales": "2,x"}, "--scales needs numbers above 1 and up to 64, not 'x'"),
        ({"scales": "nan"}, "not 'nan'"),
        ({"scales": ""}, "no scale is asked for"),
        ({"degrade": "jpeg70+nois5"}, "'nois5' is no degradation; write noiseN"),
        ({"degrade": ""}, "'' is no degradation; write noiseN"),
        ({"models": "original=bicubic"}, "a row cannot be called 'original'"),
        ({"protocol": "z"}, "no protocol 'z'"),
        ({"detail": "3"}, "--detail needs a number from 0 to 1.5"),
        ({"device": "abacus"}, "no device 'abacus'"),
        ({"data": "nowhere"}, "nowhere: there is no such folder"),
    ],
)
def test_wrong_use_is_one_line_and_measures_nothing(changes, message, photos: Path, run: Run):
    result = run(*_options(photos, **({"models": "bicubic"} | changes)))
    assert result.status == 2
    assert message in result.err
    assert len(result.errors) == 1
    assert not (photos.parent / "out").exists()


def test_a_metric_whose_package_is_missing_is_wrong_use(
    photos: Path, run: Run, monkeypatch: pytest.MonkeyPatch
):
    import sys

    monkeypatch.setitem(sys.modules, "piq", None)
    result = run(*_options(photos, models="bicubic", metrics="psnr,dists"))
    assert result.status != 0
    assert "the package 'piq' cannot be used" in result.err
    assert len(result.errors) == 1


@pytest.mark.usefixtures("no_curves")
def test_failed_images_give_one_and_are_in_no_mean(photos: Path, run: Run):
    (photos / "a.png").write_bytes((photos / "a.png").read_bytes()[:300])
    (photos / "notes.txt").write_text("no image")
    result = run(*_options(photos, models="bicubic"))
    assert result.status == 1
    assert "photos/a is left out" in result.err
    table = (photos.parent / "out" / "table.md").read_text()
    assert "## photos (1 images)" in table
    assert "- photos/notes.txt: not an image" in table


def test_nothing_measurable_is_an_error(photos: Path, run: Run):
    result = run(*_options(photos, models="bicubic", scales="40"))
    assert result.status == 1
    assert "nothing could be measured" in result.err


def test_an_unwritable_folder_is_an_error(photos: Path, run: Run):
    (photos.parent / "out").write_text("a file")
    result = run(*_options(photos, models="bicubic", scales="2"))
    assert result.status == 1
    assert "cannot be written" in result.err


def test_ctrl_c_keeps_what_was_measured(photos: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    def interrupted(_request, *, step, cancel):
        signal.raise_signal(signal.SIGINT)
        assert cancel.is_cancelled
        raise Cancelled

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(command, "evaluate", interrupted)
    result = run(*_options(photos, models="bicubic"))
    assert result.status == 130
    assert "run it again to go on" in result.err
    assert signal.getsignal(signal.SIGINT) is before
