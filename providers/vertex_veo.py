"""Veo on Vertex AI: results in a bucket of one's own or inside the operation's answer, found again by their prefix."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal

from providers import kinds
from providers.answers import as_text
from providers.base import (
    Abilities,
    Accepted,
    Account,
    Download,
    Guard,
    ListPage,
    RemoteResult,
    RemoteStatus,
    RemoteVideo,
    VideoRequest,
)
from providers.catalogue import Catalogue
from providers.errors import CredentialRefused, Gone, OutcomeUnknown, Rejected, TryLater
from providers.google_storage import Bucket, storage_url
from providers.google_token import GoogleTokens, project_of
from providers.http import Request, Wire
from providers.inline import ask_trimmed, open_inline
from providers.transfer import open_source
from providers.verdicts import question_refused, submission_refused
from providers.vertex_wire import holds_the_video, operation_of, prediction_of

USUAL_LOCATION = "us-central1"
OPERATIONS = "/operations/"


class VertexVeo:
    """The adapter of the kind `vertex_veo`. A provider id is an operation's full name."""

    kind = kinds.VERTEX_VEO

    def __init__(self, wire: Wire, catalogue: Catalogue) -> None:
        self._wire = wire
        self._rules = catalogue.rules(self.kind)
        self._tokens = GoogleTokens(wire.trusted)

    def abilities(self, account: Account) -> Abilities:
        """No listing and no cancel; with an output folder, a lost submission shows itself there."""
        return Abilities(
            watches_prefix=account.output_uri is not None,
            failed_is_free=self._rules.failed_is_free,
            listing_delay_s=self._rules.listing_delay_seconds,
        )

    async def submit(self, account: Account, request: VideoRequest, guard: Guard) -> Accepted:
        """The token is fetched before the guard is asked, so that nothing stands between the two."""
        headers = await self._headers(account)
        url = f"{_base(account)}/v1/{_model_path(account, request.model)}:predictLongRunning"
        answer = await self._wire.submit(
            account.base_url, Request("POST", url, headers, json=prediction_of(request)), guard
        )
        if not answer.is_success:
            raise submission_refused(answer, *_secrets(account, headers), busy=self._rules.busy_status)
        name = as_text(answer.table().get("name"))
        if name is None or OPERATIONS not in name:
            raise OutcomeUnknown("unreadable_answer", "The answer names no operation.", answer.status, answered=True)
        return Accepted(name)

    async def poll(self, account: Account, provider_id: str, model: str) -> RemoteVideo:
        """The operation; where its answer turns out to hold the video itself, no more of it is read."""
        headers = await self._headers(account)
        request = _fetch(account, provider_id, headers)
        trimmed = await ask_trimmed(self._wire, account.base_url, request, holds_the_video)
        if not trimmed.answer.is_success:
            self._forget_if_refused(account, trimmed.answer.status)
            raise question_refused(trimmed.answer, *_secrets(account, headers))
        if trimmed.has_picked:
            return RemoteVideo(provider_id, RemoteStatus.COMPLETED, "done", result=RemoteResult(inline=True))
        if not trimmed.table:
            raise TryLater("unreadable_answer", "The answer is no operation.", whole_lane=False)
        return operation_of(trimmed.table, provider_id, *_secrets(account, headers))

    async def list_recent(self, account: Account, cursor: str | None = None, limit: int = 100) -> ListPage:
        """Never: Vertex has no usable listing of operations."""
        raise Rejected("cannot_list", "Vertex has no listing of videos.")

    async def find_output(self, account: Account, prefix: str) -> RemoteResult | None:
        """The first finished video under a submission's own folder."""
        found = await (await self._bucket(account)).videos_under(prefix)
        return RemoteResult(urls=found[:1]) if found else None

    @asynccontextmanager
    async def download(
        self, account: Account, video: RemoteVideo, variant: Literal["video", "thumbnail"] = "video"
    ) -> AsyncIterator[Download]:
        """The object in the bucket, or the base64 in the operation's answer decoded as it comes in."""
        result = video.result
        if variant == "thumbnail" or result is None or not (result.inline or result.urls):
            raise Gone("asset_expired", "The operation shows no such result.")
        async with AsyncExitStack() as stack:
            if result.inline:
                headers = await self._headers(account)
                request = _fetch(account, video.provider_id, headers)
                opened = open_inline(
                    self._wire, account.base_url, request, holds_the_video, *_secrets(account, headers)
                )
            else:
                bucket = await self._bucket(account)
                opened = open_source(self._wire, bucket.source(result.urls[0]), *bucket.secrets)
            yield await stack.enter_async_context(opened)

    async def cancel(self, account: Account, provider_id: str) -> bool:
        """False: what Vertex has begun it finishes and charges."""
        return False

    async def delete(self, account: Account, video: RemoteVideo) -> None:
        """Remove the object from the bucket; there is nothing else of ours at Google."""
        if video.result is None or not video.result.urls:
            return
        bucket = await self._bucket(account)
        for uri in video.result.urls:
            await bucket.remove(uri)

    async def check(self, account: Account) -> None:
        """Asks for an operation that does not exist: a good key hears that it is not there, which costs nothing."""
        headers = await self._headers(account)
        name = f"{_model_path(account, 'veo-3.1-generate-001')}{OPERATIONS}00000000-0000-0000-0000-000000000000"
        answer = await self._wire.ask(account.base_url, _fetch(account, name, headers))
        error = None if answer.is_success else question_refused(answer, *_secrets(account, headers))
        if isinstance(error, CredentialRefused) or (isinstance(error, TryLater) and error.whole_lane):
            raise error

    async def close(self) -> None:
        """Nothing of its own is open."""

    async def _headers(self, account: Account) -> dict[str, str]:
        self._wire.trust(account.base_url)
        return {"authorization": f"Bearer {await self._tokens.token(account.secret)}"}

    async def _bucket(self, account: Account) -> Bucket:
        headers = await self._headers(account)
        return Bucket(self._wire, storage_url(account.base_url), headers, _secrets(account, headers))

    def _forget_if_refused(self, account: Account, status: int) -> None:
        if status == 401:
            self._tokens.forget(account.secret)


def _base(account: Account) -> str:
    return account.base_url.rstrip("/")


def _model_path(account: Account, model: str) -> str:
    project = account.project or project_of(account.secret)
    if project is None:
        raise CredentialRefused("project_missing", "The account names no Google Cloud project.")
    return f"projects/{project}/locations/{account.location or USUAL_LOCATION}/publishers/google/models/{model}"


def _fetch(account: Account, name: str, headers: dict[str, str]) -> Request:
    """Operations are asked for by a POST to the model they belong to."""
    model_path = name.rpartition(OPERATIONS)[0]
    return Request(
        "POST", f"{_base(account)}/v1/{model_path}:fetchPredictOperation", headers, json={"operationName": name}
    )


def _secrets(account: Account, headers: dict[str, str]) -> tuple[str, ...]:
    return account.secret, headers["authorization"].removeprefix("Bearer ")
