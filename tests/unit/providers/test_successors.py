"""Old clients keep their model names: what becomes of a request whose model has a successor."""

import pytest

from providers.catalogue import load_catalogue
from providers.refusals import BadCatalogue, CannotDo
from providers.successors import Adjustment, Successor
from providers.wanted import WantedVideo

TO_OMNI = Successor("openai_videos", "sora-2", "google_omni", "gemini-omni-1.2-flash")
ROUNDED = Successor("openai_videos", "sora-2", "vertex_veo", "veo-3.1", rounds_down=True)


@pytest.fixture
def plan(now):
    def planned(rule, **wanted):
        catalogue = load_catalogue(successors=[rule])
        return catalogue.plan(WantedVideo("sora", **wanted), base_urls={}, now=now)

    return planned


def test_a_retired_model_is_carried_over_with_size_length_and_price_of_its_successor(plan):
    planned = plan(TO_OMNI, model="sora-2", size="1280x720", seconds=12)

    assert (planned.requested_kind, planned.requested_model) == ("openai_videos", "sora-2")
    assert (planned.model.kind, planned.model.name) == ("google_omni", "gemini-omni-1.2-flash")
    assert (planned.aspect_ratio, planned.resolution, planned.seconds) == ("16:9", "720p", 12)
    assert planned.adjusted == {"size": Adjustment("1280x720", "16:9 720p")}
    assert planned.estimate_micro_usd == 12 * 101_360


def test_what_an_old_client_left_out_is_what_its_own_model_would_have_made(plan):
    planned = plan(TO_OMNI, model="sora-2")

    assert (planned.aspect_ratio, planned.resolution, planned.seconds) == ("9:16", "720p", 4)


def test_a_size_the_successor_lacks_becomes_its_nearest_shape(plan):
    rule = Successor("openai_videos", "sora-2-pro", "google_omni", "omni")
    planned = plan(rule, model="sora-2-pro", size="1792x1024")

    assert (planned.aspect_ratio, planned.resolution) == ("16:9", "1080p")
    assert planned.adjusted["size"] == Adjustment("1792x1024", "16:9 1080p")


def test_a_length_that_is_not_offered_is_refused_with_those_that_are(plan):
    rule = Successor("openai_videos", "sora-2", "vertex_veo", "veo-3.1")

    with pytest.raises(CannotDo, match="4, 6 or 8"):
        plan(rule, model="sora-2", seconds=12)


def test_a_rule_that_rounds_down_takes_the_next_shorter_length(plan):
    planned = plan(ROUNDED, model="sora-2", seconds=12)

    assert planned.seconds == 8
    assert planned.adjusted["seconds"] == Adjustment("12", "8")


def test_nothing_is_rounded_below_the_shortest_length(plan):
    with pytest.raises(CannotDo, match="4, 6 or 8"):
        plan(ROUNDED, model="sora-2", seconds=3)


def test_aliases_and_the_default_model_follow_the_rule_too(plan):
    assert plan(TO_OMNI, model="sora").model.kind == "google_omni"
    assert plan(TO_OMNI).requested_model == "sora-2"


def test_a_name_the_catalogue_never_knew_can_have_a_successor(plan):
    rule = Successor("openai_videos", "old-model", "google_omni", "omni")
    planned = plan(rule, model="old-model", size="720x1280", seconds=5)

    assert (planned.requested_model, planned.aspect_ratio, planned.seconds) == ("old-model", "9:16", 5)


def test_what_the_successor_cannot_do_is_refused_and_not_dropped(plan):
    with pytest.raises(CannotDo, match="negative prompt"):
        plan(TO_OMNI, model="sora-2", negative_prompt="blur")


def test_a_successor_must_exist_and_be_the_last():
    with pytest.raises(BadCatalogue, match="sora-2"):
        load_catalogue(successors=[Successor("openai_videos", "sora-2", "google_omni", "nothing")])
    chain = [TO_OMNI, Successor("google_omni", "gemini-omni-1.2-flash", "vertex_veo", "veo-3.1")]
    with pytest.raises(BadCatalogue, match="has a successor itself"):
        load_catalogue(successors=chain)
