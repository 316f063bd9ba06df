"""Where a picture lies in a larger or smaller frame, as OpenEXR's two windows say."""

from dataclasses import dataclass

from liifgan_core.geometry import Size
from liifgan_core.sizing import half_up


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
            left=half_up(self.left * across),
            top=half_up(self.top * down),
            display_left=half_up(self.display_left * across),
            display_top=half_up(self.display_top * down),
            display_width=max(1, half_up(self.display_width * across)),
            display_height=max(1, half_up(self.display_height * down)),
        )
