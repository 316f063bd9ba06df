"""Which quick model draws in the place of a chosen one while the view moves."""

from collections.abc import Sequence

from app.settings import WhileZooming
from app.state.models import ModelChoice
from liifgan_core.render.request import StandIn


def wants_quick(setting: WhileZooming, *, has_fast_gpu: bool) -> bool:
    """Whether quick models shall stand in for others, by `AppSettings.while_zooming`."""
    return setting == "quick" or (setting == "auto" and not has_fast_gpu)


def stand_ins(
    sources: Sequence[str], models: Sequence[ModelChoice], *, are_wanted: bool
) -> tuple[StandIn, ...]:
    """Return what stands in for each of the sources, as far as there is something.

    A quick model is its own stand-in, wanted or not: it needs no coarse pass. `models` are the
    installed ones, the best first.
    """
    chosen = [model for model in models if model.name in sources]
    found = [_own(model) if model.is_quick else _other(model, models) for model in chosen]
    return tuple(
        stand_in
        for stand_in in found
        if stand_in is not None and (are_wanted or stand_in.model == stand_in.source)
    )


def slow_to_encode(sources: Sequence[str], models: Sequence[ModelChoice]) -> frozenset[str]:
    """Return the sources of whose model no coarse pass would be there soon."""
    return frozenset(m.name for m in models if m.is_slow_to_encode) & frozenset(sources)


def _own(model: ModelChoice) -> StandIn:
    return StandIn(model.name, model.name)


def _other(chosen: ModelChoice, models: Sequence[ModelChoice]) -> StandIn | None:
    """Return the best quick model, sooner one with the same layers; None where there is none."""
    quick = sorted(
        (model for model in models if model.is_quick),
        key=lambda model: model.has_detail != chosen.has_detail,
    )
    return StandIn(chosen.name, quick[0].name, chosen.has_detail) if quick else None
