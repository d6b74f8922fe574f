"""A folder is no storage where processes share no disk."""

import pytest

from config.settings import SettingsError, load_settings

PLATFORMS = [({"DYNO": "web.1"}, "Heroku"), ({"RENDER": "true"}, "Render"), ({"RAILWAY_PROJECT_ID": "p"}, "Railway")]


@pytest.mark.parametrize(("environ", "name"), PLATFORMS)
@pytest.mark.parametrize("role", ["web", "worker"])
def test_a_folder_is_refused_on_platforms_that_lose_it(
    needed: dict[str, str], environ: dict[str, str], name: str, role: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings(
            {**needed, **environ, "STORAGE_URL": "file:///app/videos"}, role="web" if role == "web" else "worker"
        )

    (problem,) = raised.value.problems
    assert problem.variable == "STORAGE_URL"
    assert name in problem.sentence
    assert "s3://bucket/prefix" in problem.sentence
    assert "STORAGE_SHARED=1" in problem.sentence


@pytest.mark.parametrize(("environ", "name"), PLATFORMS)
def test_a_shared_disk_or_a_bucket_is_taken_there(needed: dict[str, str], environ: dict[str, str], name: str) -> None:
    load_settings({**needed, **environ})
    load_settings({**needed, **environ, "STORAGE_URL": "file:///app/videos", "STORAGE_SHARED": "1"})


def test_a_folder_is_taken_elsewhere(needed: dict[str, str]) -> None:
    assert load_settings({**needed, "STORAGE_URL": "file:///var/videos"}).storage_url == "file:///var/videos"
