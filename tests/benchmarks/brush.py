"""How quick the detail brush is, offscreen: `python -m tests.benchmarks.brush`. Prints Markdown.

A view of 1920x1080 whose layers are there; each frame is one report of the mouse and one painting
of the canvas. What a screen adds is not in it. Run it on an idle machine.
"""

import os
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is loaded

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.__main__ import make_application
from app.state.brush import Brush
from app.state.document import DocumentModel
from app.state.frame_schedule import FrameSchedule
from app.state.mask_editor import MaskEditor
from app.state.mask_shapes import Graduated, Radial
from app.widgets.image_canvas import ImageCanvas
from app.widgets.mask_overlay import MaskOverlay
from liifgan_core.geometry import Size
from liifgan_core.render.request import RenderRequest
from tests.app import fakes
from tests.benchmarks.app import FULL_HD, _fill, _noise, _wait

PHOTO, LARGE_PHOTO = Size(540, 960), Size(2160, 3840)
FRAMES = 60
BRUSHES = (50.0, 200.0, 400.0, 1000.0)
"""Diameters on the screen."""


def main() -> None:
    """Print the table."""
    application = QApplication.instance() or make_application(wants_offscreen=True)
    assert application is not None
    print("| what, at 1920x1080 | photo | frames/s | processor time of a frame, ms |")
    print("|---|---|---|---|")
    for photo, zoom in ((PHOTO, 2.0), (LARGE_PHOTO, 0.5), (LARGE_PHOTO, 2.0)):
        view = _View(photo, zoom)
        for diameter in BRUSHES:
            view.editor.set_brush(Brush(diameter / zoom, 0.5, 0.2))
            view.report(f"a stroke {diameter:.0f} pixels wide", view.stroke)
        view.document.show_mask(True)
        view.report("the same with the mask shown", view.stroke)
        view.document.show_mask(False)
        view.report("a graduated mask that is dragged", view.graduated)
        view.report("a radial mask that is dragged", view.radial)
        view.report("undo and redo of it", view.undo)


class _View:
    def __init__(self, photo: Size, zoom: float) -> None:
        self.document = DocumentModel()
        self.schedule = FrameSchedule(self.document)
        self.editor = MaskEditor(self.document)
        self.canvas = ImageCanvas(self.schedule)
        self.overlay = MaskOverlay(self.editor, self.canvas)
        self.canvas.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.canvas.setFixedSize(FULL_HD.width, FULL_HD.height)
        self.canvas.show()
        self.editor.set_active(True)
        self.photo, self.zoom = photo, zoom
        requests: list[RenderRequest] = []
        self.schedule.request_ready.connect(requests.append)
        self.document.set_models([fakes.model("detail")])
        self.document.set_mode("single")
        self.document.open(_noise(photo))
        self.document.zoom_to(zoom)
        _wait(lambda: bool(requests) and self.schedule.is_current)
        _fill(self.schedule, requests[-1])
        self.canvas.repaint()

    def report(self, what: str, step: Callable[[float], None]) -> None:
        """Print a row for what `step` does at each of FRAMES times from 0 to 1."""
        start_s, start_cpu_s = time.perf_counter(), time.process_time()
        for frame in range(FRAMES):
            step(frame / FRAMES)
            QApplication.processEvents()  # paints what is to be painted
        seconds = (time.perf_counter() - start_s) / FRAMES
        cpu_ms = 1000 * (time.process_time() - start_cpu_s) / FRAMES
        self.editor.settle()
        photo = f"{self.photo} at x{self.zoom:g}"
        print(f"| {what} | {photo} | {1 / seconds:.0f} | {cpu_ms:.1f} |")

    def stroke(self, t: float) -> None:
        """Paint from left to right, up and down a little."""
        view = self.document.view
        assert view is not None
        height, width = FULL_HD.height / self.zoom, FULL_HD.width / self.zoom
        at = (
            view.centre_y + 0.2 * height * (4 * abs(t - 0.5) - 1),
            view.centre_x + width * (0.8 * t - 0.4),
        )
        if t == 0.0:
            self.editor.begin_stroke(at)
        else:
            self.editor.extend_stroke(at)

    def graduated(self, t: float) -> None:
        """Drag the end of a graduated mask."""
        self.editor.set_tool("graduated") if t == 0.0 else None
        height, width = self.photo.height, self.photo.width
        self.editor.place_shape(Graduated((0.0, 0.0), (height * (0.1 + t), width * (1.1 - t))))

    def radial(self, t: float) -> None:
        """Drag the ends of a radial mask."""
        self.editor.set_tool("radial") if t == 0.0 else None
        height, width = self.photo.height, self.photo.width
        centre = (height / 2, width / 2)
        self.editor.place_shape(Radial(centre, height * (0.1 + t), width * (0.5 - 0.4 * t), t))

    def undo(self, t: float) -> None:
        """Undo and redo in turns."""
        (self.editor.undo if round(t * FRAMES) % 2 == 0 else self.editor.redo)()


if __name__ == "__main__":
    main()
