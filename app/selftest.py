"""`liifgan-app --selftest`: the whole way of a photo through the real app, without a person.

Meant for installed and frozen builds: it opens a sample, zooms, compares, blends, exports, and
checks the exported file against the view.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from app.main_window import MainWindow
from app.qimage import rgb_from_qimage
from app.state.comparison import COMPARE_MODES
from app.state.services import Services
from app.state.settings_store import SettingsStore
from app.state.target_rule import TargetRule
from liifgan_core.images.read import read_image
from liifgan_core.resources import resource_path

_TIMEOUT_MS = 180_000
"""For one step; a slow computer imports torch and encodes the sample in a tenth of that."""
_POLL_MS = 20


class SelftestError(Exception):
    """A step did not give what it must."""


def run_selftest(services: Services) -> int:
    """Run all steps, print what was done, and return the exit status."""
    sample = resource_path("samples", "osprey.png")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        window = MainWindow(services, SettingsStore(folder / "app.toml"))
        window.resize(860, 560)
        window.show()
        try:
            window.start()
            _say("opened", _open(window, sample))
            _say("zoomed", _zoom(window))
            _say("compared", _compare(window))
            _say("blended", _blend(window))
            _say("exported", _export(window, folder))
        except SelftestError as error:
            message = f"{error} {window.messages.text}".strip()
            print(f"liifgan-app: the self-test failed: {message}", file=sys.stderr)
            return 1
        finally:
            window.queue.shut_down()
            window.close()
    print("self-test passed", flush=True)
    return 0


def _open(window: MainWindow, sample: Path) -> str:
    document = window.document
    window.open_path(sample)
    _wait(lambda: document.photo is not None, "the sample was not opened")
    _wait(lambda: bool(document.models) or bool(window.messages.text), "no list of models")
    _require(bool(document.models), "no model is installed.")
    _finish_frame(window)
    return f"{sample.name} with {document.model}"


def _zoom(window: MainWindow) -> str:
    document = window.document
    document.set_mode("single")
    for zoom in (1.0, 2.5, 3.7):
        document.zoom_to(zoom, at=(300.0, 400.0))
    _finish_frame(window)
    request = window.schedule.frames.request
    _require(request is not None and request.viewport.size.width == 1184, "zoom 3.7 is not shown")
    return f"x{document.zoom:g}"


def _compare(window: MainWindow) -> str:
    document = window.document
    for mode in COMPARE_MODES:
        document.set_mode(mode)
        _finish_frame(window)
        window.canvas.grab()
    document.set_mode("single")
    _finish_frame(window)
    return ", ".join(COMPARE_MODES)


def _blend(window: MainWindow) -> str:
    document = window.document
    request = window.schedule.frames.request
    document.set_detail(0.5)
    window.canvas.grab()
    document.set_detail(1.0)
    _require(window.schedule.frames.request is request, "blending asked for another render")
    return "without rendering" if document.has_detail else "the model has no detail layer"


def _export(window: MainWindow, folder: Path) -> str:
    document = window.document
    document.zoom_to(2.0)
    _finish_frame(window)
    window.side.size_choice.set_rule(TargetRule("scale", 2.0))
    window.side.options.set_format("png")
    window.side.options.set_folder(folder)
    window.export()
    _wait(lambda: window.queue.state == "idle", "the export did not end")
    target = window.queue.entries[-1].target
    if target is None or not target.is_file():
        raise SelftestError(f"no file was written: {window.notice.text.text()}")
    written = read_image(target).samples.astype(int)
    flat, request = (
        window.schedule.frames.flat(document.comparison.right),
        window.schedule.frames.request,
    )
    if flat is None or request is None:
        raise SelftestError("the view is empty.")
    part = request.visible
    crop = written[part.top : part.bottom, part.left : part.right]
    difference = int(np.abs(crop - rgb_from_qimage(flat.picture)).max())
    _require(difference <= 1, f"the file differs from the view by {difference} of 255.")
    return f"{target.name}, equal to the view"


def _finish_frame(window: MainWindow) -> None:
    document = window.document

    def is_finished() -> bool:
        sources = document.comparison.sources
        return all(window.schedule.shows_all_of(source) for source in sources)

    _wait(lambda: is_finished() or bool(window.messages.text), "the view was not finished")
    _require(is_finished(), "the view was not finished.")


def _wait(condition: Callable[[], bool], otherwise: str) -> None:
    """Run the event loop until a condition holds; raise SelftestError after _TIMEOUT_MS."""
    loop = QEventLoop()
    poll, limit = QTimer(), QTimer()
    poll.timeout.connect(lambda: loop.quit() if condition() else None)
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    poll.start(_POLL_MS)
    limit.start(_TIMEOUT_MS)
    loop.exec()
    _require(condition(), f"{otherwise} within {_TIMEOUT_MS // 1000} s.")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SelftestError(otherwise)


def _say(step: str, what: str) -> None:
    print(f"{step}: {what}", flush=True)
