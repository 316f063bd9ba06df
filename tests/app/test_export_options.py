from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QStandardPaths

from app.state.export_options import ExportOptionsModel, check_name, check_subfolder, file_name
from app.state.settings_store import SettingsStore
from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.resources import resource_path

PHOTO, DOUBLE = Size(60, 80), Size(120, 160)


def target(options: ExportOptionsModel, photo: Path | None, size: Size = DOUBLE) -> Path:
    return options.target(photo, stem="picture", photo_size=PHOTO, size=size, model="liif-gan")


def test_a_result_lies_beside_its_photo_under_a_name_by_the_template(store: SettingsStore) -> None:
    options = ExportOptionsModel(store)
    assert target(options, Path("/in/a.b.jpg")) == Path("/in/a.b_2x_liif-gan.png")
    options.set_folder(Path("/out"))
    options.set_subfolder(" large ")
    options.set_format("jpeg")
    options.set_name("{stem}-{width}-{height}-{size}-{format}")
    assert target(options, Path("/in/a.jpg")) == Path("/out/large/a-160-120-160x120-jpeg.jpg")
    options.set_folder(None)
    assert target(options, Path("/in/a.jpg")).parent == Path("/in/large")


def test_what_has_no_folder_of_its_own_goes_to_the_users_pictures(
    store: SettingsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda place: f"/home/me/{place.name}")
    options = ExportOptionsModel(store)
    pictures = Path("/home/me/PicturesLocation")
    assert target(options, None) == pictures / "picture_2x_liif-gan.png"
    sample = resource_path("samples", "osprey.png")
    assert target(options, sample) == pictures / "osprey_2x_liif-gan.png"
    options.set_folder(Path("/out"))
    assert target(options, sample).parent == Path("/out")


def test_sides_that_grow_differently_have_two_factors_in_the_name() -> None:
    name = file_name(
        "{stem} {factor}",
        stem="a",
        photo_size=Size(30, 70),
        size=Size(60, 259),
        format="png",
        model="m",
    )
    assert name == "a 3.7x2"


def test_options_are_remembered_and_told_once(store: SettingsStore, config_dir: Path) -> None:
    options, heard = ExportOptionsModel(store), []
    options.changed.connect(lambda: heard.append(1))
    store.change(compare="wipe")
    assert heard == []
    options.set_format("webp")
    options.set_quality(71)
    options.set_quality(71)
    options.set_bit_depth(16)
    assert len(heard) == 3
    again = ExportOptionsModel(SettingsStore(config_dir / "app.toml"))
    assert (again.format.name, again.quality, again.bit_depth) == ("webp", 71, 16)


def test_what_a_format_lacks_is_not_asked_of_it(store: SettingsStore) -> None:
    options = ExportOptionsModel(store)
    options.set_bit_depth(16)
    options.set_quality(50)
    for_png = options.for_export(8, detail=0.7, dpi=240.0)
    assert (for_png.bit_depth, for_png.quality, for_png.detail, for_png.dpi) == (16, None, 0.7, 240)
    options.set_format("jpeg")
    for_jpeg = options.for_export(16, detail=0.7, overwrite=True)
    assert (for_jpeg.bit_depth, for_jpeg.quality, for_jpeg.overwrite) == (8, 50, True)
    assert not for_jpeg.strip_metadata
    assert for_jpeg.software is not None
    options.set_keeps_metadata(False)
    options.set_names_program(False)
    plain = options.for_export(8, detail=1.0)
    assert plain.strip_metadata
    assert plain.software is None


@pytest.mark.parametrize(
    "template",
    [
        "",
        "all",
        "{model}",
        "{stem}/{size}",
        "{stem}{",
        "{stem}{0}",
        "{stem.parent}",
        "{stem}{preset}",
    ],
)
def test_what_is_no_template_is_refused_and_the_last_one_stays(
    template: str, store: SettingsStore
) -> None:
    options = ExportOptionsModel(store)
    with pytest.raises(ImageWriteError, match=r"template|preset"):
        options.set_name(template)
    assert options.name == "{stem}_{factor}x_{model}"


@pytest.mark.parametrize("name", ["a/b", "..", ".", "\\a", "c:", "a\0"])
def test_a_subfolder_is_one_folder_below(name: str) -> None:
    with pytest.raises(ImageWriteError, match="folder"):
        check_subfolder(name)


@given(st.text(max_size=20))
def test_a_template_that_is_taken_gives_names_without_slashes(template: str) -> None:
    try:
        check_name(template)
    except ImageWriteError:
        return
    name = file_name(template, stem="a", photo_size=PHOTO, size=DOUBLE, format="png", model="m")
    assert "a" in name
    assert "/" not in name
