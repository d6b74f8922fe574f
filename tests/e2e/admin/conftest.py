"""The dashboard in a real Chromium, over a whole installation with simulated providers."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from db.connection import Database, open_pool
from devstack.engines import Engines
from devstack.engines.databases import DatabaseMaker
from tests.integration.app.rows import move
from tests.stack.chromium import chromium
from tests.stack.serving import Stack, serving

WITHIN_MS = 60_000
PHONE = {"width": 390, "height": 844}


@dataclass
class Dashboard:
    """Opens pages that are signed in, and remembers what they should not have done."""

    stack: Stack
    browser: Browser
    url: str
    database_url: str
    maker: DatabaseMaker
    contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open(self, path: str = "/admin", key: str | None = None, **context: Any) -> Page:
        """A page of a browser of its own, signed in with the admin key or another one."""
        page = self.stranger(**context)
        answer = page.context.request.post(f"{self.url}/api/admin/session", data={"key": key or self.stack.admin_key})
        assert answer.ok, answer.text()
        page.goto(f"{self.url}{path}")
        page.locator("h1").first.wait_for()
        return page

    def stranger(self, **context: Any) -> Page:
        """A page that is not signed in."""
        made = self.browser.new_context(**context)
        made.set_default_timeout(WITHIN_MS)
        self.contexts.append(made)
        page = made.new_page()
        page.on("console", lambda line: self.faults.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda sent: None if sent.url.startswith(self.url) else self.faults.append(sent.url))
        return page

    def make(self, scene: str, **members: Any) -> str:
        """Ask for a video and return its id."""
        body = {"storyboardId": "film", "provider": "sora", "scene": scene, "seconds": 4} | members
        answer = self.stack.http.post("/api/video/generate", json=body)
        assert answer.status_code == 202, answer.text
        job_id: str = answer.json()["jobId"]
        return job_id

    def make_stored(self, scene: str, **members: Any) -> str:
        """The same, and it is there."""
        job_id = self.make(scene, **members)
        self.stack.until_stored(job_id)
        return job_id

    def put(self, job_id: str, state: str, **columns: Any) -> None:
        """Move a job's row to where a test wants it."""

        async def moved() -> None:
            async with open_pool(Database(self.database_url), 1) as pool:
                await move(pool, job_id, state, **columns)

        self.maker.call(moved())

    def hold(self) -> None:
        """Let queued videos stay where they are."""
        self.stack.http.post("/api/admin/pause", json={"reason": "a test"}).raise_for_status()

    def let_go(self) -> None:
        self.stack.http.post("/api/admin/resume").raise_for_status()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of one module: as long as it is there its loop runs in this thread, where asynchronous tests want their own."""
    command = chromium()
    with sync_playwright() as playwright:
        yield _launched(playwright, command)


def _launched(playwright: Playwright, command: str) -> Browser:
    # A container's root has no sandbox of its own to give.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=command, args=arguments)


@pytest.fixture(scope="session")
def installation(
    engines: Engines,
    database_maker: DatabaseMaker,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Stack, str]]:
    chromium()
    database_url = database_maker.create(template_database)
    with serving(database_url, engines.redis_url, tmp_path_factory.mktemp("stack"), REELWORK_SIMULATED="1") as stack:
        yield stack, database_url
    database_maker.drop(database_url)


@pytest.fixture
def dashboard(installation: tuple[Stack, str], browser: Browser, database_maker: DatabaseMaker) -> Iterator[Dashboard]:
    """Ends with what every page must keep: nothing on the console, nothing asked of another server."""
    stack, database_url = installation
    opened = Dashboard(stack, browser, str(stack.http.base_url).rstrip("/"), database_url, database_maker)
    yield opened
    opened.let_go()
    for context in opened.contexts:
        context.close()
    assert opened.faults == []


@pytest.fixture(scope="session")
def accessible() -> Callable[[Page], None]:
    """Fails with what axe-core finds wrong on a page."""
    axe = Axe()

    def check(page: Page) -> None:
        found = axe.run(page).response["violations"]
        told = [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]
        assert told == [], page.url

    return check
