"""What can be seen of a picture now, and what is still to come: for labels and for differences."""

from dataclasses import dataclass

from app.state.frame_schedule import FrameSchedule
from app.state.stand_ins import stand_ins
from liifgan_core.render.request import BICUBIC, NEAREST


@dataclass(frozen=True, slots=True)
class Showing:
    """What can be seen of a source."""

    now: str | None
    """What drew it: a model, NEAREST or BICUBIC; None as long as there is only the preview."""
    then: str | None
    """The chosen model that is still to draw it, or some of it; None where nothing is to come."""
    is_refining: bool
    """Whether that is being done; else it is once the view rests."""


def showing(schedule: FrameSchedule, source: str) -> Showing:
    """Return what can be seen of a source, and what is to come."""
    if source in (NEAREST, BICUBIC) or schedule.shows_all_of(source):
        return Showing(source, None, is_refining=False)
    now, request = schedule.frames.drawn_by(source), schedule.frames.request
    models = schedule.document.models
    found = stand_ins((source,), models, are_wanted=schedule.uses_quick)
    is_own = source in {stand_in.model for stand_in in found}
    if is_own and now == source:
        return Showing(source, None, is_refining=False)  # the next frame comes in moments
    will_refine = schedule.pace.is_moving and bool(found) and not is_own
    is_coming = will_refine or schedule.is_busy or schedule.pace.is_due
    is_refining = not will_refine and request is not None and request.refines
    return Showing(now, source if is_coming else None, is_refining)


def has_difference(schedule: FrameSchedule) -> bool:
    """Whether what is seen of the two pictures can be subtracted.

    Not while the same quick model draws both: that would be black, and mean nothing.
    """
    comparison = schedule.document.comparison
    pair = showing(schedule, comparison.left), showing(schedule, comparison.right)
    is_complete = all(shown.then is None for shown in pair)
    return is_complete or pair[0].now != pair[1].now


def is_final(schedule: FrameSchedule) -> bool:
    """Return whether all that is shown is what was asked for; then names step back."""
    pictures = [showing(schedule, source) for source in schedule.document.comparison.sources]
    return all(shown.now is not None and shown.then is None for shown in pictures)
