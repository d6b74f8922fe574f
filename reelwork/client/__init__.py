"""The Python client: `Reelwork` for plain code, `AsyncReelwork` for asyncio."""

from reelwork.client.clients import AsyncReelwork, Reelwork

__all__ = ["AsyncReelwork", "Reelwork"]
