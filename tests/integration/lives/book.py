"""The provider of these tests: what it accepted, what became of it, and how it shows that."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from db.work import WorkItem
from providers.base import Abilities, ListPage, RemoteResult, RemoteStatus, RemoteVideo
from providers.errors import Gone


@dataclass
class Book:
    """Lists everything at once. `videos` by id, in the order of acceptance; `sent` says whose submission each was."""

    can_cancel: bool = True
    failed_is_free: bool = True
    videos: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: dict[str, WorkItem] = field(default_factory=dict)
    kind = "openai_videos"

    def accept(self, item: WorkItem) -> str:
        """The request arrived and is paid for; whether anybody hears of it is another matter."""
        provider_id = f"video_{len(self.videos)}"
        self.videos[provider_id] = {"status": RemoteStatus.RUNNING, "created_at": datetime.now(UTC)}
        self.sent[provider_id] = item
        return provider_id

    def running(self) -> list[str]:
        return [name for name, video in self.videos.items() if video["status"] == RemoteStatus.RUNNING]

    def decide(self, provider_id: str, status: RemoteStatus, *, moderated: bool = False) -> None:
        self.videos[provider_id] |= {"status": status, "moderated": moderated}

    def grow_older(self, age: timedelta) -> None:
        for video in self.videos.values():
            video["created_at"] -= age

    def shown(self, provider_id: str) -> RemoteVideo:
        """The video as it is now."""
        if provider_id not in self.videos:
            raise Gone("not_found", "no such video")
        video, item = self.videos[provider_id], self.sent[provider_id]
        done = RemoteResult(urls=("http://127.0.0.1:1/file",)) if video["status"] == RemoteStatus.COMPLETED else None
        return RemoteVideo(provider_id, raw_status=video["status"], result=done, prompt=item.prompt, **video)

    def abilities(self, account: object) -> Abilities:
        cancel, free = self.can_cancel, self.failed_is_free
        return Abilities(can_list=True, can_cancel=cancel, failed_is_free=free, listing_delay_s=0)

    async def list_recent(self, account: object, cursor: str | None = None, limit: int = 100) -> ListPage:
        return ListPage([self.shown(name) for name in reversed(self.videos)], None, None)

    async def poll(self, account: object, provider_id: str, model: str) -> RemoteVideo:
        return self.shown(provider_id)

    async def cancel(self, account: object, provider_id: str) -> bool:
        if provider_id not in self.running():
            return False
        self.decide(provider_id, RemoteStatus.CANCELLED)
        return True
