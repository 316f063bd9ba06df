import numpy as np

from liifgan_core.render.invented import HEAT_FULL, change_of, heat_colours, invented_map


def test_the_change_is_that_of_the_channel_that_changes_most() -> None:
    detail = np.array([[[0.0, 0.0, 0.0], [0.1, -0.3, 0.2]]], np.float32)
    np.testing.assert_allclose(change_of(detail, 0.5), [[0.0, 0.15]], atol=1e-7)


def test_heat_goes_from_black_to_yellow() -> None:
    ends = heat_colours(np.array([[0.0, HEAT_FULL, 1.0]], np.float32))[0].astype(int)
    assert ends[0].sum() < 10
    assert ends[1][0] > 240
    assert ends[1][1] > 240
    assert (ends[1] == ends[2]).all()


def test_the_picture_shows_through_in_gray() -> None:
    blended = np.array([[[255, 0, 0], [0, 0, 0]]], np.uint8)
    shown = invented_map(blended, np.zeros((1, 2, 3), np.float32), 1.0)[0].astype(int)
    nothing = heat_colours(np.zeros((1, 1), np.float32))[0, 0].astype(int)
    # Red is 30 % bright (BT.601), and has 30 % of the overlay.
    np.testing.assert_allclose(shown[0], 0.7 * nothing + 0.3 * 76, atol=1)
    np.testing.assert_allclose(shown[1], 0.7 * nothing, atol=1)
