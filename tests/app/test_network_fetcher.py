import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.state.network_fetcher import NetworkFetcher
from app.widgets.network_row import NetworkRow
from liifgan_core.errors import WeightsError
from liifgan_core.progress import CancelToken, Progress
from tests.app.fakes import TIMEOUT_S, model, with_network


class FakeFetch:
    """Half of a download, then what a test tells it."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.go_on = threading.Event()
        self.error: Exception | None = None

    def __call__(self, name: str, *, progress: Progress, token: CancelToken) -> Path:
        self.names.append(name)
        progress(0.5)
        while not self.go_on.wait(0.01):
            token.check()
        if self.error is not None:
            raise self.error
        return Path(name)


@pytest.fixture
def fetch() -> FakeFetch:
    return FakeFetch()


@pytest.fixture
def fetcher(fetch: FakeFetch, qtbot: QtBot) -> NetworkFetcher:
    return NetworkFetcher(fetch)


@pytest.fixture
def row(fetcher: NetworkFetcher, qtbot: QtBot) -> NetworkRow:
    row = NetworkRow(fetcher)
    qtbot.addWidget(row)
    row.set_trunk(with_network(model("detail"), is_installed=False).trunk)
    return row


def idle(fetcher: NetworkFetcher) -> bool:
    return fetcher.present == ""


def test_size_and_licence_are_said_before_a_click(row: NetworkRow) -> None:
    assert "31.0 MB" in row.get.text()
    assert "fake-net" in row.remark.text()
    assert "MIT, nobody" in row.remark.text()
    assert not row.isHidden()


def test_one_click_fetches_with_progress(
    row: NetworkRow, fetch: FakeFetch, fetcher: NetworkFetcher, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(fetcher.progressed):
        row.get.click()
    assert row.progress.value() == 500
    assert "50%" in row.remark.text()
    assert row.get.isHidden()
    fetcher.fetch("another")  # one at a time
    with qtbot.waitSignal(fetcher.installed, timeout=round(1000 * TIMEOUT_S)) as told:
        fetch.go_on.set()
    assert told.args == ["fake-net"]
    qtbot.waitUntil(lambda: idle(fetcher))
    assert fetch.names == ["fake-net"]


def test_a_stopped_download_can_be_begun_again(
    row: NetworkRow, fetch: FakeFetch, fetcher: NetworkFetcher, qtbot: QtBot
) -> None:
    installed: list[str] = []
    fetcher.installed.connect(installed.append)
    row.get.click()
    row.stop.click()
    qtbot.waitUntil(lambda: idle(fetcher))
    assert installed == []
    assert not row.get.isHidden()
    fetch.go_on.set()
    row.get.click()
    qtbot.waitUntil(lambda: idle(fetcher))
    assert installed == ["fake-net"]


def test_why_it_failed_is_said_until_the_next_try(
    row: NetworkRow, fetch: FakeFetch, fetcher: NetworkFetcher, qtbot: QtBot
) -> None:
    fetch.error = WeightsError("the index cannot be had; check the network")
    fetch.go_on.set()
    row.get.click()
    qtbot.waitUntil(lambda: idle(fetcher))
    assert "cannot be had" in row.remark.text()
    assert row.get.isEnabled()
    assert fetcher.error_of("other") == ""
    fetch.go_on.clear()
    row.get.click()
    assert "cannot be had" not in row.remark.text()
    fetcher.shut_down()


def test_nothing_is_offered_where_nothing_is_missing(row: NetworkRow) -> None:
    row.set_trunk(with_network(model("detail"), is_installed=True).trunk)
    assert row.isHidden()
    row.set_trunk(None)
    assert row.isHidden()
