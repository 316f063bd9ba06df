"""Where a picture lies in a larger or smaller frame, as OpenEXR's two windows say."""

import math
from dataclasses import dataclass

from liifgan_core.geometry import Size


@dataclass(frozen=True, slots=True)
class Windows:
    """The data window, which the picture fills, and the display window, which is to be shown.

    Both are in pixels of one plane, which may be negative; the data window has the picture's size.
    """

    left: int
    top: int
    display_left: int
    display_top: int
    display_width: int
    display_height: int

    def scaled(self, before: Size, after: Size) -> "Windows":
        """Return the windows of the picture of size `before` once it is resized to `after`."""
        across, down = after.width / before.width, after.height / before.height
        return Windows(
            left=_rounded(self.left * across),
            top=_rounded(self.top * down),
            display_left=_rounded(self.display_left * across),
            display_top=_rounded(self.display_top * down),
            display_width=max(1, _rounded(self.display_width * across)),
            display_height=max(1, _rounded(self.display_height * down)),
        )


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)
