"""Sends one sentence to an operator's receivers: Slack-compatible webhooks, and Sentry where it is installed.

Their addresses are the operator's own and may be private; no redirect is followed, and what they answer is not read.
"""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

import httpx
from loguru import logger

_PATIENCE_S = 10.0
_SENTRY = "sentry"


class CannotTell(Exception):
    """A receiver did not take the message; the text says why, without its address."""


@dataclass(frozen=True)
class Receivers:
    """Where alerts go. Each has a short name that holds nothing of its address."""

    webhooks: Sequence[str] = field(default=(), repr=False)
    sentry_dsn: str | None = field(default=None, repr=False)

    @cached_property
    def names(self) -> dict[str, str]:
        """Name to address."""
        named = {hashlib.sha256(url.encode()).hexdigest()[:12]: url for url in self.webhooks}
        return named | ({_SENTRY: ""} if self.sentry_dsn else {})

    async def tell(self, text: str, heard: Collection[str] = ()) -> set[str]:
        """Send to all but those that have heard it; returns who has it by now."""
        missing = [name for name in self.names if name not in heard]
        answers = await asyncio.gather(*(self._tell(name, text) for name in missing), return_exceptions=True)
        for name, answer in zip(missing, answers, strict=True):
            if isinstance(answer, CannotTell):
                logger.warning("an alert could not be sent", action="alert", name=name, reason=str(answer))
            elif isinstance(answer, BaseException):
                raise answer
        return set(heard) | {name for name, answer in zip(missing, answers, strict=True) if answer is None}

    async def _tell(self, name: str, text: str) -> None:
        if name == _SENTRY:
            await asyncio.to_thread(self._capture, text)
        else:
            await _post(self.names[name], text)

    def _capture(self, text: str) -> None:
        if self._sentry is None:
            raise CannotTell("SENTRY_DSN is set and sentry-sdk is not installed")
        self._sentry.capture_message(text, level="warning")
        self._sentry.flush(timeout=_PATIENCE_S)

    @cached_property
    def _sentry(self) -> Any:
        try:
            sdk = import_module("sentry_sdk")
        except ImportError:
            return None
        sdk.init(dsn=self.sentry_dsn, default_integrations=False, send_default_pii=False, traces_sample_rate=0)
        return sdk


async def _post(url: str, text: str) -> None:
    try:
        async with (
            asyncio.timeout(_PATIENCE_S),
            httpx.AsyncClient(trust_env=False, timeout=_PATIENCE_S) as client,
            client.stream("POST", url, json={"text": text}, headers={"User-Agent": "Reelwork"}) as answer,
        ):
            status = answer.status_code
    except TimeoutError:
        raise CannotTell("no answer in time") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CannotTell(f"no answer: {type(error).__name__}") from None
    if not 200 <= status < 300:
        raise CannotTell(f"answered with HTTP status {status}")
