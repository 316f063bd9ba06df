"""What the renderer asks of a decoder, whichever kind it is.

A decoder turns features on the LR grid into one layer of colour at output pixels in two steps:
`prepare` does once per LR tile whatever does not depend on the output; `add_colour` does the rest
per output pixel. Nothing outside `models/` knows which kind of decoder it drives.

Shapes: C colour, D feature channels, H W LR size, K table channels, h w output size.
"""

from collections.abc import Callable
from typing import Protocol

from torch import Tensor

from liifgan_core.coords import AxisTaps


class RenderDecoder(Protocol):
    """Decodes one layer, structure or detail, from tables on the LR grid."""

    max_queries: int
    """How many taps to compute at once for the best speed."""

    def prepare(self, feat_1DHW: Tensor) -> Tensor:
        """Return the table (H, W, K) of a tile's latent codes.

        Outside of `feat_1DHW` counts as zero. So an entry at the tile's rim is right only where the
        image ends too: give tiles one more pixel on the other sides.
        """
        ...

    def add_colour(
        self,
        table_HWK: Tensor,
        origin: tuple[int, int],
        rows: AxisTaps,
        cols: AxisTaps,
        out_hwC: Tensor,
        *,
        max_queries: int,
        check: Callable[[], None],
    ) -> None:
        """Add what the tile's latent codes give to the output pixels named by the taps.

        `origin` is the image position (row, column) of the table's first entry; all taps must lie
        on the table and be ordered by latent code (`AxisTaps.within`). `out_hwC` is float32 in the
        network's range [-1, 1]. Memory beyond the arguments grows with `max_queries`. `check` is
        called between short steps and may raise to stop.
        """
        ...
