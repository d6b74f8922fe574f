"""What a person sees without acting: sign-in, search, live changes, videos that play."""

import re
from functools import partial

from playwright.sync_api import Page, expect

from tests.e2e.admin.conftest import WITHIN_MS, Dashboard
from tests.stack.waiting import wait_until

expect.set_options(timeout=WITHIN_MS)


until = partial(wait_until, within_s=WITHIN_MS / 1000)


def rows(page: Page) -> list[str | None]:
    return [row.get_attribute("data-row") for row in page.locator("table.jobs [data-row]").all()]


def test_a_key_signs_in_and_out(dashboard: Dashboard) -> None:
    page = dashboard.stranger()
    page.goto(f"{dashboard.url}/admin/audit")
    page.get_by_label("Key").fill(dashboard.stack.admin_key)
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator("h1")).to_have_text("Audit")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Key")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Key")).to_be_visible()


def test_what_is_searched_and_filtered_stands_in_the_address(dashboard: Dashboard) -> None:
    dashboard.hold()
    wanted = dashboard.make("A walrus on the ice", storyboardId="north")
    dashboard.make("A walrus in the sea", storyboardId="south")
    page = dashboard.open("/admin/jobs")

    page.keyboard.press("/")
    page.keyboard.type("walrus ice")
    expect(page).to_have_url(re.compile(r"q=walrus\+ice"))
    expect(page.locator("table.jobs [data-row]")).to_have_count(1)
    page.get_by_role("combobox", name="Status").select_option("queued")
    expect(page).to_have_url(re.compile("status=queued"))
    page.reload()

    expect(page.get_by_role("searchbox")).to_have_value("walrus ice")
    expect(page.locator("table.jobs [data-row]")).to_have_count(1)
    assert rows(page) == [wanted]
    page.get_by_role("combobox", name="Status").select_option("failed")
    expect(page.get_by_text("No video matches.")).to_be_visible()
    page.go_back()
    expect(page.locator("table.jobs [data-row]")).to_have_count(1)


def test_rows_change_where_they_stand_and_new_ones_wait_to_be_shown(dashboard: Dashboard) -> None:
    dashboard.hold()
    first = dashboard.make("Live, the first")
    page = dashboard.open("/admin/jobs")
    expect(page.locator("#live")).to_have_text("live")
    before = rows(page)

    second = dashboard.make("Live, the second")

    fresh = page.get_by_role("button", name="Show 1 new video")
    expect(fresh).to_be_visible()
    assert rows(page) == before
    dashboard.let_go()
    expect(page.locator(f'[data-row="{first}"][data-status="completed"]')).to_be_visible()
    fresh.click()
    expect(page.locator(f'[data-row="{second}"]')).to_be_visible()
    assert rows(page)[0] == second


def test_a_video_plays_and_seeks(dashboard: Dashboard) -> None:
    job_id = dashboard.make_stored("A lantern swings")
    ranges: list[int] = []
    page = dashboard.open(f"/admin/jobs/{job_id}")
    page.on("response", lambda answer: ranges.append(answer.status) if answer.url.endswith("/content") else None)
    page.reload()

    video = page.locator("video")
    video.evaluate("video => { video.muted = true; return video.play(); }")
    until(lambda: video.evaluate("video => video.currentTime > 0.2"), what="the video playing")
    video.evaluate("video => { video.pause(); video.currentTime = video.duration - 0.5; }")
    until(lambda: video.evaluate("video => video.readyState >= 2 && !video.seeking"), what="the end found")

    assert video.evaluate("video => video.currentTime") > 3
    assert video.evaluate("video => video.videoWidth > 0 && video.error === null")
    assert 206 in ranges
    expect(page.get_by_role("img", name=re.compile("From created to its end"))).to_be_visible()
    expect(page.locator(".timeline li").last).to_contain_text("completed")


def test_a_storyboard_plays_its_scenes_in_order(dashboard: Dashboard) -> None:
    made = [dashboard.make_stored(f"Scene {n} of two", storyboardId="two", sceneId=f"scene-{n}") for n in (1, 2)]
    page = dashboard.open("/admin/storyboards")
    page.get_by_role("link", name="two", exact=True).click()
    expect(page.locator(".strip li")).to_have_count(2)

    page.get_by_role("button", name="Play all 2 scenes in order").click()
    expect(page.get_by_text("Scene 1 of 2: scene-1")).to_be_visible()
    page.locator("video").evaluate("video => { video.muted = true; video.playbackRate = 16; return video.play(); }")
    expect(page.get_by_text("Scene 2 of 2: scene-2")).to_be_visible()
    assert made[1] in page.locator("video").evaluate("video => video.src")


def test_keys_walk_through_the_list_and_say_what_they_do(dashboard: Dashboard) -> None:
    dashboard.hold()
    older, newer = dashboard.make("Keys, the older"), dashboard.make("Keys, the newer")
    page = dashboard.open("/admin/jobs")
    expect(page.locator(f'[data-row="{newer}"]')).to_be_visible()

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(f'[data-row="{older}"] input')).to_be_checked()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page.locator("h1")).to_have_text("Overview")
    page.get_by_role("button", name="Theme: system").click()
    page.get_by_role("button", name="Theme: light").click()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
