"""Which pictures can be shown: the photo itself, bicubic, and one for each installed model."""

from collections.abc import Sequence
from dataclasses import dataclass

from liifgan_core.render.request import BICUBIC, NEAREST
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


def find_models() -> tuple[list[ModelChoice], list[str]]:
    """Return the installed models, the best first, and why other files cannot be used.

    Any thread; reads all weights files once for their checksums.
    """
    usable, broken = installed_models()
    return [_choice(info) for info in usable], [str(error) for error in broken]


def best_pair(models: Sequence[ModelChoice]) -> tuple[str, str]:
    """Return (left, right) to start with: bicubic, or plain LIIF, beside the best model.

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
        is_quick=all(config.get(field) is not None for field in decoders),
    )
