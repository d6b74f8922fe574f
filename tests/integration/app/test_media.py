"""Stored videos: with a key, under links that need none, whole and in part."""

from hashlib import sha256
from urllib.parse import urlsplit

import pytest

from db.connection import Pool
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import move

VIDEO = bytes(range(256)) * 4096


@pytest.fixture
async def job_id(api: Api, pool: Pool) -> str:
    """A completed job with a video of 1 MB and a poster."""
    made: str = (await api.generate())["jobId"]
    video = await api.store(made, VIDEO)
    poster = await api.store(made, b"poster", "poster.webp")
    await move(pool, made, "completed", video_key=video, poster_key=poster, video_sha256=sha256(VIDEO).hexdigest())
    return made


async def test_the_links_of_a_completed_video_open_without_a_key(api: Api, job_id: str) -> None:
    job = await api.job(job_id)

    video = await api.stranger.get(job["videoUrl"])
    poster = await api.stranger.get(job["thumbnailUrl"])

    assert job["videoUrl"].startswith("http://api.test/files/")
    assert (video.status_code, video.content) == (200, VIDEO)
    assert (video.headers["content-type"], poster.headers["content-type"]) == ("video/mp4", "image/webp")
    assert video.headers["x-content-type-options"] == "nosniff"
    assert poster.content == b"poster"


async def test_behind_a_router_that_speaks_https_the_links_do_too(api: Api, job_id: str) -> None:
    answer = await api.client.get(f"/api/video/{job_id}", headers={"X-Forwarded-Proto": "https"})

    assert answer.json()["videoUrl"].startswith("https://api.test/files/")


async def test_a_changed_or_expired_link_opens_nothing(api: Api, job_id: str) -> None:
    url = (await api.job(job_id))["videoUrl"]
    other = url.replace("video.mp4", "poster.webp")
    late = url.replace("exp=", "exp=1")

    answers = [await api.stranger.get(wrong) for wrong in (other, late, urlsplit(url).path, url[:-2])]

    assert {answer.status_code for answer in answers} == {403}
    assert VIDEO[:64] not in b"".join(answer.content for answer in answers)


async def test_a_part_of_the_video_is_served_on_request(api: Api, job_id: str) -> None:
    path = f"/api/video/{job_id}/content"

    part = await api.client.get(path, headers={"Range": "bytes=1000-1999"})
    tail = await api.client.get(path, headers={"Range": "bytes=-100"})
    beyond = await api.client.get(path, headers={"Range": f"bytes={len(VIDEO)}-"})

    assert (part.status_code, part.content) == (206, VIDEO[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(VIDEO)}"
    assert tail.content == VIDEO[-100:]
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(VIDEO)}")


async def test_what_a_caller_already_has_is_not_sent_again(api: Api, job_id: str) -> None:
    path = f"/api/video/{job_id}/content"
    etag = (await api.client.get(path)).headers["etag"]

    known = await api.client.get(path, headers={"If-None-Match": etag})
    changed = await api.client.get(path, headers={"If-Range": '"older"', "Range": "bytes=0-9"})
    head = await api.client.head(path)

    assert (known.status_code, known.content) == (304, b"")
    assert (changed.status_code, len(changed.content)) == (200, len(VIDEO))
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(VIDEO)))


async def test_the_thumbnail_has_a_path_of_its_own(api: Api, job_id: str) -> None:
    assert (await api.client.get(f"/api/video/{job_id}/thumbnail")).content == b"poster"


async def test_before_it_is_stored_there_is_no_content_and_no_link(api: Api) -> None:
    made = (await api.generate())["jobId"]

    answer = await api.client.get(f"/api/video/{made}/content")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    assert (await api.job(made))["videoUrl"] is None


async def test_a_file_that_is_gone_is_404(api: Api, job_id: str) -> None:
    url = (await api.job(job_id))["videoUrl"]
    await api.app.state.deps.storage.delete(f"{job_id}/1/video.mp4")

    assert (await api.stranger.get(url)).status_code == 404


async def test_links_take_the_public_url_or_the_public_storage(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(PUBLIC_URL="https://videos.example") as api:
        made = (await api.generate())["jobId"]
        await move(pool, made, "completed", video_key=f"{made}/1/video.mp4")
        through_us = (await api.job(made))["videoUrl"]
    async with open_api(STORAGE_PUBLIC_BASE_URL="https://cdn.example/v") as api:
        direct = (await api.job(made))["videoUrl"]

    assert through_us.startswith(f"https://videos.example/files/{made}/1/video.mp4?exp=")
    assert direct == f"https://cdn.example/v/{made}/1/video.mp4"


@pytest.mark.parametrize("path", ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/x", "a//b", "x\\..\\y"])
async def test_no_path_leads_out_of_the_storage(api: Api, path: str) -> None:
    answer = await api.stranger.get(f"/files/{path}?exp=9999999999&sig=x")

    assert answer.status_code in (403, 404)
