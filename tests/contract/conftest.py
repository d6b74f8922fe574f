"""The whole stack, for clients that are not ours."""

from collections.abc import Iterator

import pytest

from devstack.engines import Engines
from devstack.engines.databases import DatabaseMaker
from tests.stack.serving import Stack, serving


@pytest.fixture(scope="module")
def stack(
    engines: Engines, database_maker: DatabaseMaker, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    database_url = database_maker.create(template_database)
    with serving(database_url, engines.redis_url, tmp_path_factory.mktemp("stack")) as served:
        yield served
    database_maker.drop(database_url)
