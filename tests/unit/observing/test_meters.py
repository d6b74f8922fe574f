"""Counting in one process, and the page that it becomes."""

from math import inf

from prometheus_client.parser import text_string_to_metric_families

from observing.exposition import text
from observing.families import FAMILIES
from observing.meters import Meters, series


def test_what_is_taken_is_counted_once_and_what_is_given_back_again() -> None:
    meters = Meters()
    meters.add("reelwork_stored_bytes_total", 10, kind="omni")
    first = meters.take()
    meters.add("reelwork_stored_bytes_total", 5, kind="omni")
    meters.give_back(first)

    assert meters.take() == {'reelwork_stored_bytes_total{kind="omni"}': 15}
    assert meters.take() == {}


def test_a_histogram_is_cumulative_and_its_buckets_stand_in_order() -> None:
    meters = Meters()
    for value in (0.003, 0.3, 0.3, 99):
        meters.observe("reelwork_http_request_duration_seconds", value, route="/x", method="GET")

    (family,) = text_string_to_metric_families(text(meters.take()))

    buckets = [(float(one.labels["le"]), one.value) for one in family.samples if one.name.endswith("_bucket")]
    assert buckets == sorted(buckets)
    assert (buckets[0], buckets[-1]) == ((0.005, 1), (inf, 4))
    assert next(one.value for one in family.samples if one.name.endswith("_sum")) == 99.603


def test_a_label_cannot_break_out_of_its_line() -> None:
    meters = Meters()
    meters.add("reelwork_http_requests_total", route='a"}\n\\x', method="GET", status="200")

    (family,) = text_string_to_metric_families(text(meters.take()))

    assert family.samples[0].labels["route"] == 'a"}\n\\x'


def test_a_process_never_makes_more_series_than_it_may() -> None:
    meters = Meters()
    for number in range(5000):
        meters.add("reelwork_http_requests_total", route=str(number))

    assert len(meters.take()) == 2000
    meters.add("reelwork_http_requests_total", route="1")
    assert len(meters.take()) == 1


def test_names_end_in_their_unit_and_only_counters_in_total() -> None:
    for name, family in FAMILIES.items():
        assert name.endswith("_total") == (family.kind == "counter"), name
        assert family.kind != "histogram" or name.endswith(("_seconds", "_ratio")), name
        assert (family.kind == "histogram") == bool(family.bounds), name
        assert series(name, {}) == name
