"""The one protocol every provider kind speaks, and the plain values that cross it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

Guard = Callable[[], Awaitable[None]]
"""Awaited in the transport just before the first byte of a submission leaves; raises NotSent to stop it."""


WITHOUT_OUTPUT = "completed_without_output"
"""The raw status of a video that says `completed` and shows no output yet, which may follow minutes later."""


class InputRole(StrEnum):
    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    REFERENCE = "reference"


class RemoteStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Account:
    """Who calls whom: one provider account. `secret` is the plain key (or service-account JSON) and is never shown."""

    kind: str
    base_url: str
    secret: str = field(repr=False)
    server: str | None = None
    project: str | None = None
    location: str | None = None
    output_uri: str | None = None


@dataclass(frozen=True, slots=True)
class MediaInput:
    role: InputRole
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """One submission, as frozen in the row. `seconds` is the length asked for; None leaves it to the provider.

    `label` is unique to the submission ([a-z0-9-], at most 63 characters) and travels to providers that carry labels;
    `output_prefix` is this submission's own folder under the account's output_uri, ending in `/`.
    """

    model: str
    prompt: str
    label: str
    job_id: str
    negative_prompt: str | None = None
    seconds: float | None = None
    size: str | None = None
    resolution: str | None = None
    aspect_ratio: str | None = None
    fps: int | None = None
    audio: bool | None = None
    seed: int | None = None
    inputs: tuple[MediaInput, ...] = ()
    output_prefix: str | None = None
    callback_url: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteResult:
    """Where a finished video lies. `urls` are tried in order; `expires_at` is when the provider drops its copy.

    `inline` says that the bytes only come inside the poll's own answer (Vertex without an output bucket).
    """

    urls: tuple[str, ...] = ()
    thumbnail_urls: tuple[str, ...] = ()
    expires_at: datetime | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class RemoteVideo:
    """One video as the provider shows it now.

    `progress` is the provider's own figure in percent, None where it gives none. `error` is set with FAILED. `charged`
    is False where the provider says that the failure cost nothing, None where it says nothing. `poll_after_s` is its
    wish for the next poll in seconds. `created_at` is on the provider's clock. `prompt`, `model`, `seconds`, `size`
    are what a listing echoes, None where it hides them. `raw_status` is the provider's own word.
    """

    provider_id: str
    status: RemoteStatus
    raw_status: str
    progress: int | None = None
    result: RemoteResult | None = None
    error_code: str | None = None
    error_message: str | None = None
    moderated: bool = False
    charged: bool | None = None
    poll_after_s: float | None = None
    created_at: datetime | None = None
    model: str | None = None
    prompt: str | None = None
    seconds: str | None = None
    size: str | None = None

    @property
    def is_without_output(self) -> bool:
        """Completed by its own word, with its result still to come; its `status` is RUNNING."""
        return self.raw_status == WITHOUT_OUTPUT


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission the provider has named. `video` is what its answer already told of it."""

    provider_id: str
    video: RemoteVideo | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the account's videos, newest first. `cursor` asks for the next one, None ends.

    `server_time` is the provider's own clock (its Date header), None where it sent none.
    """

    videos: Sequence[RemoteVideo]
    cursor: str | None
    server_time: datetime | None


@dataclass(frozen=True, slots=True)
class Download:
    """An open transfer of a result. `length` in bytes, None where the provider did not say."""

    content_type: str | None
    length: int | None
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the worker may rely on for a kind (or one server of it)."""

    can_list: bool = False
    can_cancel: bool = False
    watches_prefix: bool = False
    labels_come_back: bool = False
    failed_is_free: bool = False
    free_on_loss: bool = False
    listing_delay_s: float = 30.0


class Provider(Protocol):
    """One kind. Every method raises only `providers.errors` classes (and CancelledError)."""

    kind: str

    def abilities(self, account: Account) -> Abilities: ...

    async def submit(self, account: Account, request: VideoRequest, guard: Guard) -> Accepted:
        """Send the paid request exactly once, on a fresh connection, without any automatic retry."""
        ...

    async def poll(self, account: Account, provider_id: str, model: str) -> RemoteVideo:
        """Ask for one video. Raises Gone where the provider does not know it, TryLater for every passing trouble."""
        ...

    async def list_recent(self, account: Account, cursor: str | None = None, limit: int = 100) -> ListPage:
        """One page of the account's videos, newest first; only where abilities().can_list."""
        ...

    async def find_output(self, account: Account, prefix: str) -> RemoteResult | None:
        """Look for a finished object under our own prefix; only where abilities().watches_prefix."""
        ...

    def download(
        self, account: Account, video: RemoteVideo, variant: Literal["video", "thumbnail"] = "video"
    ) -> AbstractAsyncContextManager[Download]:
        """Stream the result (or the provider's own thumbnail). Gone where it expired, TryLater to ask again."""
        ...

    async def cancel(self, account: Account, provider_id: str) -> bool:
        """Stop a running video. True: the provider confirmed; False: it cannot stop what is already paid for."""
        ...

    async def delete(self, account: Account, video: RemoteVideo) -> None:
        """Remove the provider's copy after ours is checked; a kind that cannot does nothing."""
        ...

    async def check(self, account: Account) -> None:
        """A free call that proves the key works; raises CredentialRefused where it does not."""
        ...

    async def close(self) -> None: ...
