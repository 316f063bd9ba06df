"""How quick the app feels, offscreen: `python -m tests.benchmarks.app [PART...]`. Prints Markdown.

`--beside batch` or `--beside training` has a process do that on the same cores all the while. Part
of `make bench`. Run it on an otherwise idle machine. Times of the view run through the real window,
document, worker and engine; what a screen adds is not in them.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from contextlib import nullcontext
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is loaded

import numpy as np
from PIL import Image as PillowImage
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.__main__ import make_application, services
from app.main_window import MainWindow
from app.state.document import DocumentModel
from app.state.frame_schedule import FrameSchedule
from app.state.photo import Photo, make_photo, read_photo
from app.state.settings_store import SettingsStore
from app.widgets.image_canvas import ImageCanvas
from liifgan_core.geometry import Size
from liifgan_core.images.image import Image
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.render.export_options import ExportOptions
from liifgan_core.render.request import BICUBIC, FrameTile, RenderRequest
from liifgan_core.render.tile_plan import plan
from liifgan_core.resources import CONFIG_DIR_VARIABLE, resource_path
from liifgan_core.sizing import relative_rule
from tests.app import fakes
from tests.benchmarks.beside import beside

VIEW = Size(720, 1280)
FULL_HD = Size(1080, 1920)
TIMEOUT_MS = 600_000
PARTS = ("start", "view", "zoom", "blend", "wipe", "turns")
START_RUNS, ZOOM_STEPS, BLEND_FRAMES, WIPE_FRAMES = 5, 8, 120, 240
ZOOMED_PHOTO = Size(306, 544)
"""Fills a view of FULL_HD from x3.53, and is encoded in seconds."""
LARGER_PHOTO = Size(540, 960)
"""Fills it from x2."""
LOW_ZOOMS = (2.0, 2.5)
LARGE_PHOTO = Size(5776, 8660)
SAMPLE = resource_path("samples", "osprey.png")
TURN_MS = 4
"""A turn is asked for so often; the times told hold this."""
ZOOMS = (4.0, 3.7, 5.123, 9.1)
"""Factors at which phases repeat after 1, 10 and many pixels, and a large one."""

SHOW = """
import time
start_s = time.perf_counter()
import tempfile
from pathlib import Path
from app.__main__ import make_application, services
from app.main_window import MainWindow
from app.state.settings_store import SettingsStore
application = make_application(wants_offscreen=True)
with tempfile.TemporaryDirectory() as folder:
    window = MainWindow(services(), SettingsStore(Path(folder) / "app.toml"))
    window.show()
    application.processEvents()
    window.grab()
"""


def main(parts: Collection[str] = ()) -> None:
    """Print the table, or only some of its PARTS."""
    wanted = parts or PARTS
    print("| app | value |\n|---|---|")
    if "start" in wanted:
        best_s = min(_start_s() for _ in range(START_RUNS))
        print(f"| window shown, from the start of Python, warm | {best_s:.2f} s |")
    application = QApplication.instance() or make_application(wants_offscreen=True)
    assert application is not None
    for part, measure in (("view", _view), ("zoom", _zoom), ("turns", _turns)):
        if part in wanted:
            with tempfile.TemporaryDirectory() as folder:
                os.environ[CONFIG_DIR_VARIABLE] = folder
                measure(Path(folder))
    if "blend" in wanted:
        frames, cpu_ms = _blend()
        print(f"| detail slider, {FULL_HD}, every tile painted anew | {frames:.0f} frames/s |")
        print(f"| processor time of one step, all threads | {cpu_ms:.1f} ms |")
    if "wipe" in wanted:
        for name, does_refine in (("at rest", False), ("while the view is still a preview", True)):
            times_ms = _wipe(is_preview=does_refine)
            late = sum(time_ms > 1000 / 60 for time_ms in times_ms)
            text = f"{statistics.median(times_ms):.1f} ms, worst {max(times_ms):.1f} ms"
            print(f"| a step of the wipe, {FULL_HD}, {name}, median of {len(times_ms)} | {text} |")
            print(f"| of these longer than a frame of 60 a second | {late} |")
    print()


def _start_s() -> float:
    start_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", SHOW], check=True, capture_output=True)
    return time.perf_counter() - start_s


def _view(folder: Path) -> None:
    """Measure the first coarse frame, the whole view, and cancelling, with the best model."""
    store = SettingsStore(folder / "app.toml")
    store.change(compare="single", while_zooming="chosen")
    window = MainWindow(services(), store)
    window.show()
    window.start()
    document = window.document
    _wait(lambda: bool(document.models))
    window.open_path(resource_path("samples", "osprey.png"))
    _wait(lambda: document.photo is not None)
    _finish(window)  # torch is imported, the photo encoded
    window.canvas.setFixedSize(VIEW.width, VIEW.height)
    _finish(window)

    document.zoom_to(4.0)
    full_s = _timed(lambda: _finish(window))
    name = document.comparison.right
    print(f"| {VIEW} at x4 with {name}, photo encoded | {full_s:.2f} s |")
    coarse_ms = [1000 * _first_tile_s(window, 4.3 + 0.37 * step) for step in range(ZOOM_STEPS)]
    worst = f"{statistics.median(coarse_ms):.0f} ms, worst {max(coarse_ms):.0f} ms"
    print(f"| first coarse frame after a change of the zoom, median of {ZOOM_STEPS} | {worst} |")
    document.zoom_to(9.1)
    _first_tile_s(window, 9.3)
    print(f"| ending the thread in the middle of a frame | {_timed(window.worker.stop):.2f} s |")
    cancel_s = _cancelled_export_s(window, folder / "large.png")
    print(f"| cancelling an export of 12.8 megapixels | {cancel_s:.2f} s |")
    window.close()


def _zoom(folder: Path) -> None:
    """Measure whole views of quick models after changes of the zoom, and beside a refinement."""
    store = SettingsStore(folder / "app.toml")
    store.change(compare="single", while_zooming="quick")
    window = MainWindow(services(), store)
    window.show()
    window.start()
    document = window.document
    _wait(lambda: bool(document.models))
    window.canvas.setFixedSize(FULL_HD.width, FULL_HD.height)
    document.open(_noise(ZOOMED_PHOTO))
    quick = [model.name for model in document.models if model.draws_quickly]
    if not quick:
        print("| a view by a quick model | none is installed |")
    for name in quick:
        document.set_sources(BICUBIC, name)
        document.zoom_to(2.0)
        _finish(window)  # the whole photo is encoded
        _warm_up(window, name, 4.2)
        for zoom in ZOOMS:
            _report_zoom(window, name, zoom)
    if quick:
        document.open(_noise(LARGER_PHOTO))
        document.set_sources(BICUBIC, quick[0])
        document.zoom_to(1.5)
        _finish(window)
        _warm_up(window, quick[0], 2.2)
        for zoom in LOW_ZOOMS:
            _report_zoom(window, quick[0], zoom)
        document.open(_noise(ZOOMED_PHOTO))
        _finish(window)
    slow = next((model.name for model in document.models if not model.draws_quickly), None)
    if quick and slow is not None:
        document.set_sources(BICUBIC, slow)
        times_ms = [1000 * _beside_refinement_s(window, slow, 3 + n / 7) for n in range(ZOOM_STEPS)]
        text = f"{statistics.median(times_ms):.0f} ms, worst {max(times_ms):.0f} ms"
        print(f"| the same for {slow}, while it refines the view before | {text} |")
    window.close()


def _turns(folder: Path) -> None:
    """Measure the event loop's turns while a large photo opens, and while one is drawn."""
    large = folder / "large.jpg"
    ramp = np.linspace(0, 200, LARGE_PHOTO.width).astype(np.uint8)
    samples = np.random.default_rng(0).integers(0, 56, (LARGE_PHOTO.height, 1, 3), np.uint8)
    PillowImage.fromarray(samples + ramp[None, :, None]).save(large, quality=92)
    window = MainWindow(services(), SettingsStore(folder / "app.toml"))
    window.show()
    window.start()
    document = window.document
    _wait(lambda: bool(document.models))
    turns_ms = _turns_until(lambda: window.open_path(large), lambda: document.photo is not None)
    _report_turns("a photo of 50 megapixels opens", turns_ms)
    document.open(read_photo(SAMPLE))
    for zoom, what in ((2.0, "a sample is encoded and drawn"), (4.3, "it is drawn anew")):
        turns_ms = _turns_until(
            lambda zoom=zoom: document.zoom_to(zoom),
            lambda: window.schedule.shows_all_of(document.comparison.right),
        )
        _report_turns(f"{what} by {document.comparison.right}", turns_ms)
    window.close()


def _turns_until(begin: Callable[[], object], is_done: Callable[[], bool]) -> list[float]:
    """Return the milliseconds from each turn of the event loop to the next."""
    times_s: list[float] = []
    tick = QTimer()
    tick.timeout.connect(lambda: times_s.append(time.perf_counter()))
    tick.start(TURN_MS)
    begin()
    _wait(is_done)
    tick.stop()
    return [1000 * float(gap) for gap in np.diff(times_s)]


def _report_turns(what: str, turns_ms: list[float]) -> None:
    slowest = float(np.percentile(turns_ms, 99))
    text = f"99 of 100 below {slowest:.0f} ms, worst {max(turns_ms):.0f} ms"
    print(f"| {len(turns_ms)} turns of the event loop while {what} | {text} |", flush=True)


def _noise(size: Size) -> Photo:
    shape = (size.height, size.width, 3)
    samples = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    return make_photo(Image(samples), name="noise")


def _report_zoom(window: MainWindow, name: str, zoom: float) -> None:
    steps = [zoom * 1.01**step for step in range(ZOOM_STEPS - 1)]
    times_ms = [1000 * _whole_view_s(window, name, factor) for factor in (zoom, *steps[1:])]
    rest = f"median of {ZOOM_STEPS - 2} about it {statistics.median(times_ms[1:]):.0f} ms"
    print(
        f"| {FULL_HD} by {name} from a change to x{zoom:g} | {times_ms[0]:.0f} ms, {rest} |",
        flush=True,
    )


def _warm_up(window: MainWindow, source: str, zoom: float) -> None:
    """Have the tables made that a view needs at a zoom while it moves."""
    for factor in (zoom, 1.01 * zoom):  # the first may have to wait, and then the view rests
        _whole_view_s(window, source, factor)


def _whole_view_s(window: MainWindow, source: str, zoom: float) -> float:
    """Return the seconds from a change of the zoom until the view is complete and painted."""
    start_s = time.perf_counter()
    window.document.zoom_to(zoom)
    _wait(lambda: window.schedule.covers_view(source), poll_ms=1)
    window.canvas.repaint()
    return time.perf_counter() - start_s


def _beside_refinement_s(window: MainWindow, source: str, zoom: float) -> float:
    """Return `_whole_view_s` from the moment in which the chosen model has begun to draw."""

    def is_refining() -> bool:
        request = window.schedule.frames.request
        return window.schedule.is_busy and request is not None and request.refines

    _wait(is_refining)
    return _whole_view_s(window, source, zoom)


def _first_tile_s(window: MainWindow, zoom: float) -> float:
    """Return the seconds from a change of the zoom to the first tile at it."""
    document, arrived = window.document, []

    def take(tile: FrameTile) -> None:
        request = window.schedule.frames.request
        if window.schedule.is_current and request is not None and tile.request_id == request.id:
            arrived.append(time.perf_counter())

    window.worker.tile_ready.connect(take)
    start_s = time.perf_counter()
    document.zoom_to(zoom)
    _wait(lambda: bool(arrived), poll_ms=1)
    window.worker.tile_ready.disconnect(take)
    return arrived[0] - start_s


def _cancelled_export_s(window: MainWindow, target: Path) -> float:
    """Return the seconds from cancelling an export in its first rows to its end."""
    photo, model = window.document.photo, window.document.model
    assert photo is not None
    size = relative_rule("megapixels", 12.8).output_size(photo.image.size)
    options = ExportOptions(format="png", detail=window.document.look.detail)
    cancel = CancelToken()
    cancelled_s = 0.0

    def cancel_after_a_band(fraction: float) -> None:
        nonlocal cancelled_s
        if fraction > 0.1 and not cancel.is_cancelled:
            cancelled_s = time.perf_counter()
            cancel.cancel()

    settings = window.store.settings
    export = services().open_exporter(model, settings.device, settings.precision)
    progress = cancel_after_a_band
    try:
        export(photo.image, target, size, options, progress=progress, cancel=cancel)
    except Cancelled:
        return time.perf_counter() - cancelled_s
    raise AssertionError("the export was not cancelled")


def _blend() -> tuple[float, float]:
    """Return frames per second, and milliseconds of processor time per step of the slider."""
    document = DocumentModel()
    schedule = FrameSchedule(document)
    canvas = ImageCanvas(schedule)
    canvas.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    canvas.setFixedSize(FULL_HD.width, FULL_HD.height)
    canvas.show()
    requests: list[RenderRequest] = []
    schedule.request_ready.connect(requests.append)
    choice = fakes.model("detail")
    document.set_models([choice])
    document.set_mode("single")
    document.open(_noise(LARGER_PHOTO))
    document.zoom_to(2.0)
    _wait(lambda: bool(requests) and schedule.is_current)
    _fill(schedule, requests[-1])
    canvas.repaint()
    start_s, start_cpu_s = time.perf_counter(), time.process_time()
    for frame in range(BLEND_FRAMES):
        document.set_detail(1.5 * frame / BLEND_FRAMES)
        canvas.repaint()
    seconds = time.perf_counter() - start_s
    cpu_ms = 1000 * (time.process_time() - start_cpu_s) / BLEND_FRAMES
    return BLEND_FRAMES / seconds, cpu_ms


def _wipe(*, is_preview: bool) -> list[float]:
    """Return the milliseconds of an event-loop turn that moves the line as a hand does: there and
    back within four seconds, painted each time."""
    document = DocumentModel()
    schedule = FrameSchedule(document)
    canvas = ImageCanvas(schedule)
    canvas.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    canvas.setFixedSize(FULL_HD.width, FULL_HD.height)
    canvas.show()
    requests: list[RenderRequest] = []
    schedule.request_ready.connect(requests.append)
    document.set_models([fakes.model("detail")])
    document.set_mode("wipe")
    document.open(_noise(LARGER_PHOTO))
    document.zoom_to(2.0)
    _wait(lambda: bool(requests) and schedule.is_current)
    if not is_preview:
        _fill(schedule, requests[-1])
    QApplication.processEvents()
    times_ms: list[float] = []
    for frame in range(WIPE_FRAMES):
        start_s = time.perf_counter()
        document.set_wipe(0.5 - 0.5 * math.cos(2 * math.pi * frame / WIPE_FRAMES))
        QApplication.processEvents()
        times_ms.append(1000 * (time.perf_counter() - start_s))
    return times_ms


def _fill(schedule: FrameSchedule, request: RenderRequest) -> None:
    """Give a schedule both layers of all final tiles of a request."""
    rng = np.random.default_rng(1)
    for step in plan(request):
        if step.is_final:
            shape = (step.tile.height, step.tile.width, 3)
            structure = rng.uniform(0.0, 1.0, shape).astype(np.float32)
            detail = rng.uniform(-0.2, 0.2, shape).astype(np.float32)
            schedule.add_tile(
                FrameTile(
                    request_id=request.id,
                    source=step.source,
                    drawn_by=step.drawn_by,
                    viewport=step.viewport,
                    tile=step.tile,
                    structure=structure,
                    detail=detail,
                    alpha=None,
                    is_final=True,
                    seconds=0.0,
                )
            )
    schedule.finish_frame(request.id)


def _finish(window: MainWindow) -> None:
    document = window.document
    sources = document.comparison.sources
    _wait(lambda: all(window.schedule.shows_all_of(source) for source in sources))


def _timed(run: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    run()
    return time.perf_counter() - start_s


def _wait(condition: Callable[[], bool], *, poll_ms: int = 5) -> None:
    """Run the event loop until a condition holds."""
    loop = QEventLoop()
    poll, limit = QTimer(), QTimer()
    poll.timeout.connect(lambda: loop.quit() if condition() else None)
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    poll.start(poll_ms)
    limit.start(TIMEOUT_MS)
    loop.exec()
    if not condition():
        raise TimeoutError("the app did not come to an end")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.app")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--beside", choices=["batch", "training"])
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; use {', '.join(PARTS)}")
    with beside(chosen.beside) if chosen.beside else nullcontext():
        main(chosen.parts)
