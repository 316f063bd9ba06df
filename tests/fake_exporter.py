"""What batches are given in the place of a model: quick, and it does what a test tells it."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from liifgan_core.errors import ImageWriteError, LiifganError
from liifgan_core.files.failures import exists_error
from liifgan_core.images.image import Image
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.render.export_options import ExportOptions, ExportOrder, ExportReport

_TIMEOUT_S = 20.0
"""For an event that always comes."""


class FakeExporter:
    """Writes a file of the asked name without drawing anything, and remembers what was asked.

    Fails for names that begin with "bad".
    """

    name, sha256, device, has_detail, number_format = "plain", "0" * 64, "cpu", False, "fp32"

    def __init__(self) -> None:
        self.asked: list[ExportOptions] = []
        self.targets: list[Path] = []
        self.num_encodings = 0
        self.reports = threading.Semaphore(0)
        """Released at each report of progress."""
        self.go_on = threading.Event()
        """Cleared by a test to hold before the first report."""
        self.go_on.set()
        self.before_writing: Callable[[Path], None] = lambda _: None
        """Called with the target when the picture is complete, before it is written."""

    def write(self, order: ExportOrder, progress: Progress) -> ExportReport:
        """Write one file; `export_all` does so with each."""
        target, options = order.target, order.options
        self.asked.append(options)
        self.targets.append(target)
        assert self.go_on.wait(_TIMEOUT_S)
        for step in range(1, 4):
            self.reports.release()
            progress(step / 4)
        if target.stem.startswith("bad"):
            raise ImageWriteError("the disk is full; free some space")
        content = f"{order.size} {options.format}".encode()
        self.before_writing(target)
        if order.before_naming is not None:
            order.before_naming(len(content), hashlib.sha256(content).hexdigest())
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not options.overwrite:
            raise exists_error(target)
        part = target.with_suffix(".part")
        part.write_bytes(content)
        part.replace(target)
        return ExportReport(
            encoding_s=0.0,
            rendering_s=0.0,
            writing_s=0.0,
            precision="fp32",
            engine="torch",
            seconds=0.0,
        )

    def export_all(
        self,
        image: Image,
        orders: Sequence[ExportOrder],
        *,
        progress: Progress,
        cancel: CancelToken | None,
    ) -> list[ExportReport | LiifganError]:
        self.num_encodings += 1
        reports: list[ExportReport | LiifganError] = []
        for order in orders:
            try:
                report = self.write(order, progress)
            except LiifganError as error:
                reports.append(error)
            else:
                reports.append(report)
        return reports
