"""What a view asks of an engine, and what it gets: plain values, picklable, no torch.

An engine lives in a thread today; nothing here keeps it from living in a process of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.progress import CancelToken, Progress, no_progress
from liifgan_core.render.drawing import APART, Drawing

NEAREST = ":input"
"""Source that shows the photo's own pixels. The colon keeps it apart from names of models."""
BICUBIC = ":bicubic"
"""Source that shows the photo bicubically resampled."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """A quick model: one that draws a whole view in moments, on a processor too."""

    source: str
    """What it draws in the place of; itself, where the quick model is what was chosen."""
    model: str
    drawing: Drawing = APART
    """How. Where the source has no detail layer none may be seen; other than apart, tiles cannot
    follow another strength."""


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Everything that decides a frame's pixels: same request, same pixels, whatever its id."""

    id: int
    """Grows with every request of a view."""
    image_key: str
    """Key under which the engine was given the image."""
    sources: tuple[str, ...]
    """What to render, each over the same viewport: names of models, NEAREST or BICUBIC."""
    viewport: Viewport
    """The whole image at the size that the zoom factor gives it, so as an export would."""
    visible: Tile
    """The viewport's output pixels that are on the screen; only these are rendered."""
    stand_ins: tuple[StandIn, ...] = ()
    """At most one for each source."""
    refines: bool = True
    """Whether sources with a stand-in are drawn by themselves, too; False while the view moves."""
    slow_to_encode: frozenset[str] = frozenset()
    """Sources whose encoder takes seconds for a tile, whatever their decoders take: no coarse pass
    would be there soon, so resampled pixels are shown before what is encoded."""

    def __post_init__(self) -> None:
        size, tile = self.viewport.size, self.visible
        is_inside = 0 <= tile.top < tile.bottom <= size.height
        is_inside = is_inside and 0 <= tile.left < tile.right <= size.width
        if not is_inside:
            raise ValueError(f"{tile} is not a part of the output of {size} pixels")

    def stand_in(self, source: str) -> StandIn | None:
        """Return what draws a source before it is drawn by itself."""
        return next((found for found in self.stand_ins if found.source == source), None)

    @property
    def is_quick(self) -> bool:
        """Whether nothing of it takes longer than moments, once the photo is encoded."""
        return all(
            source in (NEAREST, BICUBIC)
            or (found is not None and (found.model == source or not self.refines))
            for source in self.sources
            for found in [self.stand_in(source)]
        )

    @property
    def models(self) -> frozenset[str]:
        """The models that draw."""
        drawn = {found.model for found in self.stand_ins if found.source in self.sources}
        slow = {source for source in self.sources if self.refines or self.stand_in(source) is None}
        return frozenset((drawn | slow) - {NEAREST, BICUBIC})


Following = Callable[[], RenderRequest | None]
"""Returns the request that comes next, as far as one does. O(1); any thread."""


def nothing_follows() -> RenderRequest | None:
    """Return that no request comes next."""
    return None


class RenderedTile(Protocol):
    """Pixels of a part of a viewport's output, structure and detail apart."""

    @property
    def tile(self) -> Tile:
        """The part, in output pixels of the viewport."""
        ...

    @property
    def structure(self) -> NDArray[np.float32]:
        """(h, w, 3) RGB in about [0, 1], not clipped."""
        ...

    @property
    def detail(self) -> NDArray[np.float32] | None:
        """(h, w, 3) increment to the structure; None where the source has no detail decoder."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FrameTile:
    """A rendered tile that knows which request and source it belongs to."""

    request_id: int
    source: str
    drawn_by: str
    """What made the pixels: the source, its stand-in, or BICUBIC in a coarse pass."""
    viewport: Viewport
    """What `tile` is a part of: the request's viewport, or a smaller one in a coarse pass."""
    tile: Tile
    structure: NDArray[np.float32]
    detail: NDArray[np.float32] | None
    """None, too, where the structure was drawn without, or blended with it (`StandIn.drawing`)."""
    alpha: NDArray[np.float32] | None
    """(h, w) opacity in [0, 1]; None for an opaque image."""
    is_final: bool
    """False for pixels that a later tile of the same request replaces."""
    seconds: float
    """What decoding took; 0 for tiles from a cache and for resampled ones."""


class RenderEngine(Protocol):
    """Renders requests. All calls come from one thread, which need not be the one that made it."""

    def open(self, image_key: str, image: Image) -> None:
        """Take an image in place of the one before. Cheap: it is encoded when first rendered."""
        ...

    def render(
        self,
        request: RenderRequest,
        *,
        cancel: CancelToken,
        abandon: CancelToken,
        following: Following = nothing_follows,
        progress: Progress = no_progress,
    ) -> Iterator[FrameTile]:
        """Yield quick or coarse tiles of the whole visible part, then final ones.

        Each from the centre outwards. A request that does not refine ends with the quick ones.

        `cancel` stops this frame; an encoding that has begun is finished where the next frame needs
        it, unless it is one that refines: `following` tells that frame, and is asked between short
        steps. `abandon` stops all. What is encoded whole is kept. Raises Cancelled and
        LiifganError, after either of which the engine can be used again. `progress` is told how
        much of the models' work is done, 0 to 1, encoding included; never less than before.
        """
        ...

    def close(self) -> None:
        """Give memory back. The engine is not used afterwards."""
        ...
