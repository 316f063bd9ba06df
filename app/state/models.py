"""Which pictures can be shown: the photo itself, bicubic, and one for each installed model."""

from collections.abc import Callable, Sequence

from liifgan_core.errors import WeightsError
from liifgan_core.render.request import BICUBIC, NEAREST
from liifgan_core.weights.default_model import default_model
from liifgan_core.weights.descriptor import WeightsInfo, installed_models


def find_models(is_accelerated: Callable[[], bool]) -> tuple[list[WeightsInfo], list[str]]:
    """Return the installed models, the default first, and why others cannot be used.

    The others follow in the order of lists. `is_accelerated` tells whether an accelerator or AMX
    will draw; it is asked last, since it may take seconds. Any thread; reads all weights files once
    for their checksums.
    """
    usable, broken = installed_models()
    problems = [str(error) for error in broken]
    if not usable:
        return usable, problems
    try:
        default = default_model(is_accelerated=is_accelerated())
    except WeightsError as error:
        return usable, [*problems, str(error)]
    usable.sort(key=lambda model: model.name != default.name)
    return usable, list(dict.fromkeys([*problems, *default.passed_over]))


def best_pair(models: Sequence[WeightsInfo]) -> tuple[str, str]:
    """Return (left, right) to start with: the photo itself beside the first model, or bicubic."""
    return NEAREST, models[0].name if models else BICUBIC
