from hypothesis import given
from hypothesis import strategies as st

from app.widgets.line_breaks import breakable


@given(st.text(alphabet=st.sampled_from("ab /:\n"), max_size=200))
def test_only_breaks_are_added_and_no_piece_is_long(text: str) -> None:
    broken = breakable(text)
    assert broken.replace("\u200b", "") == text
    assert all(len(piece) <= 24 for piece in broken.replace("\u200b", " ").split())


def test_paths_are_broken_after_folders() -> None:
    assert breakable("/home/me/a.png") == "/\u200bhome/\u200bme/\u200ba.png"
