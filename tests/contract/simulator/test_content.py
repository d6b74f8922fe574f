"""Downloads: whole, in ranges, huge, spoilt, elsewhere."""

import hashlib
from urllib.parse import quote, urlsplit

import httpx
import pytest

from reelwork.testing import SimulatorHandle

VEO_PATH = "/v1/projects/p/locations/l/publishers/google/models/veo-3.1-generate-001"


def finished(http: httpx.Client, simulator: SimulatorHandle, prompt: str) -> str:
    """The path of a finished video's content."""
    made = http.post("/v1/videos", json={"prompt": prompt, "model": "any-model", "seconds": 1, "size": "64x64"}).json()
    simulator.advance(101)
    return f"/v1/videos/{made['id']}/content"


def test_ranges_add_up_to_the_whole(http: httpx.Client, simulator: SimulatorHandle) -> None:
    path = finished(http, simulator, "a cat [sim:bytes=1000000]")
    whole = http.get(path)

    first = http.get(path, headers={"range": "bytes=0-699999"})
    rest = http.get(path, headers={"range": "bytes=700000-"})
    tail = http.get(path, headers={"range": "bytes=-5"})

    assert whole.headers["accept-ranges"] == "bytes" and whole.headers["content-length"] == "1000000"
    assert (first.status_code, first.headers["content-range"]) == (206, "bytes 0-699999/1000000")
    assert first.content + rest.content == whole.content
    assert tail.content == whole.content[-5:]


def test_a_range_beyond_the_end_is_refused(http: httpx.Client, simulator: SimulatorHandle) -> None:
    response = http.get(finished(http, simulator, "a cat"), headers={"range": "bytes=99999999-"})

    assert response.status_code == 416 and response.headers["content-range"].startswith("bytes */")


def test_a_padded_clip_is_as_long_as_asked_and_the_same_each_time(
    http: httpx.Client, simulator: SimulatorHandle
) -> None:
    path = finished(http, simulator, "a cat [sim:bytes=30000000]")
    sums = []
    for _ in range(2):
        digest, length = hashlib.sha256(), 0
        with http.stream("GET", path) as response:
            for chunk in response.iter_raw():
                digest.update(chunk)
                length += len(chunk)
        sums.append((length, digest.hexdigest()))

    assert sums[0] == sums[1] and sums[0][0] == 30_000_000


def test_a_transfer_can_break_in_mid_body(http: httpx.Client, simulator: SimulatorHandle) -> None:
    path = finished(http, simulator, "a cat [sim:content=cut,at=0.3,times=1] [sim:bytes=900000]")

    with pytest.raises(httpx.RemoteProtocolError, match="incomplete|without sending complete"):
        http.get(path)

    assert len(http.get(path).content) == 900_000


def test_a_truncated_file_has_a_length_that_agrees(http: httpx.Client, simulator: SimulatorHandle) -> None:
    path = finished(http, simulator, "a cat [sim:content=truncated,at=0.5,times=1] [sim:bytes=600000]")

    short, whole = http.get(path), http.get(path)

    assert short.status_code == 200 and len(short.content) == int(short.headers["content-length"]) == 300_000
    assert whole.content.startswith(short.content)


@pytest.mark.parametrize(
    ("of", "start"), [("html", b"<!doctype"), ("png", b"\x89PNG"), ("random", b"\0\1"), ("empty", b"")]
)
def test_something_else_can_come_instead_of_the_video(
    http: httpx.Client, simulator: SimulatorHandle, of: str, start: bytes
) -> None:
    response = http.get(finished(http, simulator, f"a cat [sim:content=wrong-content,of={of}]"))

    assert response.status_code == 200
    assert response.content.startswith(start) and b"ftyp" not in response.content


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500])
def test_a_download_can_be_refused(http: httpx.Client, simulator: SimulatorHandle, status: int) -> None:
    path = finished(http, simulator, f"a cat [sim:content={status},times=1]")

    assert [http.get(path).status_code for _ in range(2)] == [status, 200]


def test_a_redirect_leads_to_the_second_port_and_keys_that_come_along_are_noted(
    http: httpx.Client, simulator: SimulatorHandle
) -> None:
    redirect = http.get(finished(http, simulator, "a cat [sim:content=redirect]"))
    target = redirect.headers["location"]
    assert redirect.status_code == 302 and urlsplit(target).port != urlsplit(simulator.url).port

    with httpx.Client(trust_env=False) as clean:
        assert clean.get(target).content[4:8] == b"ftyp"
    assert simulator.books()["credential_leaks"] == {}

    http.get(target)
    assert simulator.books()["credential_leaks"] == {"authorization": 1, "x-goog-api-key": 1}


def test_a_redirect_can_lead_anywhere(http: httpx.Client, simulator: SimulatorHandle) -> None:
    target = "http://169.254.169.254/latest/meta-data"

    response = http.get(finished(http, simulator, f"a cat [sim:content=redirect,to={target}]"))

    assert response.headers["location"] == target


def test_a_slow_transfer_drips(http: httpx.Client, simulator: SimulatorHandle) -> None:
    path = finished(http, simulator, "a cat [sim:content=drip,bytes_per_s=40000] [sim:bytes=20000]")

    response = http.get(path)

    assert len(response.content) == 20_000
    assert response.elapsed.total_seconds() >= 0.3


def test_objects_appear_under_their_prefix_once_the_video_is_done(
    http: httpx.Client, simulator: SimulatorHandle
) -> None:
    parameters = {"storageUri": "gs://films/reelwork/job-1/", "durationSeconds": 4, "sampleCount": 2}
    body = {"instances": [{"prompt": "a cat"}], "parameters": parameters}
    http.post(VEO_PATH + ":predictLongRunning", json=body).raise_for_status()
    listing = "/storage/v1/b/films/o"
    assert http.get(listing, params={"prefix": "reelwork/job-1/"}).json() == {"kind": "storage#objects"}
    simulator.advance(101)

    first = http.get(listing, params={"prefix": "reelwork/job-1/", "maxResults": "1"}).json()
    second = http.get(listing, params={"prefix": "reelwork/", "pageToken": first["nextPageToken"]}).json()
    names = [item["name"] for page in (first, second) for item in page["items"]]

    assert [name.rpartition("/")[2] for name in names] == ["sample_0.mp4", "sample_1.mp4"]
    assert all(name.startswith("reelwork/job-1/") for name in names)
    assert http.get(listing, params={"prefix": "reelwork/job-2/"}).json() == {"kind": "storage#objects"}


def test_an_object_is_read_described_and_deleted(http: httpx.Client, simulator: SimulatorHandle) -> None:
    body = {"instances": [{"prompt": "a cat"}], "parameters": {"storageUri": "gs://films/out"}}
    http.post(VEO_PATH + ":predictLongRunning", json=body).raise_for_status()
    simulator.advance(101)
    name = http.get("/storage/v1/b/films/o").json()["items"][0]["name"]
    path = f"/storage/v1/b/films/o/{quote(name, safe='')}"

    described = http.get(path).json()
    data = http.get(path, params={"alt": "media"})

    assert described["size"] == str(len(data.content)) and data.content[4:8] == b"ftyp"
    assert http.get("/download" + path, params={"alt": "media"}).content == data.content
    assert http.delete(path).status_code == 204
    assert http.get(path).status_code == 404


def test_finished_objects_outlive_a_restart(http: httpx.Client, simulator: SimulatorHandle) -> None:
    body = {"instances": [{"prompt": "a cat"}], "parameters": {"storageUri": "gs://films/out"}}
    http.post(VEO_PATH + ":predictLongRunning", json=body).raise_for_status()
    simulator.advance(101)
    http.post(VEO_PATH + ":predictLongRunning", json=body).raise_for_status()

    simulator.forget()
    simulator.advance(101)

    assert len(http.get("/storage/v1/b/films/o").json()["items"]) == 1
