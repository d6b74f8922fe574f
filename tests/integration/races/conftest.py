"""One API and one database for every race; the workers' steps are taken by hand."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from app.main import create_app, open_deps
from config.settings import load_settings
from tests.integration.app.conftest import ADMIN_KEY, ENCRYPTION_KEY
from tests.integration.db.conftest import database, pool, shared_database_url, world

__all__ = ["database", "pool", "shared_database_url", "world"]


@pytest.fixture
async def client(shared_database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The API for the holder of the admin key; no provider is ever called."""
    settings = load_settings(
        {
            "DATABASE_URL": shared_database_url,
            "REDIS_URL": redis_url,
            "ENCRYPTION_KEY": ENCRYPTION_KEY,
            "ADMIN_KEY": ADMIN_KEY,
            "STORAGE_URL": f"file://{tmp_path}/videos",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        },
        role="web",
    )
    app = create_app(partial(open_deps, settings))
    async with app.router.lifespan_context(app):
        transport, key = httpx.ASGITransport(app=app), {"Authorization": f"Bearer {ADMIN_KEY}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test", headers=key) as opened:
            yield opened
