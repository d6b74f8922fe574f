"""Gemini Omni by the Interactions API, in background mode; its videos lie in Google's file store for two days.

There is no listing: a submission whose answer was lost is known again only by its label, which comes back in a webhook.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal
from urllib.parse import quote, urlsplit

from providers import kinds
from providers.addresses import origin_of
from providers.answers import Answer, as_text
from providers.base import Abilities, Accepted, Account, Download, Guard, ListPage, RemoteVideo, VideoRequest
from providers.catalogue import Catalogue
from providers.errors import CredentialRefused, Gone, OutcomeUnknown, ProviderError, Rejected, TryLater
from providers.http import Request, Wire
from providers.inline import ask_trimmed, open_inline
from providers.omni_wire import holds_the_video, interaction_of, video_of
from providers.transfer import Source, open_source
from providers.verdicts import question_refused, submission_refused

DOWNLOAD = ":download"
UNKNOWN_NAME = "invalid interaction name"
UNKNOWN_FILE = "may not exist"
FILE_WAIT_S = 5.0


class GoogleOmni:
    """The adapter of the kind `google_omni`. A provider id is an interaction's id."""

    kind = kinds.GOOGLE_OMNI

    def __init__(self, wire: Wire, catalogue: Catalogue) -> None:
        self._wire = wire
        self._rules = catalogue.rules(self.kind)

    def abilities(self, account: Account) -> Abilities:
        """It cancels, and labels come back in webhooks."""
        return Abilities(
            can_cancel=True,
            labels_come_back=True,
            failed_is_free=self._rules.failed_is_free,
            listing_delay_s=self._rules.listing_delay_seconds,
        )

    async def submit(self, account: Account, request: VideoRequest, guard: Guard) -> Accepted:
        """In the background, so that the answer comes at once and not after the whole generation."""
        body = Request("POST", _url(account, "interactions"), _headers(account), json=interaction_of(request))
        answer = await self._wire.submit(account.base_url, body, guard)
        if not answer.is_success:
            raise submission_refused(answer, account.secret, busy=self._rules.busy_status)
        video = video_of(answer.table(), account.secret)
        if video is None:
            raise OutcomeUnknown("unreadable_answer", "The answer has no id.", answer.status, answered=True)
        return Accepted(video.provider_id, video)

    async def poll(self, account: Account, provider_id: str, model: str) -> RemoteVideo:
        """The interaction without its echo of what was uploaded.

        One that says `completed` and shows no output is reported as running, with the raw status
        `completed_without_output`: the output may follow, and how long to wait for it is the caller's choice.
        """
        trimmed = await ask_trimmed(self._wire, account.base_url, _get(account, provider_id))
        if not trimmed.answer.is_success:
            raise _refused(trimmed.answer, account)
        video = video_of(trimmed.table, account.secret)
        if video is None:
            raise TryLater("unreadable_answer", "The answer is no interaction.", whole_lane=False)
        return video

    async def list_recent(self, account: Account, cursor: str | None = None, limit: int = 100) -> ListPage:
        """Never: interactions cannot be listed."""
        raise Rejected("cannot_list", "The Interactions API has no listing.")

    async def find_output(self, account: Account, prefix: str) -> None:
        """Nothing: results lie in Google's own store."""

    @asynccontextmanager
    async def download(
        self, account: Account, video: RemoteVideo, variant: Literal["video", "thumbnail"] = "video"
    ) -> AsyncIterator[Download]:
        """The file once it is ready, TryLater `file_processing` before; or the base64 in the interaction itself."""
        result = video.result
        if variant == "thumbnail" or result is None or not (result.inline or result.urls):
            raise Gone("asset_expired", "The interaction shows no such result.")
        async with AsyncExitStack() as stack:
            if result.inline:
                request = _get(account, video.provider_id)
                opened = open_inline(self._wire, account.base_url, request, holds_the_video, account.secret)
            else:
                url = result.urls[0]
                await self._until_ready(account, url)
                source = Source(_download_url(url), account.base_url, _headers(account))
                opened = open_source(self._wire, source, account.secret)
            yield await stack.enter_async_context(opened)

    async def cancel(self, account: Account, provider_id: str) -> bool:
        """True where it was stopped; False where it had ended already."""
        url = f"{_interaction_url(account, provider_id)}/cancel"
        answer = await self._wire.ask(account.base_url, Request("POST", url, _headers(account), json={}))
        if answer.is_success:
            return True
        error = _refused(answer, account)
        if answer.status == 400 and not isinstance(error, CredentialRefused):
            return False
        raise error

    async def delete(self, account: Account, video: RemoteVideo) -> None:
        """Remove the interaction, which holds the prompt and uploads for weeks, and its file."""
        urls = [_interaction_url(account, video.provider_id)]
        urls += [url for url in (video.result.urls if video.result else ()) if _is_file(account, url)]
        for url in urls:
            answer = await self._wire.ask(account.base_url, Request("DELETE", _metadata_url(url), _headers(account)))
            error = None if answer.is_success else _refused(answer, account)
            if error is not None and not isinstance(error, Gone):
                raise error

    async def check(self, account: Account) -> None:
        """Asks for an interaction that does not exist: a good key hears just that, which costs nothing."""
        answer = await self._wire.ask(account.base_url, _get(account, "v1_reelwork_check"))
        error = None if answer.is_success else _refused(answer, account)
        if isinstance(error, CredentialRefused) or (isinstance(error, TryLater) and error.whole_lane):
            raise error

    async def close(self) -> None:
        """Nothing of its own is open."""

    async def _until_ready(self, account: Account, url: str) -> None:
        """A file may still be in the making when its interaction is completed."""
        if not _is_file(account, url):
            return
        answer = await self._wire.ask(account.base_url, Request("GET", _metadata_url(url), _headers(account)))
        if not answer.is_success:
            error = _refused(answer, account)
            raise Gone("asset_expired", error.message, answer.status) if isinstance(error, Gone) else error
        state = (as_text(answer.table().get("state")) or "").upper()
        if state == "PROCESSING":
            raise TryLater("file_processing", "The file is not ready yet.", None, FILE_WAIT_S, whole_lane=False)
        if state == "FAILED":
            raise Gone("asset_expired", "The provider could not make the file.")


def _refused(answer: Answer, account: Account) -> ProviderError:
    """Unknown ids are answered with 400, unknown files with 403; the rest means what it says."""
    error = question_refused(answer, account.secret)
    message = error.message.lower()
    if answer.status == 400 and UNKNOWN_NAME in message:
        return Gone("gone", error.message, answer.status)
    if answer.status == 403 and UNKNOWN_FILE in message:
        return Gone("asset_expired", error.message, answer.status)
    return error


def _url(account: Account, path: str) -> str:
    return f"{account.base_url.rstrip('/')}/v1/{path}"


def _interaction_url(account: Account, provider_id: str) -> str:
    return _url(account, f"interactions/{quote(provider_id, safe='')}")


def _get(account: Account, provider_id: str) -> Request:
    return Request("GET", _interaction_url(account, provider_id), _headers(account), {"stream": "false"})


def _headers(account: Account) -> dict[str, str]:
    return {"x-goog-api-key": account.secret}


def _is_file(account: Account, url: str) -> bool:
    """Whether a result lies in the file store of the account's own host."""
    try:
        return origin_of(url) == origin_of(account.base_url) and "/files/" in urlsplit(url).path
    except ValueError:
        return False


def _metadata_url(url: str) -> str:
    return url.partition("?")[0].removesuffix(DOWNLOAD)


def _download_url(url: str) -> str:
    if "alt=media" in urlsplit(url).query or not urlsplit(url).path:
        return url
    path, _, query = url.partition("?")
    path = path if path.endswith(DOWNLOAD) or "/files/" not in path else path + DOWNLOAD
    return f"{path}?{query}&alt=media" if query else f"{path}?alt=media"
