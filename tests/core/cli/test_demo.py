from pathlib import Path

import pytest
from PIL import Image as PilImage

from liifgan_core.cli.demo import main
from tests.conftest import PLAIN, UseProcessor

pytestmark = pytest.mark.usefixtures("signals_and_logging_are_put_back")


@pytest.mark.usefixtures("tiny_weights")
def test_the_demo_writes_the_result_and_a_sheet_and_tells_size_time_and_device(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        main(tmp_path / "demo")
    with PilImage.open(tmp_path / "demo" / "osprey_x3.7.png") as result:
        assert result.size == (1184, 888)
    with PilImage.open(tmp_path / "demo" / "sheet.png") as sheet:
        assert sheet.width > 3 * 400
    shown = capsys.readouterr().out
    assert "320x240 to 1184x888 pixels in " in shown
    assert " s on " in shown
    assert "with tiny" in shown


def test_a_model_with_a_detail_layer_is_shown_beside_the_plain_one(
    tiny_weights: Path,
    detail_weights: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    use_processor: UseProcessor,
) -> None:
    use_processor(PLAIN)
    tiny_weights.rename(tiny_weights.with_stem("liif"))
    detail_weights.rename(detail_weights.with_stem("liif-gan-fast"))
    main(tmp_path)
    with PilImage.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 4 * 400
    shown = capsys.readouterr().out
    assert "with liif-gan-fast" in shown
    assert "nearest, bicubic, liif, liif-gan-fast side by side" in shown


def test_without_a_model_the_demo_says_how_to_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(tmp_path)
    assert caught.value.code == 1
    assert "install LIIF-GAN again" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
