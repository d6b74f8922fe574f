"""A wanted video against its model: defaults, exact prices, and every problem at once."""

from decimal import Decimal

import pytest

from providers.base import InputRole
from providers.catalogue import load_catalogue
from providers.refusals import CannotDo, ModelRetired
from providers.wanted import WantedVideo

SORA_ELSEWHERE = {"openai_videos": "https://gateway.example/v1"}


@pytest.fixture
def plan(catalogue, now):
    return lambda *args, **wanted: catalogue.plan(WantedVideo(*args, **wanted), base_urls=SORA_ELSEWHERE, now=now)


@pytest.fixture
def problems(plan):
    def refused(*args, **wanted):
        with pytest.raises(CannotDo) as caught:
            plan(*args, **wanted)
        return {problem.path: problem.message for problem in caught.value.problems}

    return refused


@pytest.mark.parametrize(
    ("kind", "model", "seconds", "size", "resolution", "ratio", "micros"),
    [
        ("sora", "sora-2", 4, "720x1280", "720p", "9:16", 400_000),
        ("veo", "veo-3.1", 8, "1280x720", "720p", "16:9", 3_200_000),
        ("veo", "veo-3.1-fast", 8, "1280x720", "720p", "16:9", 800_000),
        ("veo", "veo-3.1-lite", 8, "1280x720", "720p", "16:9", 400_000),
        ("omni", "omni", 8, "1280x720", "720p", "16:9", 810_880),
    ],
)
def test_what_is_left_out_is_the_models_own_default(plan, kind, model, seconds, size, resolution, ratio, micros):
    planned = plan(kind, model)

    assert (planned.seconds, planned.size, planned.resolution, planned.aspect_ratio) == (
        *(seconds, size),
        *(resolution, ratio),
    )
    assert planned.estimate_micro_usd == micros


@pytest.mark.parametrize(
    ("wanted", "micros"),
    [
        ({"kind": "sora", "model": "sora-2", "seconds": 12}, 1_200_000),
        ({"kind": "sora", "model": "sora-2-pro", "seconds": 8, "size": "1280x720"}, 2_400_000),
        ({"kind": "sora", "model": "sora-2-pro", "seconds": 8, "size": "1792x1024"}, 4_000_000),
        ({"kind": "veo", "model": "veo-3.1", "resolution": "4k"}, 4_800_000),
        ({"kind": "veo", "model": "veo-3.1-fast", "resolution": "1080p"}, 960_000),
        ({"kind": "veo", "model": "veo-3.1-lite", "size": "1080x1920"}, 640_000),
        ({"kind": "omni", "model": "omni", "seconds": 15, "resolution": "1080p"}, 2_280_600),
        ({"kind": "omni", "model": "omni-1.1", "seconds": 3}, 304_080),
    ],
)
def test_estimates_are_exact_in_micro_dollars(plan, wanted, micros):
    assert plan(**wanted).estimate_micro_usd == micros


def test_a_size_and_its_other_names_mean_the_same(plan):
    by_size = plan("omni", "omni", size="1080×1920")
    by_names = plan("omni", "omni", resolution="1080P", aspect_ratio="9:16")

    assert (by_size.size, by_size.resolution, by_size.aspect_ratio) == ("1080x1920", "1080p", "9:16")
    assert by_names.size == by_size.size
    assert plan("sora", "sora-2", aspect_ratio="16:9").size == "1280x720"
    assert plan("veo", "veo-3.1", resolution="2160p").size == "3840x2160"


def test_all_that_a_model_cannot_do_is_said_at_once(problems):
    found = problems(
        "omni",
        "omni",
        seconds=20,
        size="1792x1024",
        fps=30,
        audio=False,
        negative_prompt="blur",
        inputs=(InputRole.LAST_FRAME, InputRole.FIRST_FRAME, InputRole.FIRST_FRAME),
    )

    assert set(found) == {
        *("size", "seconds", "fps", "audio", "negativePrompt"),
        *("inputs.0.role", "inputs.2.role"),
    }
    assert "3 to 15" in found["seconds"]
    assert "1280x720" in found["size"]
    assert found["inputs.0.role"] == "gemini-omni-1.2-flash takes no last_frame; it takes first_frame or reference"


@pytest.mark.parametrize(
    ("wanted", "path", "words"),
    [
        ({"kind": "sora", "model": "sora-2", "seconds": 5}, "seconds", "4, 8 or 12"),
        ({"kind": "sora", "model": "sora-2", "seconds": 4.5}, "seconds", "4.5"),
        ({"kind": "sora", "model": "sora-2", "size": "1792x1024"}, "size", "720x1280 or 1280x720"),
        ({"kind": "sora", "model": "sora-2", "seed": 1}, "seed", "takes no seed"),
        ({"kind": "sora", "model": "sora-2", "size": "1280x720", "aspect_ratio": "9:16"}, "size", "contradict"),
        ({"kind": "veo", "model": "veo-3.1", "seed": -1}, "seed", "from 0"),
        ({"kind": "veo", "model": "veo-3.1", "fps": 30}, "fps", "it offers 24"),
        ({"kind": "veo", "model": "veo-3.1", "resolution": "1080p", "seconds": 4}, "seconds", "at 1080p; it makes 8"),
        (
            {"kind": "veo", "model": "veo-3.1", "seconds": 6, "inputs": (InputRole.REFERENCE,)},
            *("seconds", "with reference images"),
        ),
        ({"kind": "veo", "model": "veo-3.1", "inputs": (InputRole.LAST_FRAME,)}, "inputs", "needs a first_frame"),
        (
            {"kind": "veo", "model": "veo-3.1", "inputs": (InputRole.FIRST_FRAME, InputRole.REFERENCE)},
            *("inputs", "mixed"),
        ),
        ({"kind": "veo", "model": "veo-3.1-lite", "inputs": (InputRole.REFERENCE,)}, "inputs.0.role", "takes no ref"),
        ({"kind": "veo", "model": "veo-3.1-lite", "resolution": "4k"}, "resolution", "720p or 1080p"),
        ({"kind": "omni", "model": "omni", "resolution": "4k"}, "resolution", "price .* not known"),
    ],
)
def test_what_a_model_cannot_do_is_refused_by_name(plan, wanted, path, words):
    with pytest.raises(CannotDo, match=words) as caught:
        plan(**wanted)

    assert [problem.path for problem in caught.value.problems] == [path]


def test_sound_is_asked_for_only_where_it_can_be_chosen(plan):
    assert plan("veo", "veo-3.1").audio is True
    assert plan("veo", "veo-3.1", audio=False).audio is False
    assert plan("omni", "omni", audio=True).audio is None
    assert plan("sora", "sora-2").audio is None


def test_a_retired_model_is_refused_before_its_details(catalogue, now):
    with pytest.raises(ModelRetired):
        catalogue.plan(WantedVideo("sora", "sora-2", seconds=99), base_urls={}, now=now)


def test_an_unlisted_model_takes_any_size_and_length(now):
    catalogue = load_catalogue(openai_models={"wan-2.2": Decimal("0.05")})
    wanted = WantedVideo("sora", "wan-2.2", seconds=5, size="832x480", fps=16, seed=7, negative_prompt="blur")
    planned = catalogue.plan(wanted, base_urls=SORA_ELSEWHERE, now=now)

    assert (planned.size, planned.seconds, planned.fps, planned.seed) == ("832x480", 5, 16, 7)
    assert planned.estimate_micro_usd == 250_000
    by_names = WantedVideo("sora", "wan-2.2", resolution="480p", aspect_ratio="16:9")
    assert catalogue.plan(by_names, base_urls=SORA_ELSEWHERE, now=now).size == "854x480"
    assert catalogue.plan(WantedVideo("sora", "wan-2.2"), base_urls=SORA_ELSEWHERE, now=now).size is None


@pytest.mark.parametrize("size", ["big", "0x0", "99999x99999", "1280x", "-1x5"])
def test_a_size_that_is_none_is_refused(now, size):
    catalogue = load_catalogue(openai_models={"wan-2.2": Decimal("0.05")})

    with pytest.raises(CannotDo, match="WIDTHxHEIGHT"):
        catalogue.plan(WantedVideo("sora", "wan-2.2", size=size), base_urls=SORA_ELSEWHERE, now=now)
