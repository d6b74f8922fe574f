from bench.chaos.orders import orders
from bench.chaos.schedule import Kind, Shape, schedule

SHAPE = Shape(duration_s=120, gap_s=2, outage_s=(1, 2), freeze_s=(5, 8))


def test_the_same_seed_breaks_and_orders_the_same_and_another_seed_something_else() -> None:
    assert schedule(7, SHAPE) == schedule(7, SHAPE) != schedule(8, SHAPE)
    assert orders(7, 50) == orders(7, 50) != orders(8, 50)


def test_a_schedule_holds_every_kind_and_stays_within_its_time_and_its_fleet() -> None:
    acts = schedule(7, SHAPE)

    assert {act.kind for act in acts} == set(Kind)
    assert [act.at_s for act in acts] == sorted(act.at_s for act in acts)
    assert all(act.at_s < SHAPE.duration_s for act in acts)
    assert all(act.target < (SHAPE.workers if act.kind.endswith("_worker") else SHAPE.apis) for act in acts)
    assert all(bool(act.rules) == (act.kind is Kind.BREAK_PROVIDER) for act in acts)


def test_orders_have_ids_of_their_own_and_some_are_alike() -> None:
    made = orders(7, 300)

    assert len({order.job_id for order in made}) == 300
    assert 200 < len({order.prompt for order in made}) < 300
