import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.render.byte_lru import ByteLRU


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    cache: ByteLRU[str, int] = ByteLRU(10)
    cache.put("a", 1, 4)
    cache.put("b", 2, 4)
    assert cache.get("a") == 1
    cache.put("c", 3, 4)
    assert cache.get("b") is None
    assert (cache.get("a"), cache.get("c")) == (1, 3)


def test_peeking_is_no_use() -> None:
    cache: ByteLRU[str, int] = ByteLRU(10)
    cache.put("a", 1, 4)
    cache.put("b", 2, 4)
    assert (cache.peek("a"), cache.peek("c")) == (1, None)
    cache.put("c", 3, 4)
    assert cache.peek("a") is None


def test_the_newest_is_kept_even_if_it_is_too_large() -> None:
    cache: ByteLRU[str, int] = ByteLRU(10)
    cache.put("a", 1, 4)
    cache.put("b", 2, 99)
    assert len(cache) == 1
    assert cache.get("b") == 2


def test_a_value_put_again_counts_once() -> None:
    cache: ByteLRU[str, int] = ByteLRU(10)
    for size in (9, 3):
        cache.put("a", size, size)
    assert cache.used_bytes == 3
    assert cache.get("a") == 3


def test_clearing_forgets_everything() -> None:
    cache: ByteLRU[str, int] = ByteLRU(10)
    cache.put("a", 1, 4)
    cache.clear()
    assert (len(cache), cache.used_bytes, cache.get("a")) == (0, 0, None)


@pytest.mark.parametrize("max_bytes", [0, 7, 30])
@given(puts=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 12)), max_size=30))
def test_bytes_are_counted_and_bounded(max_bytes: int, puts: list[tuple[int, int]]) -> None:
    cache: ByteLRU[int, int] = ByteLRU(max_bytes)
    for key, size in puts:
        cache.put(key, size, size)
        assert cache.get(key) == size
        held = [cache.get(other) for other in range(7)]
        assert cache.used_bytes == sum(size for size in held if size is not None)
        assert cache.used_bytes <= max_bytes or len(cache) == 1


def test_discarded_values_give_their_bytes_back() -> None:
    cache: ByteLRU[str, int] = ByteLRU(10)
    for key, size in (("a", 4), ("b", 3), ("c", 2)):
        cache.put(key, size, size)
    cache.discard(lambda key: key != "b")
    assert (len(cache), cache.used_bytes, cache.get("b"), cache.get("a")) == (1, 3, 3, None)
