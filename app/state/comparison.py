"""Which two pictures are compared, and how."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from app.state.models import best_pair
from liifgan_core.render.request import BICUBIC, NEAREST
from liifgan_core.weights.descriptor import WeightsInfo

CompareMode = Literal["single", "side", "wipe", "blink", "difference"]
COMPARE_MODES: tuple[CompareMode, ...] = get_args(CompareMode)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two pictures: the photo itself (NEAREST), BICUBIC, or what models of these names draw."""

    left: str = NEAREST
    right: str = BICUBIC
    """The picture of the single view, too."""
    mode: CompareMode = "single"
    wipe: float = 0.5
    """Where the wipe's line is, 0 (left edge) to 1."""

    @property
    def sources(self) -> tuple[str, ...]:
        """What must be rendered, each once."""
        wanted = (self.right,) if self.mode == "single" else (self.left, self.right)
        return tuple(dict.fromkeys(wanted))


def peeking(comparison: Comparison) -> Comparison:
    """Return what is shown in the place of a comparison while one looks at the photo itself."""
    if comparison.mode == "side":  # panes are half as wide as the canvas
        return replace(comparison, left=NEAREST, right=NEAREST)
    return replace(comparison, mode="single", right=NEAREST)


def with_installed(comparison: Comparison, models: Sequence[WeightsInfo]) -> Comparison:
    """Return the comparison with pictures whose models are gone replaced by the first ones."""
    known = {NEAREST, BICUBIC, *(model.name for model in models)}
    left, right = best_pair(models)
    return replace(
        comparison,
        left=comparison.left if comparison.left in known else left,
        right=comparison.right if comparison.right in known else right,
    )
