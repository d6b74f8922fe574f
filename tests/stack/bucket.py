"""A real S3 server in a thread that refuses what a test tells it to."""

import io
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

import boto3
from werkzeug.serving import make_server

NAME = "films"
_SERVER_SAYS = "<Error><Code>{code}</Code><Message>no</Message></Error>"


@dataclass
class Bucket:
    """One bucket. While `refuses` is set, requests for which it answers a status and a code get that and do nothing."""

    app: WSGIApplication
    endpoint: str = ""
    refuses: Callable[[str, str], tuple[str, str] | None] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        asked = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
        refusal = self.refuses(environ["REQUEST_METHOD"], asked) if self.refuses else None
        if refusal is None:
            with self._lock:
                return self.app(environ, start)
        body: io.BufferedIOBase = environ["wsgi.input"]
        body.read(int(environ.get("CONTENT_LENGTH") or 0))
        start(refusal[0], [("content-type", "application/xml")])
        return [_SERVER_SAYS.format(code=refusal[1]).encode()]

    @property
    def settings(self) -> dict[str, str]:
        """What a process needs to store there."""
        return {
            "STORAGE_URL": f"s3://{NAME}/made",
            "S3_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test-id",
            "AWS_SECRET_ACCESS_KEY": "test-secret",
        }

    def names(self, prefix: str) -> list[str]:
        """What lies in the bucket under a prefix."""
        listed = self._client().list_objects_v2(Bucket=NAME, Prefix=prefix)
        return sorted(found["Key"] for found in listed.get("Contents", []))

    def unfinished(self) -> list[str]:
        """The uploads that are neither completed nor aborted."""
        return [found["Key"] for found in self._client().list_multipart_uploads(Bucket=NAME).get("Uploads", [])]

    def _client(self) -> Any:
        keys = {"aws_access_key_id": "test-id", "aws_secret_access_key": "test-secret"}
        return boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1", **keys)


@contextmanager
def s3_bucket() -> Iterator[Bucket]:
    """An empty bucket on a server of its own."""
    from moto.server import DomainDispatcherApplication, create_backend_app

    bucket = Bucket(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, bucket, threaded=True)
    bucket.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        bucket._client().create_bucket(Bucket=NAME)
        yield bucket
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
