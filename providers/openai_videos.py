"""Any server that speaks OpenAI's `/v1/videos`: gateways, resellers, and model servers of one's own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Literal

from providers import kinds
from providers.answers import Answer, as_list, as_table, as_text, http_date
from providers.base import Abilities, Accepted, Account, Download, Guard, ListPage, RemoteVideo, VideoRequest
from providers.catalogue import Catalogue
from providers.errors import CredentialRefused, Gone, OutcomeUnknown, ProviderError, Rejected, TryLater
from providers.http import Request, Wire
from providers.openai_wire import content_url, failed_video, files_of, form_of, video_of, video_url
from providers.transfer import Source, open_source
from providers.verdicts import question_refused, submission_refused

CANNOT = frozenset({404, 405, 501})
NOT_UNDERSTOOD = frozenset({400, 422})
MOST_LISTED = 100


class OpenAIVideos:
    """The adapter of the kind `openai_videos`; what differs from server to server is in the catalogue's rules."""

    kind = kinds.OPENAI_VIDEOS

    def __init__(self, wire: Wire, catalogue: Catalogue) -> None:
        self._wire = wire
        self._catalogue = catalogue

    def abilities(self, account: Account) -> Abilities:
        """It lists; whether it stops a running video, and what a failure costs, the catalogue says."""
        rules = self._catalogue.rules(self.kind, account.server)
        return Abilities(
            can_list=True,
            can_cancel=rules.cancels_by_delete,
            failed_is_free=rules.failed_is_free,
            free_on_loss=rules.free_on_loss,
            listing_delay_s=rules.listing_delay_seconds,
        )

    async def submit(self, account: Account, request: VideoRequest, guard: Guard) -> Accepted:
        """Always a multipart form, which every server of the dialect reads."""
        headers = {**_headers(account), "x-client-request-id": request.label}
        form = Request("POST", _url(account, "videos"), headers, fields=form_of(request), files=files_of(request))
        answer = await self._wire.submit(account.base_url, form, guard)
        if not answer.is_success:
            busy = self._catalogue.rules(self.kind, account.server).busy_status
            raise submission_refused(answer, account.secret, busy=busy)
        video = video_of(answer.table(), account.base_url, account.secret)
        if video is None:
            raise OutcomeUnknown("unreadable_answer", "The answer names no video.", answer.status, answered=True)
        return Accepted(video.provider_id, video)

    async def poll(self, account: Account, provider_id: str, model: str) -> RemoteVideo:
        """One video; a failed one may come as the body of an error answer, and is then no error.

        It keeps the id it was asked by: gateways answer with another one for the same video.
        """
        answer = await self._ask(account, "GET", video_url(account.base_url, provider_id))
        if not answer.is_success:
            failed = failed_video(answer, account.base_url, provider_id, account.secret)
            if failed is None:
                raise question_refused(answer, account.secret)
            return failed
        video = video_of(answer.table() | {"id": provider_id}, account.base_url, account.secret)
        if video is None or not video.raw_status:
            raise TryLater("unreadable_answer", "The answer is no video.", answer.status, whole_lane=False)
        return replace(video, poll_after_s=_poll_after_s(answer))

    async def list_recent(self, account: Account, cursor: str | None = None, limit: int = MOST_LISTED) -> ListPage:
        """One page, newest first; Rejected `cannot_list` by servers that have no listing."""
        query = {"limit": str(min(limit, MOST_LISTED)), "order": "desc"} | ({"after": cursor} if cursor else {})
        answer = await self._ask(account, "GET", _url(account, "videos"), query)
        if answer.status in CANNOT or (answer.status in NOT_UNDERSTOOD and cursor is None):
            raise Rejected("cannot_list", "The server has no listing of its videos.", answer.status)
        page = answer.table()
        if not answer.is_success or "data" not in page:
            raise question_refused(answer, account.secret)
        entries = (video_of(as_table(entry), account.base_url, account.secret) for entry in as_list(page["data"]))
        videos = [video for video in entries if video is not None]
        last = as_text(page.get("last_id")) or (videos[-1].provider_id if videos else None)
        # A server that does not say whether there is more has more until a page comes empty.
        ends = not page.get("has_more", bool(videos))
        return ListPage(videos, None if ends else last, http_date(answer.headers.get("date")))

    async def find_output(self, account: Account, prefix: str) -> None:
        """Nothing: results of this dialect lie with the server."""

    @asynccontextmanager
    async def download(
        self, account: Account, video: RemoteVideo, variant: Literal["video", "thumbnail"] = "video"
    ) -> AsyncIterator[Download]:
        """The result from the server itself, else from where its answer says that it put it."""
        async with AsyncExitStack() as stack:
            yield await self._first_open(account, _urls(account, video, variant), stack)

    async def cancel(self, account: Account, provider_id: str) -> bool:
        """True where the catalogue says that DELETE stops a running video, and the server did it."""
        if not self._catalogue.rules(self.kind, account.server).cancels_by_delete:
            return False
        answer = await self._ask(account, "DELETE", video_url(account.base_url, provider_id))
        return answer.is_success

    async def delete(self, account: Account, video: RemoteVideo) -> None:
        """Remove the server's copy; one that is gone already, or cannot be removed, is no error."""
        answer = await self._ask(account, "DELETE", video_url(account.base_url, video.provider_id))
        if not answer.is_success and answer.status not in CANNOT and answer.status != 410:
            raise question_refused(answer, account.secret)

    async def check(self, account: Account) -> None:
        """Lists the models, which costs nothing; a server without that listing proves nothing and passes."""
        answer = await self._ask(account, "GET", _url(account, "models"))
        error = None if answer.is_success else question_refused(answer, account.secret)
        if isinstance(error, CredentialRefused | TryLater):
            raise error

    async def close(self) -> None:
        """Nothing of its own is open."""

    async def _ask(self, account: Account, method: str, url: str, query: dict[str, str] | None = None) -> Answer:
        return await self._wire.ask(account.base_url, Request(method, url, _headers(account), query or {}))

    async def _first_open(self, account: Account, urls: tuple[str, ...], stack: AsyncExitStack) -> Download:
        failure: ProviderError = Gone("asset_expired", "The provider names no place of the result.")
        for url in urls:
            source = Source(url, account.base_url, _headers(account))
            try:
                return await stack.enter_async_context(open_source(self._wire, source, account.secret))
            except (Gone, TryLater) as error:
                failure = error
        raise failure


def _urls(account: Account, video: RemoteVideo, variant: str) -> tuple[str, ...]:
    result = video.result
    if variant == "thumbnail":
        return result.thumbnail_urls if result else (content_url(account.base_url, video.provider_id, "thumbnail"),)
    return (result.urls if result else ()) or (content_url(account.base_url, video.provider_id),)


def _url(account: Account, path: str) -> str:
    return f"{account.base_url.rstrip('/')}/{path}"


def _headers(account: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {account.secret}"} if account.secret else {}


def _poll_after_s(answer: Answer) -> float | None:
    millis = answer.headers.get("openai-poll-after-ms", "")
    return int(millis) / 1000 if millis.isdecimal() else None
