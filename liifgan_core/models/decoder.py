"""What the renderer asks of a decoder, whichever kind it is.

A decoder turns features on the LR grid into one layer of colour at output pixels in three steps:
`prepare` does once per LR tile whatever does not depend on the output; `taps` says what each output
row and column reads; `add_colour` does the rest. The sum of what all tiles add is the layer.
Nothing outside `models/` knows which kind of decoder it drives: the decoder that is trained makes
the one that renders (`renderer`), and says what is kept of an image for it (`refined`,
`refined_channels`, `refining_radius`) and whether two layers' tables may become one (`blend_order`,
`blended`). A new kind is a class with these beside the two there are (`mlp_decoder.py`,
`field_decoder.py`), a name in `liif.Decoder` and a choice in `LIIF`.

Shapes: C colour, D feature channels, H W LR size, h w output size.
"""

from collections.abc import Callable
from typing import Protocol, Self, TypeVar

import torch
from torch import Tensor

from liifgan_core.coords import AxisPixels
from liifgan_core.footprints import Boxes
from liifgan_core.geometry import Size, Tile


class Taps(Protocol):
    """What a run of output pixels reads along one axis."""

    @property
    def span(self) -> tuple[int, int]:
        """First and last latent code that is read."""
        ...

    def within(self, start: int, stop: int) -> Self:
        """Return the part that reads latent codes [start, stop)."""
        ...


AnyTaps = TypeVar("AnyTaps", bound=Taps)


class RenderDecoder(Protocol[AnyTaps]):
    """Decodes one layer, structure or detail, from tables on the LR grid."""

    max_queries: int
    """How much to compute at once for the best speed: taps, or output pixels."""
    table_bytes: int
    """Size of a table per latent code."""

    def prepare(self, feat_1DHW: Tensor) -> Tensor:
        """Return the table of a tile's latent codes, in a layout that only the decoder knows.

        Outside of `feat_1DHW` counts as zero. So an entry at the tile's rim is right only where the
        image ends too: give tiles one more pixel on the other sides.
        """
        ...

    def span(self, pixels: AxisPixels) -> tuple[int, int]:
        """Return `taps(pixels).span` at the cost of two pixels."""
        ...

    def taps(self, pixels: AxisPixels) -> AnyTaps:
        """Return what a run of output rows or columns reads."""
        ...

    def add_colour(
        self,
        table: Tensor,
        origin: tuple[int, int],
        rows: AnyTaps,
        cols: AnyTaps,
        out_hwC: Tensor,
        *,
        max_queries: int,
        check: Callable[[], None],
    ) -> None:
        """Add what the tile's latent codes give to the output pixels named by the taps.

        `origin` is the image position (row, column) of the table's first entry; all taps must lie
        on the table (`Taps.within`). `out_hwC` is float32 in the network's range [-1, 1]. Memory
        beyond the arguments grows with `max_queries`. `check` is called between short steps and may
        raise to stop.
        """
        ...

    def at_points(self, *, device: torch.device) -> "PointDecoder":
        """Return what renders the same layer at any places."""
        ...


class PointDecoder(Protocol):
    """Decodes one layer at any places, for views that are turned or otherwise warped.

    Tables are those of a tile's own LR pixels, `inner`, made from the features of `area`, which is
    one LR pixel larger on each side inside the photo.
    """

    table_bytes: int
    """Size of a table per latent code."""

    def prepare(self, feat_1DHW: Tensor, area: Tile, inner: Tile, photo: Size) -> Tensor:
        """Return the table of `inner`, in a layout that only the decoder knows."""
        ...

    def add_colour(
        self,
        table: Tensor,
        inner: Tile,
        boxes: Boxes,
        out_PC: Tensor,
        *,
        photo: Size,
        share: float,
        max_queries: int,
        check: Callable[[], None],
    ) -> None:
        """Add `share` of what the tile's latent codes give to the boxes, as `add_colour` above.

        Boxes that read no code of the tile get nothing.
        """
        ...
