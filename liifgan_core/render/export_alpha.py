"""Opacity of an export's rows, and what is behind a picture that does not fill its frame."""

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Tile, Viewport
from liifgan_core.images.file_colours import Convert
from liifgan_core.images.image import Image
from liifgan_core.images.resample import resample
from liifgan_core.images.warped import warped_opacity
from liifgan_core.render.export_options import Colour
from liifgan_core.warp import Warp

_Rows = NDArray[np.float32]


class Backdrop:
    """Makes rows of a file of a view's, on its background, if there is one."""

    def __init__(
        self,
        image: Image,
        warp: Warp | None,
        viewport: Viewport,
        colour: Colour | None,
        convert: Convert,
    ) -> None:
        """`convert` makes the file's samples of rendered ones; the colour becomes one, too."""
        self._image, self._convert = image, convert
        self._warp = warp
        self._viewport = viewport
        self._is_empty_somewhere = warp is not None and not warp.fills_frame
        self._colour: NDArray[np.float32] | None = None
        if colour is not None:
            self._colour = convert(np.array([[colour]], np.float32))[0, 0].astype(np.float32)
        self.has_alpha = image.alpha is not None or (
            self._is_empty_somewhere and self._colour is None
        )
        """Whether rows come with opacity."""

    def with_opacity(self, rendered: _Rows, tile: Tile) -> tuple[_Rows, _Rows | None]:
        """Return rendered rows (h, w, 3) of a tile as they are written, and their opacity."""
        image, warp = self._image, self._warp
        rows = self._convert(rendered)
        if warp is None:
            if image.alpha is None:
                return rows, None
            return rows, resample(image.opacity, image.size, self._viewport, tile)
        if not (self._is_empty_somewhere or image.alpha is not None):
            return rows, None
        opacity = warped_opacity(image, warp, self._viewport, tile)
        if not self._is_empty_somewhere:
            return rows, opacity
        if self._colour is None and not image.is_premultiplied:
            return rows, opacity
        covered = opacity
        if image.alpha is not None:
            covered = warped_opacity(image, warp, self._viewport, tile, takes_alpha=False)
        if self._colour is None:
            return rows * covered[..., None], opacity
        beyond = np.float32(1.0) - covered
        if image.is_premultiplied:
            blended = rows * covered[..., None] + self._colour * beyond[..., None]
            return blended.astype(np.float32), (opacity + beyond).astype(np.float32)
        total = opacity + beyond
        blended = rows * opacity[..., None] + self._colour * beyond[..., None]
        blended /= np.where(total > 0.0, total, np.float32(1.0))[..., None]
        shown = None if image.alpha is None else total.astype(np.float32)
        return blended.astype(np.float32), shown


def is_gray_colour(colour: Colour | None) -> bool:
    """Whether a background fits a gray picture."""
    return colour is None or len(set(colour)) == 1
