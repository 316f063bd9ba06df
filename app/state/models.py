"""Which pictures can be shown: the photo itself, bicubic, and one for each installed model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from liifgan_core.errors import WeightsError
from liifgan_core.render.request import BICUBIC, NEAREST
from liifgan_core.weights.default_model import default_model
from liifgan_core.weights.family import FAMILY
from liifgan_core.weights.registry import WeightsInfo, installed_models, is_gan


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """An installed model, as far as its file's header tells."""

    name: str
    has_detail: bool
    """Whether the detail strength changes what it renders."""
    licence: str
    origin: str
    trained_scales: tuple[float, float]
    path: str
    sha256: str
    architecture: str = "liif"
    is_quick: bool = False
    """Whether it draws a whole view in moments, on a processor too: its decoders are fields."""
    is_slow_to_encode: bool = False
    """Whether its encoder takes seconds for a tile: it reads a network of others."""


Group = Literal["main", "own", "quick view", "table"]
"""Parts of a list of models: the family's, a user's own, and the rest of the family."""


def find_models(is_accelerated: Callable[[], bool]) -> tuple[list[ModelChoice], list[str]]:
    """Return the installed models, the default first, and why others cannot be used.

    The others follow in the order of lists. `is_accelerated` tells whether an accelerator or AMX
    will draw; it is asked last, since it may take seconds. Any thread; reads all weights files once
    for their checksums.
    """
    usable, broken = installed_models()
    choices, problems = [_choice(info) for info in usable], [str(error) for error in broken]
    if not choices:
        return choices, problems
    try:
        default = default_model(is_accelerated=is_accelerated())
    except WeightsError as error:
        return choices, [*problems, str(error)]
    choices.sort(key=lambda choice: choice.name != default.name)
    return choices, list(dict.fromkeys([*problems, *default.passed_over]))


def group_of(name: str) -> Group:
    """Return the part of a list that a model belongs to."""
    known = FAMILY.get(name)
    if known is None:
        return "own"
    return known.purpose if known.purpose in ("quick view", "table") else "main"


def best_pair(models: Sequence[ModelChoice]) -> tuple[str, str]:
    """Return (left, right) to start with: bicubic, or plain LIIF, beside the first model.

    A GAN of one decoder has no detail layer either, and is no plain LIIF.
    """
    if not models:
        return NEAREST, BICUBIC
    best = models[0]
    others = (model.name for model in models if model is not best and not model.has_detail)
    plain = next((name for name in others if not is_gan(name)), "")
    return (plain if best.has_detail and plain else BICUBIC), best.name


def _choice(info: WeightsInfo) -> ModelChoice:
    provenance, config = info.header.provenance, info.header.config
    has_trunk = config.get("detail_trunk") is not None
    has_detail = any(config.get(key) is not None for key in ("detail_tap", "detail_trunk"))
    decoders = ("structure_field", "detail_field") if has_detail else ("structure_field",)
    return ModelChoice(
        name=info.name,
        has_detail=has_detail,
        licence=provenance.licence,
        origin=provenance.origin,
        trained_scales=provenance.trained_scales,
        path=str(info.path),
        sha256=info.sha256,
        architecture=info.header.architecture,
        # A trunk of others takes seconds for what is seen, however quick the decoders are.
        is_quick=not has_trunk and all(config.get(field) is not None for field in decoders),
        is_slow_to_encode=has_trunk,
    )
