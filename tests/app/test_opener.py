import base64
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.settings import AppSettings
from app.state.document import DocumentModel
from app.state.opener import Opener
from app.state.photo import Photo, read_photo
from app.workers.task import Task
from liifgan_core.geometry import Size
from liifgan_core.progress import Progress
from tests.app.fakes import TIMEOUT_S


@pytest.fixture
def opener(qtbot: QtBot) -> Iterator[Opener]:
    document = DocumentModel()
    opener = Opener(document, document)
    opener.setProperty("document", document)
    yield opener
    for task in Task.running():  # drafts that nobody waits for
        task.stop()


def document_of(opener: Opener) -> DocumentModel:
    document = opener.property("document")
    assert isinstance(document, DocumentModel)
    return document


@pytest.fixture
def document(opener: Opener) -> DocumentModel:
    return document_of(opener)


def test_a_file_is_opened(opener: Opener, qtbot: QtBot, photo_file: Path) -> None:
    with qtbot.waitSignal(opener.opened) as opened:
        opener.open_paths([photo_file])
    assert opened.args == [photo_file]
    photo = document_of(opener).photo
    assert photo is not None
    assert (photo.name, photo.image.size) == ("photo.png", Size(60, 80))


def test_a_folder_opens_its_first_photo(opener: Opener, qtbot: QtBot, photo_file: Path) -> None:
    (photo_file.parent / "a.txt").write_text("no photo")
    with qtbot.waitSignal(opener.opened) as opened:
        opener.open_paths([photo_file.parent])
    assert opened.args == [photo_file]


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n and no more"])
def test_a_bad_file_gives_a_message_with_its_name(
    opener: Opener, qtbot: QtBot, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    with qtbot.waitSignal(opener.failed) as failed:
        opener.open_paths([path])
    assert failed.args is not None
    assert str(path) in failed.args[0]
    assert document_of(opener).photo is None


def test_a_folder_without_photos_gives_a_message(
    opener: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(opener.failed) as failed:
        opener.open_paths([tmp_path])
    assert failed.args is not None
    assert str(tmp_path) in failed.args[0]


def test_a_picture_from_the_clipboard_is_opened(opener: Opener, qtbot: QtBot) -> None:
    picture = QImage(30, 20, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    data = QMimeData()
    data.setImageData(picture)
    with qtbot.waitSignal(document_of(opener).photo_changed):
        opener.open_mime(data)
    photo = document_of(opener).photo
    assert photo is not None
    assert photo.path is None
    assert photo.image.size == Size(20, 30)


def test_a_dropped_file_is_read_from_its_file(
    opener: Opener, qtbot: QtBot, photo_file: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo_file))])
    with qtbot.waitSignal(opener.opened):
        opener.open_mime(data)


def test_text_in_the_clipboard_gives_a_message(opener: Opener, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setText("hello")
    with qtbot.waitSignal(opener.failed):
        opener.open_mime(data)


def test_of_two_photos_the_later_one_stays(
    opener: Opener, qtbot: QtBot, photo_file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "zz.png"
    other.write_bytes(photo_file.read_bytes())
    with qtbot.waitSignal(opener.opened) as opened:
        opener.open_paths([photo_file])
        opener.open_paths([other])
    assert opened.args == [other]


def test_an_address_of_a_browser_says_the_way_out(opener: Opener, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/cat.jpg")])
    with qtbot.waitSignal(opener.failed) as failed:
        opener.open_mime(data)
    assert failed.args is not None
    assert "paste it here" in failed.args[0]


def test_a_picture_inside_an_address_is_opened(
    opener: Opener, document: DocumentModel, qtbot: QtBot, photo_file: Path
) -> None:
    content = base64.b64encode(photo_file.read_bytes()).decode()
    data = QMimeData()
    data.setUrls([QUrl(f"data:image/png;base64,{content}")])
    with qtbot.waitSignal(document.photo_changed):
        opener.open_mime(data)
    assert document.photo is not None
    assert document.photo.image.size == Size(60, 80)


def test_neighbours_in_the_folder_follow_each_other(
    opener: Opener, document: DocumentModel, qtbot: QtBot, photo_file: Path
) -> None:
    for name in ("a.png", "z.png"):
        shutil.copy(photo_file, photo_file.with_name(name))
    with qtbot.waitSignal(document.photo_changed):
        opener.open_paths([photo_file])
    names = []
    for offset in (1, 1, -1):
        with qtbot.waitSignal(document.photo_changed):
            opener.step(offset)
        assert document.photo is not None
        names.append(document.photo.name)
    assert names == ["z.png", "a.png", "z.png"]


def test_photos_dropped_together_follow_each_other(
    opener: Opener, document: DocumentModel, qtbot: QtBot, photo_file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere" / "b.png"
    other.parent.mkdir()
    shutil.copy(photo_file, other)
    shutil.copy(photo_file, photo_file.with_name("not-dropped.png"))
    with qtbot.waitSignal(document.photo_changed):
        opener.open_paths([photo_file, other])
    with qtbot.waitSignal(document.photo_changed):
        opener.step(1)
    assert document.photo is not None
    assert document.photo.path == other


def test_choices_are_kept_for_each_photo_of_a_series(
    opener: Opener, document: DocumentModel, qtbot: QtBot, photo_file: Path
) -> None:
    other = photo_file.with_name("q.png")
    shutil.copy(photo_file, other)
    with qtbot.waitSignal(document.photo_changed):
        opener.open_paths([photo_file, other])
    document.set_detail(0.3)
    document.zoom_to(5.0)
    first = document.choices
    with qtbot.waitSignal(document.photo_changed):
        opener.step(1)
    assert document.is_fitted
    document.set_detail(1.2)
    with qtbot.waitSignal(document.photo_changed):
        opener.open_at(0)
    assert document.choices == first
    assert opener.series.place == 0


def test_a_photo_outside_the_series_ends_it_and_one_of_it_does_not(
    opener: Opener, document: DocumentModel, qtbot: QtBot, photo_file: Path, tmp_path: Path
) -> None:
    second, outside = photo_file.with_name("q.png"), tmp_path / "elsewhere" / "b.png"
    outside.parent.mkdir()
    for path in (second, outside):
        shutil.copy(photo_file, path)
    for paths, length, place in (
        ([photo_file.parent], 2, 0),
        ([second], 2, 1),
        ([outside], 0, None),
    ):
        with qtbot.waitSignal(document.photo_changed):
            opener.open_paths(paths)
        assert (len(opener.series.paths), opener.series.place) == (length, place)


def test_a_pasted_picture_is_none_of_the_series(
    opener: Opener, document: DocumentModel, qtbot: QtBot, photo_file: Path
) -> None:
    shutil.copy(photo_file, photo_file.with_name("q.png"))
    with qtbot.waitSignal(document.photo_changed):
        opener.open_paths([photo_file.parent])
    picture = QImage(30, 20, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    with qtbot.waitSignal(document.photo_changed):
        opener.open_picture(picture, "pasted")
    assert opener.series.paths == ()


def test_folders_are_listed_in_another_thread(
    opener: Opener, qtbot: QtBot, photo_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    iterdir = Path.iterdir

    def watched(self: Path) -> object:
        threads.append(threading.get_ident())
        return iterdir(self)

    monkeypatch.setattr(Path, "iterdir", watched)
    with qtbot.waitSignal(opener.opened):
        opener.open_paths([photo_file.parent])
    assert threads
    assert threading.get_ident() not in threads


class SlowReader:
    """Reads a photo when a test lets it, after telling how far it is."""

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def __call__(self, path: Path, progress: Progress, **_limits: int) -> Photo:
        progress(0.5)
        assert self.go_on.wait(TIMEOUT_S)
        return read_photo(path)


def test_a_slow_photo_shows_a_draft_and_how_far_it_is(
    opener: Opener,
    document: DocumentModel,
    qtbot: QtBot,
    photo_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = SlowReader()
    monkeypatch.setattr("app.state.opener.read_photo", reader)
    monkeypatch.setattr("app.state.time_left.SHOWN_AFTER_S", 0.0)
    opener.open_paths([photo_file])

    def shows() -> bool:
        opening = opener.opening
        return opening is not None and opening.draft is not None and bool(opening.fraction)

    qtbot.waitUntil(shows)
    assert opener.opening is not None
    assert opener.opening.name == "photo.png"
    assert opener.opening.draft is not None
    assert (opener.opening.draft.width(), opener.opening.draft.height()) == (80, 60)
    assert opener.opening.fraction is not None
    assert 0.5 <= opener.opening.fraction < 1.0
    assert document.photo is None
    reader.go_on.set()
    qtbot.waitUntil(lambda: document.photo is not None)
    assert opener.opening is None


def test_a_photo_that_opens_at_once_shows_nothing_before(
    opener: Opener, qtbot: QtBot, photo_file: Path
) -> None:
    opener.watch.slow.setInterval(10**6)
    seen: list[object] = []
    opener.opening_changed.connect(lambda: seen.append(opener.opening))
    with qtbot.waitSignal(opener.opened):
        opener.open_paths([photo_file])
    assert set(seen) == {None}


def test_a_photo_that_fails_no_longer_opens(opener: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"nothing")
    opener.watch.slow.setInterval(0)
    with qtbot.waitSignal(opener.failed):
        opener.open_paths([bad])
    assert opener.opening is None


def test_the_settings_raise_what_may_be_read(
    document: DocumentModel, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "large.png"
    PillowImage.new("L", (1500, 1000)).save(path)
    settings = AppSettings(max_megapixels=1)
    opener = Opener(document, settings=lambda: settings)
    with qtbot.waitSignal(opener.failed) as told:
        opener.open_paths([path])
    assert told.args is not None
    assert told.args[0].endswith("The settings raise the limit: largest photo.")
    settings = AppSettings(max_megapixels=2)
    with qtbot.waitSignal(opener.opened):
        opener.open_paths([path])
    opener.shut_down()
    qtbot.waitUntil(lambda: not Task.running(opener))
