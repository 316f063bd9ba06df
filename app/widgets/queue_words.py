"""What the export queue has done, in words."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication

from app.state.export_queue import ExportQueue
from app.state.queue_entries import QueueEntry
from app.widgets.quantities import percent_text, time_text
from app.wording import told_loss

translate = QCoreApplication.translate


def entry_name(entry: QueueEntry) -> str:
    """Return the photo's name, below the folder that was added."""
    photo = entry.photo
    name = entry.name or str(photo.path.relative_to(photo.root))
    if entry.order is not None and entry.order.is_single:
        return f"{name} → {entry.order.options.output.path.name}"
    return name


def status_text(entry: QueueEntry) -> str:
    """Return how far a photo is, why it failed, and what its result has lost."""
    match entry.status:
        case "waiting" if entry.order is None:
            return translate("queue", "waits for Start")
        case "waiting":
            return translate("queue", "waiting")
        case "running":
            return progress_text(entry.fraction, entry.seconds_left)
        case "done":
            return " ".join([translate("queue", "done."), *loss_texts([entry])]).rstrip(".")
        case "there":
            return translate("queue", "was there, left alone")
        case "left out":
            return translate("queue", "left out: a result of a batch")
        case "failed":
            return translate("queue", "failed: {0}").format(entry.message)
        case "cancelled":
            return translate("queue", "cancelled")


def progress_text(fraction: float, seconds_left: float | None) -> str:
    """Return a percentage, with the time left where it is known."""
    if seconds_left is None:
        return percent_text(fraction)
    left = translate("queue", "{0} left").format(time_text(seconds_left))
    return f"{percent_text(fraction)}, {left}"


def loss_texts(entries: Iterable[QueueEntry]) -> Sequence[str]:
    """Return what results have lost, each sentence once."""
    return list(dict.fromkeys(told_loss(loss) for entry in entries for loss in entry.losses))


def summary(queue: ExportQueue) -> str:
    """Return how far all of the queue is."""
    if not queue.entries:
        return ""
    parts = [translate("queue", "{0} of {1} done").format(queue.count("done"), len(queue.entries))]
    if queue.state != "idle":
        parts.insert(0, percent_text(queue.fraction))
    if queue.count("there"):
        parts.append(translate("queue", "{0} were there").format(queue.count("there")))
    if queue.count("left out"):
        parts.append(translate("queue", "{0} left out").format(queue.count("left out")))
    if queue.count("failed"):
        parts.append(translate("queue", "{0} failed").format(queue.count("failed")))
    left = queue.seconds_left
    if queue.state == "paused":
        parts.append(translate("queue", "paused"))
    elif queue.state == "running" and left is not None:
        parts.append(translate("queue", "{0} left").format(time_text(left)))
    return ", ".join(parts)


def end_text(entries: Sequence[QueueEntry]) -> str:
    """Return what became of exports that have ended."""
    if len(entries) == 1:
        entry = entries[0]
        if entry.status == "failed":
            return entry.message
        name = entry.target.name if entry.target is not None else entry_name(entry)
        if entry.status == "done":
            return translate("queue", "{0} is exported.").format(name)
        return f"{name}: {status_text(entry)}"
    num_done = sum(entry.status in ("done", "there") for entry in entries)
    parts = [translate("queue", "{0} of {1} photos are exported.").format(num_done, len(entries))]
    failed = [entry for entry in entries if entry.status == "failed"]
    if failed:
        parts.append(translate("queue", "{0} failed:").format(len(failed)))
        parts.append(failed[0].message)
    return " ".join(parts)
