"""A provider in the place of a real adapter, which shows exactly one video."""

from collections.abc import Mapping
from typing import Any

from providers.base import RemoteStatus, RemoteVideo
from providers.errors import Gone
from tests.integration.app.conftest import Api


class Shown:
    """A provider that shows exactly one id."""

    def __init__(self, provider_id: str, trouble: Exception | None = None) -> None:
        self.provider_id = provider_id
        self.trouble = trouble

    async def poll(self, account: Any, provider_id: str, model: str) -> RemoteVideo:
        if self.trouble:
            raise self.trouble
        if provider_id != self.provider_id:
            raise Gone("not_found", "no such video", 404)
        return RemoteVideo(provider_id, RemoteStatus.RUNNING, "in_progress")

    async def close(self) -> None: ...


def shows(api: Api, provider: Shown) -> None:
    """Puts a provider in the place of the real adapter of `sora`."""
    adapters: Mapping[str, Any] = api.app.state.deps.providers
    adapters["openai_videos"] = provider  # type: ignore[index]
