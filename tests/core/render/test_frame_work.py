import pytest

from liifgan_core.render.frame_work import FrameWork


def test_encoding_and_decoding_count_by_the_time_that_they_take() -> None:
    told: list[float] = []
    work = FrameWork(told.append, to_encode=100, to_decode=1000)
    work.encoded(50, 5.0)  # 0.1 s a pixel: 10 s in all
    work.encoded(50, 5.0)
    work.decoded(500, 5.0)  # 0.01 s a pixel: 10 s in all
    assert told[-1] == pytest.approx(0.75)
    work.decoded(500, 5.0)
    assert told[-1] == pytest.approx(1.0)


def test_it_never_goes_back_nor_beyond_the_whole() -> None:
    told: list[float] = []
    work = FrameWork(told.append, to_encode=100, to_decode=1000)
    work.encoded(100, 0.001)  # quick, so that much is done
    work.decoded(100, 100.0)  # slow: less is done than it seemed
    work.decoded(5000, 1.0)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_a_frame_without_work_for_models_is_never_divided_by_nothing() -> None:
    told: list[float] = []
    FrameWork(told.append, to_encode=0, to_decode=0).decoded(10, 1.0)
    assert told == [1.0]
