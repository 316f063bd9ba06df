import sys
from pathlib import Path

import msgspec
import pytest
from PIL import Image as PilImage

from liifgan_core.errors import LiifganError
from liifgan_core.evaluation import curves
from liifgan_core.evaluation.curves import check_matplotlib, write_curves
from tests.core.evaluation.test_records import PROTOCOL, record, report


def _records(datasets: str = "d") -> list:
    return [
        record(10.0 + scale, model, scale=scale, metric=metric, dataset=dataset)
        for dataset in datasets
        for model in ("bicubic", "liif-gan")
        for scale in (2.0, 3.0, 4.5)
        for metric in ("psnr-rgb", "st-lpips-alex")
    ]


def _drawn(
    monkeypatch: pytest.MonkeyPatch, records: list, folder: Path, *, degradation: str = ""
) -> list:
    """Return the panels with something in them."""
    figures = []
    module = curves._matplotlib()

    class Kept(module.Figure):
        def __init__(self, **options):
            super().__init__(**options)
            figures.append(self)

    monkeypatch.setattr(module, "Figure", Kept)
    protocol = msgspec.structs.replace(PROTOCOL, degradation=degradation)
    write_curves(report(records, protocol=protocol), folder)
    return [axis for axis in figures[0].axes if axis.axison]


def test_each_metric_is_drawn_against_the_scale_and_psnr_against_distance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    panels = _drawn(monkeypatch, _records(), tmp_path)
    assert [(axis.get_xlabel(), axis.get_ylabel()) for axis in panels] == [
        ("scale", "PSNR (RGB, dB)"),
        ("scale", "ST-LPIPS (alex, ST0.0)"),
        ("ST-LPIPS (alex, ST0.0)", "PSNR (RGB, dB)"),
    ]
    line = panels[1].lines[0]
    assert list(line.get_xdata()) == [2.0, 3.0, 4.5]
    assert list(line.get_ydata()) == [12.0, 13.0, 14.5]
    with PilImage.open(tmp_path / "curves.png") as picture:
        assert picture.width > 800


def test_titles_name_the_degradation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    panels = _drawn(monkeypatch, _records(), tmp_path, degradation="noise5+jpeg60")
    assert [axis.get_title() for axis in panels] == ["d, noise5+jpeg60"] * 3


def test_models_without_a_value_have_gaps_and_data_sets_their_own_panels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    records = [r for r in _records("de") if (r.model, r.scale) != ("liif-gan", 2.0)]
    panels = _drawn(monkeypatch, records, tmp_path)
    assert [axis.get_title() for axis in panels] == ["d"] * 3 + ["e"] * 3
    assert list(panels[2].lines[1].get_ydata()) == [13.0, 14.5]


def test_without_matplotlib_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(LiifganError, match=r"curves\.png needs .*pip install matplotlib"):
        check_matplotlib()
