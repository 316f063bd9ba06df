from liifgan_core.evaluation.pace import Pace


def test_each_method_is_reckoned_by_its_own_mean():
    pace = Pace()
    pace.todo = {"fast": 3, "slow": 3, "new": 2}
    assert pace.seconds_left == 0.0
    pace.add("fast", 1.0)
    pace.add("slow", 10.0)
    pace.add("slow", 14.0)
    assert (pace.num_done, pace.total) == (3, 8)
    mean = (1.0 + 10.0 + 14.0) / 3
    assert pace.seconds_left == 2 * 1.0 + 1 * 12.0 + 2 * mean
    pace.leave_out("new")
    assert (pace.num_done, pace.total) == (3, 7)
