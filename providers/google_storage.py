"""Objects of Cloud Storage by its JSON API: find under a prefix, stream, remove."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from providers.addresses import origin_of
from providers.answers import as_list, as_table, as_text
from providers.errors import Gone
from providers.http import Request, Wire
from providers.transfer import Source
from providers.verdicts import question_refused

OWN_HOST = "https://storage.googleapis.com"
GOOGLE = ".googleapis.com"


@dataclass(frozen=True, slots=True)
class Bucket:
    """One caller's way to objects. `headers` carry its token; `secrets` are kept out of all texts."""

    wire: Wire
    base_url: str
    headers: Mapping[str, str]
    secrets: tuple[str, ...] = ()

    async def videos_under(self, prefix_uri: str) -> tuple[str, ...]:
        """The `gs://` addresses of the videos under a prefix; those that are written completely, for others are not
        shown there."""
        bucket, prefix = split_uri(prefix_uri)
        url = f"{self.base_url}/storage/v1/b/{quote(bucket, safe='')}/o"
        query = {"prefix": prefix, "fields": "items(name,contentType)", "maxResults": "50"}
        answer = await self.wire.ask(self.base_url, Request("GET", url, self.headers, query))
        if not answer.is_success:
            raise question_refused(answer, *self.secrets)
        items = [as_table(item) for item in as_list(answer.table().get("items"))]
        names = [as_text(item.get("name")) for item in items if _is_video(item)]
        return tuple(f"gs://{bucket}/{name}" for name in names if name)

    def source(self, uri: str) -> Source:
        """Where an object is streamed from."""
        bucket, name = split_uri(uri)
        path = f"/download/storage/v1/b/{quote(bucket, safe='')}/o/{quote(name, safe='')}?alt=media"
        return Source(self.base_url + path, self.base_url, self.headers)

    async def remove(self, uri: str) -> None:
        """Delete an object; one that is gone is no error."""
        bucket, name = split_uri(uri)
        url = f"{self.base_url}/storage/v1/b/{quote(bucket, safe='')}/o/{quote(name, safe='')}"
        answer = await self.wire.ask(self.base_url, Request("DELETE", url, self.headers))
        if not answer.is_success and answer.status not in (404, 410):
            raise question_refused(answer, *self.secrets)


def storage_url(base_url: str) -> str:
    """Where the objects written by a service at this base URL lie: Google's own host, or the same stand-in's."""
    host, _ = origin_of(base_url)
    return OWN_HOST if host.endswith(GOOGLE) else base_url.rstrip("/")


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and name of a `gs://` address; Gone where it is none."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if not uri.startswith("gs://") or not bucket:
        raise Gone("asset_expired", "The result lies at no address of Cloud Storage.")
    return bucket, name


def _is_video(item: Mapping[str, object]) -> bool:
    kind, name = as_text(item.get("contentType")) or "", as_text(item.get("name")) or ""
    return kind.startswith("video/") or name.endswith(".mp4")
