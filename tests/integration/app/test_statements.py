"""Every statement that the API sends is one that the migrated schema takes, whatever the schema is called."""

import re
from types import ModuleType

import pytest

from db import (
    accept,
    alerts,
    audit,
    client_keys,
    clients,
    create_calls,
    credentials,
    end_users,
    erasures,
    feed,
    figures,
    files,
    generation_times,
    idempotency,
    images,
    imports,
    job_details,
    lane_settings,
    ledger,
    meters,
    overview,
    queue_figures,
    reads,
    spend,
    troubles,
    webhooks,
)
from db.connection import Database, connect
from db.migrate import migrate

MODULES = (
    accept,
    alerts,
    audit,
    client_keys,
    clients,
    create_calls,
    credentials,
    end_users,
    erasures,
    feed,
    figures,
    files,
    generation_times,
    idempotency,
    images,
    job_details,
    imports,
    lane_settings,
    overview,
    ledger,
    meters,
    queue_figures,
    reads,
    spend,
    troubles,
    webhooks,
)


def statements(module: ModuleType) -> dict[str, str]:
    """The module's SQL by the name of its constant."""
    texts = {name: text for name, text in vars(module).items() if name.isupper() and isinstance(text, str)}
    return {name: text for name, text in texts.items() if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", text)}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
async def test_every_statement_can_be_prepared(module: ModuleType, database_url: str) -> None:
    connection = await connect(Database(database_url))

    found = statements(module)
    for text in found.values():
        await connection.prepare(text)

    await connection.close()
    assert found


async def test_the_same_in_a_schema_of_another_name(empty_database_url: str) -> None:
    await migrate(empty_database_url, schema="films")
    connection = await connect(Database(empty_database_url, schema="films"))

    for module in MODULES:
        for text in statements(module).values():
            await connection.prepare(text)

    await connection.close()
