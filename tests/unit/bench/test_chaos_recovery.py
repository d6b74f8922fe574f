from pathlib import Path
from uuid import UUID

import pytest

from bench.chaos.fleet import Fall, Fleet, Life, Slot
from bench.chaos.recovery import Disturbances, Incarnation, Step, Wait, percentile, too_slow, waits
from devstack.engines.watchdog import Watchdog

VIDEO, FALLEN, HEIR = UUID(int=1), UUID(int=2), UUID(int=3)
WORKERS = {FALLEN: Incarnation(11, 51), HEIR: Incarnation(12, 51)}
STEPS = [Step(VIDEO, 90, "claimed", FALLEN), Step(VIDEO, 107, "adopted", HEIR)]


@pytest.fixture
def fleet() -> Fleet:
    """Two workers since 50; the first was killed at 100."""

    def slot(name: str, *lives: Life) -> Slot:
        return Slot(name, ["true"], {}, Path("unused.log"), Watchdog(), lives=list(lives))

    fallen = Life(11, 50, ended_at=100.1, falls=[Fall(100, "kill_worker")])
    return Fleet([], [slot("worker-0", fallen), slot("worker-1", Life(12, 50))], slot("simulator"))


def test_a_wait_lasts_from_the_fall_of_the_owner_to_the_adoption(fleet: Fleet) -> None:
    assert waits(STEPS, WORKERS, Disturbances(fleet, [], lease_s=4)) == [Wait(7, "kill_worker", calm=True)]


def test_a_wait_while_postgres_was_away_is_not_calm(fleet: Fleet) -> None:
    (wait,) = waits(STEPS, WORKERS, Disturbances(fleet, [(97, 98)], lease_s=4))

    assert not wait.calm


def test_a_wait_that_no_other_worker_saw_is_not_calm(fleet: Fleet) -> None:
    fleet.workers[1].lives[0].started_at = 98

    (wait,) = waits(STEPS, WORKERS, Disturbances(fleet, [], lease_s=4))

    assert not wait.calm


def test_an_adoption_from_a_worker_that_never_fell_is_no_wait(fleet: Fleet) -> None:
    fleet.workers[0].lives[0].falls.clear()

    assert waits(STEPS, WORKERS, Disturbances(fleet, [], lease_s=4)) == []


def test_what_a_thawed_process_holds_under_its_new_name_did_not_wait_since_the_freeze(fleet: Fleet) -> None:
    renamed = {**WORKERS, FALLEN: Incarnation(11, 103)}

    assert waits(STEPS, renamed, Disturbances(fleet, [], lease_s=4)) == []


def test_a_freeze_that_no_lease_ran_out_in_is_nobodys_fall(fleet: Fleet) -> None:
    fleet.workers[0].lives[0].falls = [Fall(100, "blink_worker", until=101)]

    assert waits(STEPS, WORKERS, Disturbances(fleet, [], lease_s=4)) == []


def test_a_process_that_ends_unasked_is_told_and_one_that_was_killed_is_not(fleet: Fleet) -> None:
    for slot in fleet.workers:
        slot.lives[0].exit_code = 1

    assert fleet.unasked_ends() == [("worker-1", "ended with 1, see unused.log")]


def test_percentiles_are_values_that_occurred() -> None:
    assert (percentile([], 0.5), percentile([3, 1, 2], 0.5), percentile([1, 2], 0.99)) == (0, 2, 2)


def test_only_calm_waits_are_measured_against_the_promise() -> None:
    hindered, calm = Wait(30, "kill_worker", calm=False), Wait(13, "kill_worker", calm=True)

    assert too_slow([hindered], 12) is None
    assert too_slow([hindered, calm], 12) == "took 13.0 s at the 99th percentile, 12 s are promised"
