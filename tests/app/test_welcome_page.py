from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.qimage import rgb_from_qimage
from app.widgets.welcome_page import WelcomePage
from liifgan_core.images.formats import readable_names
from liifgan_core.resources import resource_path


class Calls:
    def __init__(self) -> None:
        self.paths: list[Path] = []
        self.dropped: list[QMimeData] = []
        self.names: list[str] = []


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def page(qtbot: QtBot, calls: Calls) -> Iterator[WelcomePage]:
    page = WelcomePage(
        ask_for_photo=lambda: calls.names.append("ask"),
        paste=lambda: calls.names.append("paste"),
        open_path=calls.paths.append,
        open_mime=calls.dropped.append,
        begin_tour=lambda: calls.names.append("tour"),
    )
    qtbot.addWidget(page)
    page.resize(960, 540)
    page.show()
    yield page
    page.close()


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drag_in(page: WelcomePage, data: QMimeData) -> QDragEnterEvent:
    event = QDragEnterEvent(
        QPoint(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.dragEnterEvent(event)
    return event


def saved(path: Path, colour: tuple[int, int, int]) -> Path:
    PillowImage.fromarray(np.full((90, 120, 3), colour, np.uint8)).save(path)
    return path


def test_the_drop_area_lights_up_while_files_are_over_the_page(
    page: WelcomePage, calls: Calls, photo_file: Path
) -> None:
    data = files(photo_file)
    assert drag_in(page, data).isAccepted()
    assert page.drop_area.property("lit") is True
    page.dragLeaveEvent(QDragLeaveEvent())
    assert page.drop_area.property("lit") is False
    drag_in(page, data)
    page.dropEvent(
        QDropEvent(
            QPointF(50, 50),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert page.drop_area.property("lit") is False
    assert [QUrl(url).toLocalFile() for mime in calls.dropped for url in mime.urls()] == [
        str(photo_file)
    ]


def test_texts_are_not_taken(page: WelcomePage) -> None:
    data = QMimeData()
    data.setText("hello")
    event = drag_in(page, data)
    assert page.drop_area.property("lit") is not True
    assert not event.isAccepted()


def test_formats_are_named_and_buttons_run(page: WelcomePage, calls: Calls) -> None:
    texts = [label.text() for label in page.drop_area.findChildren(type(page.drop_title))]
    assert readable_names() in texts
    page.choose.click()
    page.paste.click()
    page.tour.click()
    assert calls.names == ["ask", "paste", "tour"]


def test_recent_photos_have_thumbnails_and_those_that_are_gone_are_left_out(
    page: WelcomePage, calls: Calls, qtbot: QtBot, tmp_path: Path
) -> None:
    green = saved(tmp_path / "green.png", (0, 200, 0))
    foreign = tmp_path / "scan.exr"
    foreign.write_bytes(b"none that Qt reads")
    gone = tmp_path / "gone.jpg"
    with qtbot.waitSignals([page._thumbnails.made, page._thumbnails.missing]):
        page.show_recent([str(green), str(gone), str(foreign)])
    assert list(page.recent.buttons) == [green, foreign]
    button = page.recent.buttons[green]
    picture = rgb_from_qimage(button.icon().pixmap(button.iconSize()).toImage())
    assert np.median(picture, axis=(0, 1)).tolist() == [0, 200, 0]
    button.click()
    assert calls.paths == [green]
    assert page.recent.isVisible()
    assert not page.samples.isVisible()


def test_samples_are_offered_while_nothing_was_opened_or_all_is_gone(
    page: WelcomePage, calls: Calls, qtbot: QtBot, tmp_path: Path
) -> None:
    assert page.samples.isVisible()
    with qtbot.waitSignal(page._thumbnails.missing):
        page.show_recent([str(tmp_path / "gone.jpg")])
    assert page.samples.isVisible()
    assert not page.recent.isVisible()
    next(iter(page.samples.buttons.values())).click()
    assert calls.paths == [resource_path("samples", "osprey.png")]


def test_the_line_between_before_and_after_follows_the_mouse(
    page: WelcomePage, qtbot: QtBot
) -> None:
    picture = page.picture
    shown = {}
    for part in (0.0, 1.0):
        qtbot.mouseMove(picture, QPoint(round(part * (picture.width() - 1)), 40))
        shown[part] = rgb_from_qimage(picture.grab().toImage())
    assert (shown[0.0] != shown[1.0]).any()
    after, before = (QImage(str(resource_path("pictures", n))) for n in ("after.jpg", "before.png"))
    assert (after.width(), after.height()) == (4 * before.width(), 4 * before.height())


def test_without_a_photo_there_are_no_dead_tools(window: MainWindow) -> None:
    assert window.welcome.isVisible()
    assert not window.compare_bar.isVisible()
    assert not window.status_row.isVisible()


def test_an_open_photo_brings_the_tools(photo_window: MainWindow) -> None:
    assert not photo_window.welcome.isVisible()
    assert photo_window.compare_bar.isVisible()
    assert photo_window.status_row.isVisible()
