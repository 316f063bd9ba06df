import logging
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.settings import MAX_RECENT, AppSettings, load_settings, save_settings, with_recent

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.builds(
        AppSettings,
        device=TEXT,
        precision=st.sampled_from(["auto", "fp32"]),
        while_zooming=st.sampled_from(["auto", "quick", "chosen"]),
        recent=st.lists(TEXT, max_size=3).map(tuple),
        export_quality=st.none() | st.integers(1, 100),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_settings_survive_saving(tmp_path: Path, values: AppSettings) -> None:
    path = tmp_path / "app.toml"
    save_settings(path, values)
    assert load_settings(path) == values


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml") == AppSettings()


@pytest.mark.parametrize(
    "content",
    [
        "not toml = = =",
        "unknown = 1",
        'precision = "fp8"',
        "export_quality = 0",
        'while_zooming = "x"',
    ],
)
def test_a_broken_file_is_kept_beside(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "app.toml"
    path.write_text(content)
    with caplog.at_level(logging.WARNING):
        assert load_settings(path) == AppSettings()
    assert str(path) in caplog.text
    assert (tmp_path / "app.broken").read_text() == content


def test_settings_of_the_first_version_are_taken_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "app.toml"
    path.write_text(
        'device = "cpu"\nprecision = "fp32"\nlanguage = "de"\nrecent = ["/photos/a.jpg"]\n'
        'compare = "wipe"\nexport_format = "tiff"\nexport_quality = 80\nexport_folder = "/out"\n'
    )
    assert load_settings(path) == AppSettings(
        device="cpu",
        precision="fp32",
        language="de",
        recent=("/photos/a.jpg",),
        compare="wipe",
        export_format="tiff",
        export_quality=80,
        export_folder="/out",
    )
    assert not caplog.records
    assert [file.name for file in tmp_path.iterdir()] == ["app.toml"]


def test_what_another_version_wrote_costs_no_other_setting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "app.toml"
    content = 'language = "de"\nmood = "good"\ncompare = "dance"\nmemory_mb = 2048\n'
    path.write_text(content)
    assert load_settings(path) == AppSettings(language="de", memory_mb=2048)
    for text in (str(path), "mood = 'good' is left out", "compare = 'dance' is left out"):
        assert text in caplog.text
    # Until something is saved the file stays as it is, and a copy of it for good.
    assert path.read_text() == (tmp_path / "app.broken").read_text() == content


def test_a_photo_is_listed_once_and_first() -> None:
    known = AppSettings()
    for name in [*"abcdefghijkl", "c"]:
        known = with_recent(known, Path("/photos") / name)
    assert known.recent[0] == "/photos/c"
    assert len(known.recent) == len(set(known.recent)) == MAX_RECENT
