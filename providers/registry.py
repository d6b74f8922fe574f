"""Opens the adapters of all kinds over one set of connections; nothing else makes one."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import cast

from providers.base import Provider
from providers.catalogue import Catalogue
from providers.http import Wire, WirePolicy
from providers.kinds import KINDS, Kind
from providers.published_keys import PublishedKeys


@asynccontextmanager
async def open_providers(
    catalogue: Catalogue, policy: WirePolicy | None = None
) -> AsyncIterator[Mapping[str, Provider]]:
    """The adapter of every kind by its long name, closed with all connections when the block ends."""
    wire = Wire(policy or WirePolicy())
    providers = {kind.name: _made(kind, wire, catalogue) for kind in KINDS}
    try:
        yield providers
    finally:
        for provider in providers.values():
            await provider.close()
        await wire.close()


@asynccontextmanager
async def open_keys(base_url: str, policy: WirePolicy) -> AsyncIterator[PublishedKeys]:
    """The keys that a provider signs with; nothing is fetched before the first signature is to be checked."""
    wire = Wire(policy)
    try:
        yield PublishedKeys(wire, base_url)
    finally:
        await wire.close()


def _made(kind: Kind, wire: Wire, catalogue: Catalogue) -> Provider:
    """Adapters are named and not imported, so that a kind is one line and one file."""
    module, _, name = kind.adapter.partition(":")
    return cast(Provider, getattr(import_module(module), name)(wire, catalogue))
