"""A queue of all photos in "in", which says when 20 are done and then waits to be killed."""

import sys
import threading
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from app.state.export_queue import ExportQueue
from app.state.queue_file import QueueFile
from app.state.settings_store import SettingsStore
from tests.app.test_batch import options
from tests.fake_exporter import FakeExporter

NUM_DONE = 20


def main() -> None:
    """Work in the folder of the command line."""
    folder = Path(sys.argv[1])
    application = QCoreApplication(sys.argv[:1])
    exporter = FakeExporter()
    hold = threading.Event()

    def hold_after_some(_target: Path) -> None:
        if len(exporter.asked) > NUM_DONE:
            hold.wait()

    exporter.before_writing = hold_after_some
    queue = ExportQueue(
        lambda _model, _device, _precision: exporter,
        SettingsStore(folder / "app.toml"),
        QueueFile(folder / "kept"),
    )

    def follow(row: int) -> None:
        if queue.entries[row].status == "running" and queue.count("done") == NUM_DONE:
            print(f"{NUM_DONE} done", flush=True)

    queue.entry_changed.connect(follow)
    queue.finder.found.connect(lambda _photos: queue.start(options(folder / "out")))
    queue.add_photos([folder / "in"])
    application.exec()


if __name__ == "__main__":
    main()
