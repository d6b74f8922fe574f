"""Every page, light, dark and on a phone: accessible by axe-core's rules, and no wider than its screen.

With SCREENSHOTS set (`make screenshots`) each is also kept as a picture in that folder.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.admin.conftest import PHONE, Dashboard

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {"color_scheme": "light", "viewport": PHONE, "device_scale_factor": 2},
}
SCENES = ("A harbour at dawn, boats come home", "The lamp is lit", "A storm over the black rock", "Morning, gulls")


def test_every_page_is_readable_for_everybody(dashboard: Dashboard, accessible: Callable[[Page], None]) -> None:
    pages = paths_of_a_busy_night(dashboard)

    for look, context in LOOKS.items():
        page = dashboard.open(**context)
        for name, path in pages.items():
            page.goto(f"{dashboard.url}{path}")
            page.locator("main h1").wait_for()
            page.wait_for_load_state("load")
            expect(page.locator("main")).not_to_contain_text("Loading…")
            kept(page, f"{name}-{look}")
            if look != "phone":
                accessible(page)
            width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert width <= 0, (look, name)


def test_the_sign_in_is_readable_too(dashboard: Dashboard, accessible: Callable[[Page], None]) -> None:
    for look, context in LOOKS.items():
        page = dashboard.stranger(**context)
        page.goto(f"{dashboard.url}/admin")
        page.get_by_label("Key").wait_for()
        kept(page, f"sign-in-{look}")
        accessible(page)


def paths_of_a_busy_night(dashboard: Dashboard) -> dict[str, str]:
    """Something of everything, and the addresses where it is shown."""
    stored = [
        dashboard.make_stored(scene, storyboardId="the-lighthouse", sceneId=f"{number}-scene")
        for number, scene in enumerate(SCENES, 1)
    ]
    dashboard.hold()
    failed, lost, _ = (dashboard.make(f"{scene} once more", storyboardId="the-lighthouse") for scene in SCENES[:3])
    dashboard.put(failed, "failed", error_code="moderation", error_message="The prompt was refused")
    dashboard.put(lost, "needs_review")
    http = dashboard.stack.http
    http.post("/api/admin/clients", json={"name": "studio", "weight": 2})
    http.post("/api/admin/keys", json={"client": "studio", "name": "night shift", "scopes": ["observe"]})
    http.put("/api/webhooks", json={"url": "http://127.0.0.1:9/told"})
    dashboard.let_go()
    places = ("jobs", "review", "storyboards", "lanes", "accounts", "webhooks", "audit")
    return {
        "overview": "/admin",
        **{name: f"/admin/{name}" for name in places},
        "job": f"/admin/jobs/{stored[0]}",
        "job-failed": f"/admin/jobs/{failed}",
        "storyboard": "/admin/storyboards/the-lighthouse",
    }


def kept(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
