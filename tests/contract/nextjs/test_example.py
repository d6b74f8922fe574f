"""examples/nextjs compiles, and all of it works against the API, a worker and simulated providers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.engines import Engines
from devstack.engines.databases import DatabaseMaker
from tests.stack.node import node_with, run
from tests.stack.serving import Stack, serving

EXAMPLE = Path(__file__).parents[3] / "examples" / "nextjs"
TSC = "node_modules/typescript/bin/tsc"


@pytest.fixture(scope="module")
def node() -> str:
    return node_with(EXAMPLE)


@pytest.fixture(scope="module")
def simulated(
    engines: Engines, database_maker: DatabaseMaker, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A stack that says that its providers are simulated, and so may send webhooks to this machine."""
    database_url = database_maker.create(template_database)
    with serving(database_url, engines.redis_url, tmp_path_factory.mktemp("stack"), REELWORK_SIMULATED="1") as served:
        yield served
    database_maker.drop(database_url)


def test_it_compiles_and_does_what_it_says(node: str, simulated: Stack, tmp_path: Path) -> None:
    typed = run(node, TSC, "--noEmit", cwd=EXAMPLE)
    made = run(node, TSC, "-p", "tsconfig.check.json", "--outDir", str(tmp_path), cwd=EXAMPLE)
    assert (typed.returncode, made.returncode) == (0, 0), typed.stdout + made.stdout
    server = {"REELWORK_URL": simulated.base_url.removesuffix("/v1")}
    key = simulated.new_key("generate", "read", "operate")

    done = run(
        node,
        str(tmp_path / "check" / "run.js"),
        cwd=EXAMPLE,
        NODE_PATH=str(EXAMPLE / "node_modules"),
        REELWORK_API_KEY=key,
        **server,
    )

    assert done.returncode == 0, done.stderr + simulated.installation.logs()[-3000:]
