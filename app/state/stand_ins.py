"""Which quick model draws in the place of a chosen one while the view moves."""

from collections.abc import Sequence

from app.settings import WhileZooming
from liifgan_core.render.request import StandIn
from liifgan_core.weights.descriptor import WeightsInfo


def wants_quick(setting: WhileZooming, *, has_fast_gpu: bool) -> bool:
    """Whether quick models shall stand in for others, by `AppSettings.while_zooming`."""
    return setting == "quick" or (setting == "auto" and not has_fast_gpu)


def stand_ins(
    sources: Sequence[str], models: Sequence[WeightsInfo], *, are_wanted: bool
) -> tuple[StandIn, ...]:
    """Return what stands in for each of the sources, as far as there is something.

    A quick model is its own stand-in, wanted or not: it needs no coarse pass. `models` are the
    installed ones, the best first.
    """
    chosen = [model for model in models if model.name in sources]
    found = [_own(model) if model.draws_quickly else _other(model, models) for model in chosen]
    return tuple(
        stand_in
        for stand_in in found
        if stand_in is not None and (are_wanted or stand_in.model == stand_in.source)
    )


def _own(model: WeightsInfo) -> StandIn:
    return StandIn(model.name, model.name)


def _other(chosen: WeightsInfo, models: Sequence[WeightsInfo]) -> StandIn | None:
    """Return the best quick model, sooner one with the same layers; None where there is none.

    For a model that cleans, one that cleans too, or else the photo as it was taken: detail that
    another would draw on noise and compression is what is to be left out.
    """
    quick = [model for model in models if model.draws_quickly]
    if chosen.cleans:
        order = sorted(quick, key=lambda model: (not model.cleans, model.has_detail))
        return StandIn(chosen.name, order[0].name, order[0].cleans) if order else None
    order = sorted(quick, key=lambda model: model.has_detail != chosen.has_detail)
    return StandIn(chosen.name, order[0].name, chosen.has_detail) if order else None
