"""Which quick model draws in the place of a chosen one while the view moves."""

from collections.abc import Sequence

from app.settings import WhileZooming
from liifgan_core.render.drawing import APART, STRUCTURE_ONLY, Drawing, at_strength
from liifgan_core.render.request import StandIn
from liifgan_core.weights.descriptor import WeightsInfo


def wants_quick(setting: WhileZooming, *, has_fast_gpu: bool) -> bool:
    """Whether quick models shall stand in for others, by `AppSettings.while_zooming`."""
    return setting == "quick" or (setting == "auto" and not has_fast_gpu)


def stand_ins(
    sources: Sequence[str],
    models: Sequence[WeightsInfo],
    *,
    are_wanted: bool,
    strength: float | None = None,
) -> tuple[StandIn, ...]:
    """Return what stands in for each of the sources, as far as there is something.

    A quick model is its own stand-in, wanted or not: it needs no coarse pass. `models` are the
    installed ones, the best first. `strength` is the detail strength at which layers may be
    blended, coarsely too; None: they stay apart.
    """
    chosen = [model for model in models if model.name in sources]
    found = [
        _own(model, strength) if model.draws_quickly else _other(model, models, strength)
        for model in chosen
    ]
    return tuple(
        stand_in
        for stand_in in found
        if stand_in is not None and (are_wanted or stand_in.model == stand_in.source)
    )


def slow_to_encode(sources: Sequence[str], models: Sequence[WeightsInfo]) -> frozenset[str]:
    """Return the sources of whose model no coarse pass would be there soon."""
    return frozenset(m.name for m in models if m.encodes_slowly) & frozenset(sources)


def _own(model: WeightsInfo, strength: float | None) -> StandIn:
    return StandIn(model.name, model.name, _drawing(model, model, strength))


def _other(
    chosen: WeightsInfo, models: Sequence[WeightsInfo], strength: float | None
) -> StandIn | None:
    """Return the best quick model, sooner one with the same layers; None where there is none.

    For a model that cleans, one that cleans too, or else the photo as it was taken: detail that
    another would draw on noise and compression is what is to be left out.
    """
    quick = [model for model in models if model.draws_quickly]
    if not quick:
        return None
    if chosen.cleans:
        quick.sort(key=lambda model: (not model.cleans, model.has_detail))
    else:
        quick.sort(key=lambda model: model.has_detail != chosen.has_detail)
    return StandIn(chosen.name, quick[0].name, _drawing(chosen, quick[0], strength))


def _drawing(chosen: WeightsInfo, quick: WeightsInfo, strength: float | None) -> Drawing:
    """Return how a quick model draws for the chosen one, whose picture may have no detail."""
    if not quick.has_detail:
        return APART  # its only layer
    if not chosen.has_detail or (chosen.cleans and not quick.cleans):
        return STRUCTURE_ONLY
    return APART if strength is None else at_strength(strength, is_coarse=True)
