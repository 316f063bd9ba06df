from pathlib import Path

from app.state.choices import Choices
from app.state.comparison import Comparison
from app.state.series import Series

A, B, C = (Path(f"/photos/{name}.png") for name in "abc")


def test_one_photo_is_no_series() -> None:
    series = Series()
    series.take([A])
    assert series.paths == ()
    series.take([A, B, A])
    assert series.paths == (A, B)


def test_it_tells_where_one_is() -> None:
    series, moves = Series(), []
    series.moved.connect(lambda: moves.append(series.place))
    series.take([A, B])
    assert series.place is None
    for path in (B, B, A, C, None):
        series.follow(path)
    assert moves == [1, 0, None]


def test_choices_are_kept_for_each_photo_until_others_come() -> None:
    series, chosen = Series(), Choices(Comparison(mode="blink"))
    series.take([A, B])
    series.keep(A, chosen)
    series.keep(C, chosen)
    series.keep(None, chosen)
    assert series.choices_of(A) == chosen
    assert series.choices_of(B) is series.choices_of(C) is series.choices_of(None) is None
    series.take([A, B])
    assert series.choices_of(A) == chosen, "the same photos once more"
    series.take([A, C])
    assert series.choices_of(A) is None
