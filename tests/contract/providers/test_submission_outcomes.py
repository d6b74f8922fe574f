"""What a submission that goes wrong leaves behind: nothing, or exactly one paid video, and which of the two is said."""

import asyncio

import pytest

from providers.errors import CredentialRefused, Moderated, NotSent, OutcomeUnknown, ProviderError, Rejected, TryLater


@pytest.mark.parametrize("fault", ["400", "404", "405", "413", "422", "retired"])
async def test_a_refusal_for_good_is_final_and_free(case, fault):
    with pytest.raises(Rejected):
        await case.submit(f"[sim:submit={fault}]")

    assert case.simulator.books()["accepted"] == 0


async def test_a_retired_model_is_named_as_such(case):
    with pytest.raises(Rejected) as caught:
        await case.submit("[sim:submit=retired]")

    assert caught.value.code == "model_retired"


async def test_content_rules_at_submission_are_told_apart(case):
    with pytest.raises(Moderated) as caught:
        await case.submit("[sim:submit=moderate]")

    assert caught.value.code == "content_filtered"
    assert caught.value.message


@pytest.mark.parametrize("fault", ["bad-key", "forbidden", "quota"])
async def test_a_key_or_quota_that_fails_waits_for_a_person(case, fault):
    with pytest.raises(CredentialRefused):
        await case.submit(f"[sim:submit={fault}]")

    assert case.simulator.books()["accepted"] == 0


async def test_too_many_requests_come_with_the_wait_asked_for(case):
    with pytest.raises(TryLater) as caught:
        await case.submit("[sim:submit=429,retry_after=7]")

    assert (caught.value.code, caught.value.retry_after_s, caught.value.status) == ("rate_limited", 7, 429)


@pytest.mark.parametrize("fault", ["500", "502", "503", "504", "408", "409"])
async def test_an_error_that_may_hide_an_acceptance_is_unknown_and_answered(case, fault):
    with pytest.raises(OutcomeUnknown) as caught:
        await case.submit(f"[sim:submit={fault}]")

    assert caught.value.answered
    assert case.simulator.books()["submissions_arrived"] == 1


@pytest.mark.parametrize("fault", ["500-after", "503-after", "truncated-json", "html", "no-id", "cut"])
async def test_an_accepted_video_whose_answer_was_spoilt_is_paid_once(case, fault):
    prompt = f"[sim:submit={fault}]"
    with pytest.raises(OutcomeUnknown) as caught:
        await case.submit(prompt)

    assert caught.value.answered
    assert case.submissions(prompt) == 1
    assert case.simulator.books()["submissions_arrived"] == 1


@pytest.mark.parametrize("fault", ["hang-up-after", "reset-after"])
async def test_an_accepted_video_whose_connection_broke_is_paid_once(case, fault):
    prompt = f"[sim:submit={fault}]"
    with pytest.raises(OutcomeUnknown) as caught:
        await case.submit(prompt)

    assert not caught.value.answered
    assert case.submissions(prompt) == 1
    assert case.simulator.books()["submissions_arrived"] == 1


@pytest.mark.parametrize("fault", ["hang-after,window=20", "slow-after,window=5"])
async def test_an_accepted_video_that_is_not_answered_in_time_is_paid_once(impatient, fault):
    prompt = f"[sim:submit={fault}]"
    if impatient.dialect == "vertex":
        await impatient.provider.check(impatient.account)
    with pytest.raises(OutcomeUnknown) as caught:
        await impatient.submit(prompt)

    assert not caught.value.answered
    async with asyncio.timeout(20):
        while impatient.submissions(prompt) == 0:
            await asyncio.sleep(0.05)
    assert impatient.submissions(prompt) == 1
    assert impatient.simulator.books()["submissions_arrived"] == 1


@pytest.mark.parametrize("fault", ["hang-up", "reset"])
async def test_a_submission_that_was_dropped_unread_looks_the_same(case, fault):
    with pytest.raises(OutcomeUnknown):
        await case.submit(f"[sim:submit={fault}]")

    assert case.simulator.books()["submissions_arrived"] <= 1
    assert case.simulator.books()["accepted"] == 0


async def test_a_guard_that_stops_a_submission_leaves_the_provider_without_it(case):
    async def refuse() -> None:
        raise NotSent("lease_lost", "The lease is over.")

    with pytest.raises(NotSent):
        await case.provider.submit(case.account, case.request(), refuse)

    assert case.simulator.books()["submissions_arrived"] == 0


async def test_the_key_is_in_no_error(case):
    for fault in ("bad-key", "400", "500", "429"):
        with pytest.raises(ProviderError) as caught:
            await case.submit(f"[sim:submit={fault},message=the key {case.account.secret[:22]} is odd]")
        assert "sk-contract" not in repr(caught.value)
        assert "AIzaContract" not in repr(caught.value)


async def test_a_busy_server_of_ones_own_has_accepted_nothing(case_of):
    with pytest.raises(TryLater) as caught:
        await case_of("gpu").submit("[sim:submit=503,retry_after=3]")

    assert (caught.value.code, caught.value.retry_after_s) == ("provider_busy", 3)
