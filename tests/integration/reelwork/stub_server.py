"""A server that speaks the API's shapes from memory, and that loses answers and cuts bodies when told to."""

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "the-right-key"
CONTENT = bytes(range(256)) * 4096
BLANK: dict[str, Any] = {
    "sceneId": None, "requestedModel": None, "stage": None, "progress": None, "providerJobId": None, "videoUrl": None,
    "thumbnailUrl": None, "errorCode": None, "errorMessage": None, "costUsd": None, "costEstimateUsd": None,
    "startedAt": None, "completedAt": None, "elapsedTime": None,
}  # fmt: skip
MODELS = [
    {"kind": "openai_videos", "provider": "sora", "model": "sora-2", "aliases": [], "callable": False,
     "reason": "retired on 2026-09-24", "pricePerSecondUsd": 0.1, "retiredAt": "2026-09-24"},
    {"kind": "google_omni", "provider": "omni", "model": "gemini-omni-1.2-flash", "aliases": ["omni"],
     "callable": True, "reason": None, "pricePerSecondUsd": 0.1, "seconds": [4, 8]},
    {"kind": "vertex_veo", "provider": "veo", "model": "veo-3.1", "aliases": [], "callable": True, "reason": None,
     "pricePerSecondUsd": {"720p": 0.4, "4k": 0.6}, "resolutions": ["720p", "4k"]},
]  # fmt: skip

Answer = tuple[int, Any]


@dataclass
class Call:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass
class Stub:
    """`looks` are the states that a new video shows, one each time it is looked at; the last one stays."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    videos: dict[str, dict[str, Any]] = field(default_factory=dict)
    looks: list[dict[str, Any]] = field(default_factory=lambda: [{"status": "completed"}])
    fixed: dict[tuple[str, str], Answer] = field(default_factory=dict)
    """Answers given instead of the stub's own, by method and path."""
    lost: deque[tuple[str, str]] = field(default_factory=deque)
    """Requests that are carried out and then hung up on, by method and path, each once."""
    cut_after: deque[int] = field(default_factory=deque)
    """Downloads that end after so many bytes, one after the other."""
    content: bytes = CONTENT

    def calls_to(self, method: str, path: str) -> list[Call]:
        return [call for call in self.calls if (call.method, call.path) == (method, path)]

    def add(self, body: dict[str, Any], storyboard_id: str) -> dict[str, Any]:
        job_id = body["jobId"]
        video = {**BLANK, "jobId": job_id, "status": "queued", "stage": "queued", "attemptsMade": 0,
                 "storyboardId": storyboard_id, "sceneId": body.get("sceneId"), "provider": body["provider"],
                 "model": body.get("model"), "prompt": body.get("prompt") or body.get("scene"),
                 "createdAt": "2026-11-23T12:00:00Z", "simulated": False, "looks": deque(self.looks)}  # fmt: skip
        self.videos.setdefault(job_id, video)
        return {"jobId": job_id, "status": "queued", "statusUrl": f"/api/video/{job_id}", "prompt": video["prompt"],
                "costEstimateUsd": 0.4, "provider": body["provider"], "model": body.get("model"),
                "requestedModel": body.get("model"), "adjusted": None}  # fmt: skip

    def look_at(self, job_id: str) -> dict[str, Any]:
        video = self.videos[job_id]
        looks = video["looks"]
        video.update(looks.popleft() if len(looks) > 1 else looks[0] if looks else {})
        if video["status"] == "completed":
            video.update(videoUrl=f"{self.url}/files/{job_id}.mp4", stage="completed", elapsedTime=4.2, costUsd=0.4)
        return {name: value for name, value in video.items() if name != "looks"}

    def answer(self, call: Call) -> Answer:
        if fixed := self.fixed.get((call.method, call.path)):
            return fixed
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return problem(401, "unauthorized", "A key is needed")
        place = call.path.strip("/").split("/")[1:]
        return self.create(call, place) if call.method == "POST" else self.show(place)

    def create(self, call: Call, place: list[str]) -> Answer:
        match place:
            case ["video", "generate"]:
                return 202, self.add(call.body, call.body["storyboardId"])
            case ["storyboards", board, "generate"]:
                bodies = [{**call.body["defaults"], **scene} for scene in call.body["scenes"]]
                return 202, {"storyboardId": board, "jobs": [self.add(body, board) for body in bodies]}
        return problem(404, "not_found", "There is no such thing")

    def show(self, place: list[str]) -> Answer:
        match place:
            case ["storyboards", board]:
                mine = [job_id for job_id, video in self.videos.items() if video["storyboardId"] == board]
                return 200, {"storyboardId": board, "jobs": [self.look_at(job_id) for job_id in mine], "counts": {}}
            case ["video", job_id] if job_id in self.videos:
                return 200, self.look_at(job_id)
            case ["jobs"]:
                return 200, {"jobs": [self.look_at(job_id) for job_id in self.videos], "nextCursor": None}
            case ["models"]:
                return 200, {"models": MODELS}
        return problem(404, "not_found", "There is no such thing")


def problem(status: int, code: str, detail: str, **more: Any) -> Answer:
    """A refusal in the API's own form."""
    members = {"type": f"urn:reelwork:problem:{code}", "title": code, "status": status, "detail": detail}
    return status, {**members, "code": code, "error": detail, **more}


@contextmanager
def serve(stub: Stub) -> Iterator[Stub]:
    """The stub on a free port of this machine."""

    class Handler(_Handler):
        server_stub = stub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_stub: Stub

    def _serve(self) -> None:
        call = self._read()
        self.server_stub.calls.append(call)
        if call.path.endswith("/content") and (call.method, call.path) not in self.server_stub.fixed:
            self._send_content(call.headers.get("range"))
            return
        status, members = self.server_stub.answer(call)
        if (call.method, call.path) in self.server_stub.lost:
            self.server_stub.lost.remove((call.method, call.path))
            self.close_connection = True
            return
        self._send(status, members)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve

    def _read(self) -> Call:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Call(self.command, parts.path, dict(parse_qsl(parts.query)), json.loads(raw) if raw else None, headers)

    def _send(self, status: int, members: Any) -> None:
        body = json.dumps(members).encode()
        self.send_response(status)
        is_problem = isinstance(members, dict) and "type" in members
        self.send_header("Content-Type", "application/problem+json" if is_problem else "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status in (429, 503) and is_problem:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(body)

    def _send_content(self, wanted: str | None) -> None:
        content = self.server_stub.content
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("ETag", '"the-one"')
        self.send_header("Content-Length", str(len(content) - start))
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        cuts = self.server_stub.cut_after
        end = min(len(content), start + cuts.popleft()) if cuts else len(content)
        self.wfile.write(content[start:end])
        self.close_connection = end < len(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass
