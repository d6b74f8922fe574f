from datetime import UTC, datetime
from pathlib import Path

from devstack.sample import estimate, folder_of, read_sample
from reelwork.models import CatalogueModel

MODELS = [
    CatalogueModel(model="sora-2", provider="sora", aliases=["sora"], price_per_second_usd=0.1),
    CatalogueModel(
        model="veo-3.1-fast-generate-001",
        provider="veo",
        aliases=["veo-3.1-fast"],
        price_per_second_usd={"720p": 0.1, "1080p": 0.12},
    ),
    CatalogueModel(model="gemini-omni-1.2-flash", provider="omni", price_per_second_usd={"720p": 0.1}),
]


def test_the_sample_has_four_scenes_over_all_three_kinds() -> None:
    sample = read_sample(MODELS)

    assert len(sample.scenes) == 4
    assert {scene["provider"] for scene in sample.scenes} == {"sora", "veo", "omni"}
    assert not sample.left_out


def test_each_run_submits_it_under_a_name_of_its_own() -> None:
    names = {read_sample(MODELS, datetime(2026, 1, 1, 12, 0, second, tzinfo=UTC)).storyboard_id for second in (1, 2)}

    assert len(names) == 2


def test_scenes_of_models_that_cannot_be_called_are_left_out() -> None:
    models = [model.model_copy(update={"callable": model.provider == "omni"}) for model in MODELS]

    sample = read_sample(models)

    assert [scene["provider"] for scene in sample.scenes] == ["omni"]
    assert len(sample.left_out) == 3


def test_the_estimate_adds_up_seconds_and_prices_of_the_resolution() -> None:
    assert estimate(MODELS, read_sample(MODELS)) == (4 + 3 + 4 + 4) * 0.1


def test_an_unknown_price_makes_the_whole_estimate_unknown() -> None:
    models = [model.model_copy(update={"price_per_second_usd": None}) for model in MODELS]

    assert estimate(models, read_sample(models)) is None


def test_only_a_file_url_has_a_folder() -> None:
    assert folder_of("file:///tmp/with%20space/videos") == Path("/tmp/with space/videos")
    assert folder_of("s3://bucket/prefix") is None
