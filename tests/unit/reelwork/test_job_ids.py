"""Ids made together are unique, sort in the order they were made, and are UUIDs of version 7."""

from uuid import RFC_4122, UUID

from reelwork.job_ids import new_job_ids


def test_ids_sort_in_the_order_they_were_made() -> None:
    ids = new_job_ids(5000)

    assert ids == sorted(ids)
    assert len(set(ids) | set(new_job_ids(5000))) == 10_000


def test_ids_are_uuids_that_any_server_takes() -> None:
    first, second = (UUID(job_id) for job_id in new_job_ids(2))

    assert (first.version, first.variant, second.version) == (7, RFC_4122, 7)
