"""What a person does: each action from its button to what has become of it."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.admin.conftest import WITHIN_MS, Dashboard

expect.set_options(timeout=WITHIN_MS)


def answer(page: Page, button: str | re.Pattern[str]) -> None:
    """Press a button of the dialog that is open."""
    page.get_by_role("dialog").get_by_role("button", name=button).click()


def test_all_that_match_are_cancelled_after_their_number_was_said(dashboard: Dashboard) -> None:
    dashboard.hold()
    made = [dashboard.make(f"Bulk number {n}") for n in range(3)]
    page = dashboard.open("/admin/jobs?q=bulk+number&status=queued")
    page.get_by_label("Select all shown").check()
    page.get_by_role("button", name="Select all that match").click()

    page.get_by_role("button", name="Priority").click()
    page.get_by_label("New priority").select_option("0")
    answer(page, "Reprioritise")
    expect(page.get_by_text("3 videos moved")).to_be_visible()
    page.get_by_label("Select all shown").check()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("dialog", name="Cancel 3 videos?")).to_be_visible()
    answer(page, "Cancel")

    expect(page.get_by_text("3 videos cancelled")).to_be_visible()
    assert {dashboard.stack.stage_of(job_id) for job_id in made} == {"cancelled"}
    page.goto(f"{dashboard.url}/admin/jobs/{made[0]}")
    expect(page.get_by_role("region", name="Audit log")).to_contain_text("default/ADMIN_KEY")
    page.get_by_role("button", name="Delete").click()
    answer(page, "Delete")
    expect(page.locator("h1")).to_have_text("Jobs")
    assert dashboard.stack.http.get(f"/api/video/{made[0]}").status_code == 404


def test_a_retry_says_its_price_before_it_is_paid(dashboard: Dashboard) -> None:
    job_id = dashboard.make_stored("It failed at first")
    dashboard.put(job_id, "failed", error_code="provider_failed", result=None)
    page = dashboard.open(f"/admin/jobs/{job_id}")

    page.get_by_role("button", name="Retry for $0.40").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 are submitted anew, for $0.40")
    answer(page, "Keep as it is")
    assert dashboard.stack.stage_of(job_id) == "failed"
    page.get_by_role("button", name="Retry for $0.40").click()
    answer(page, "Retry for $0.40")

    dashboard.stack.until_stored(job_id)
    expect(page.locator(".badge.completed")).to_be_visible()


def test_a_review_is_decided_with_its_price_in_sight(dashboard: Dashboard) -> None:
    dashboard.hold()
    given_up, again = dashboard.make("Lost, to give up"), dashboard.make("Lost, to send again")
    for job_id in (given_up, again):
        dashboard.put(job_id, "needs_review")
    page = dashboard.open("/admin/review")

    page.locator(f'[data-row="{given_up}"]').get_by_role("button", name=re.compile(r"Give up, \$0.40")).click()
    page.get_by_label("Why, for its timeline").fill("not worth it")
    answer(page, "Give up")
    expect(page.locator(f'[data-row="{given_up}"]')).to_have_count(0)
    page.locator(f'[data-row="{again}"]').get_by_role("button", name=re.compile("may pay twice")).click()
    answer(page, re.compile(r"Submit again for \$0.40"))
    expect(page.locator(f'[data-row="{again}"]')).to_have_count(0)

    assert dashboard.stack.stage_of(given_up) == "failed"
    assert dashboard.stack.stage_of(again) == "queued"


def test_lanes_and_all_spending_are_paused_and_set(dashboard: Dashboard) -> None:
    dashboard.make_stored("So that there is a lane")
    page = dashboard.open("/admin/lanes")
    page.get_by_role("switch").first.click()
    expect(page.get_by_text("paused by an operator")).to_be_visible()
    page.get_by_role("switch", checked=False).click()
    page.get_by_role("button", name="Settings").first.click()
    page.get_by_label("Starts a minute").fill("30")
    answer(page, "Save")
    expect(page.get_by_text("30 / min")).to_be_visible()

    page.get_by_role("button", name="Pause all spending").click()
    page.get_by_label("Reason").fill("invoice to check")
    answer(page, "Pause")
    expect(page.get_by_text("All spending is paused: invoice to check")).to_be_visible()
    page.goto(f"{dashboard.url}/admin")
    expect(page.get_by_role("region", name="Health")).to_contain_text("All spending is paused (invoice to check)")
    page.goto(f"{dashboard.url}/admin/lanes")
    page.get_by_role("button", name="Resume all spending").click()
    expect(page.get_by_role("button", name="Pause all spending")).to_be_visible()
    page.get_by_role("button", name="Settings").first.click()
    page.get_by_label("Starts a minute").fill("")
    answer(page, "Save")


def test_clients_and_keys_are_made_and_a_key_is_shown_once(dashboard: Dashboard) -> None:
    page = dashboard.open("/admin/accounts")
    page.get_by_role("button", name="New client").click()
    page.get_by_label("Name").fill("nightwatch")
    answer(page, "Make it")
    page.get_by_role("button", name="Change nightwatch").click()
    page.get_by_label("Budget a day, USD").fill("5")
    answer(page, "Save")
    expect(page.get_by_role("region", name="Clients")).to_contain_text("$5.00")

    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").fill("first watch")
    page.get_by_role("combobox", name="Client").select_option("nightwatch")
    page.get_by_role("checkbox", name=re.compile("^observe")).check()
    answer(page, "Make it")
    key = page.locator(".secret").inner_text()
    answer(page, "Close")
    page.get_by_role("button", name="Revoke first watch").wait_for()
    assert key not in page.content()

    watcher = dashboard.open("/admin/jobs", key=key)
    expect(watcher.locator(".who")).to_contain_text("first watch, read only")
    expect(watcher.locator("input[type=checkbox]:visible")).to_have_count(0)
    page.get_by_role("button", name="Revoke first watch").click()
    answer(page, "Revoke")
    expect(page.get_by_role("region", name="API keys")).to_contain_text("revoked")


def test_webhooks_get_an_address_and_a_secret(dashboard: Dashboard) -> None:
    page = dashboard.open("/admin/webhooks")
    page.get_by_role("button", name="New secret").click()
    answer(page, "Make it")
    secret = page.locator(".secret").inner_text()
    answer(page, "Close")
    page.get_by_role("button", name="Address").click()
    page.get_by_label("Address").fill("http://127.0.0.1:9/told")
    answer(page, "Save")
    expect(page.get_by_text("Told at http://127.0.0.1:9/told.")).to_be_visible()

    dashboard.make_stored("Somebody is told", webhookUrl="http://127.0.0.1:9/told")

    assert secret.startswith("whsec_")
    page.reload()
    expect(page.get_by_role("region", name="Deliveries")).to_contain_text("video.completed")
