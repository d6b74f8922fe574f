from devstack.backoff import Backoff


def test_a_process_that_worked_is_back_after_half_a_second_however_often_it_is_killed() -> None:
    backoff = Backoff()

    assert [backoff.after(2.5) for _ in range(10)] == [0.5] * 10


def test_the_pause_grows_only_after_three_deaths_right_after_their_starts() -> None:
    backoff = Backoff()

    assert [backoff.after(0.1) for _ in range(8)] == [0.5, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


def test_one_good_life_forgives_the_quick_deaths_before_it() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after(0.1)

    assert backoff.after(60) == 0.5
    assert backoff.after(0.1) == 0.5
