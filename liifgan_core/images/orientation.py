"""The eight EXIF orientations as views of an array."""

import numpy as np


def upright_shape(height: int, width: int, orientation: int) -> tuple[int, int]:
    """Return the (height, width) after applying EXIF `orientation` (1 to 8)."""
    is_transposed = orientation in (5, 6, 7, 8)
    return (width, height) if is_transposed else (height, width)


def stored_view(upright: np.ndarray, orientation: int) -> np.ndarray:
    """Return a view of `upright` (H, W, ...) in the order in which the file stores its rows.

    Writing the file's rows into the view fills `upright` correctly turned, without another copy.
    `orientation` says where the stored row 0 and column 0 are in the upright picture (EXIF 2.32,
    tag 274); values outside 1 to 8 count as 1.
    """
    match orientation:
        case 2:  # row 0 top, column 0 right
            return upright[:, ::-1]
        case 3:  # bottom, right
            return upright[::-1, ::-1]
        case 4:  # bottom, left
            return upright[::-1]
        case 5:  # left, top
            return upright.swapaxes(0, 1)
        case 6:  # right, top: stored rows run right to left, stored columns downwards
            return upright[:, ::-1].swapaxes(0, 1)
        case 7:  # right, bottom
            return upright[::-1, ::-1].swapaxes(0, 1)
        case 8:  # left, bottom
            return upright[::-1].swapaxes(0, 1)
        case _:
            return upright
