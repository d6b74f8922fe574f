"""Polls end a job only where the provider has said so; all other trouble passes."""

import pytest

from providers.base import WITHOUT_OUTPUT, RemoteStatus
from providers.errors import CredentialRefused, Gone, TryLater


@pytest.mark.parametrize("fault", ["500", "502", "504", "409", "hang-up,times=9", "truncated-json", "html", "cut"])
async def test_passing_trouble_is_asked_again(case, fault):
    provider_id = await case.submit(f"[sim:poll={fault}]")

    with pytest.raises(TryLater) as caught:
        await case.poll(provider_id)

    assert caught.value.retry_after_s is None


async def test_a_rate_limit_on_polls_slows_the_whole_lane(case):
    provider_id = await case.submit("[sim:poll=429,retry_after=4]")

    with pytest.raises(TryLater) as caught:
        await case.poll(provider_id)

    assert (caught.value.retry_after_s, caught.value.whole_lane) == (4, True)


async def test_a_404_that_flaps_is_gone_and_then_there_again(case):
    provider_id = await case.submit("[sim:poll=404,times=1]")

    with pytest.raises(Gone):
        await case.poll(provider_id)
    assert (await case.poll(provider_id)).status in (RemoteStatus.QUEUED, RemoteStatus.RUNNING)


async def test_a_revoked_key_is_no_verdict_about_the_video(case_of):
    for name in ("openai", "omni"):
        case = case_of(name)
        provider_id = await case.submit()
        case.simulator.revoke(case.account.secret)
        with pytest.raises(CredentialRefused):
            await case.poll(provider_id)
        with pytest.raises(CredentialRefused):
            await case.provider.check(case.account)
        case.simulator.revoke(case.account.secret, revoked=False)
        assert (await case.poll(provider_id)).provider_id == provider_id


async def test_an_expired_token_is_fetched_anew_after_it_was_refused(case_of):
    case = case_of("vertex")
    provider_id = await case.submit()
    case.simulator.advance(3700)

    with pytest.raises(CredentialRefused):
        await case.poll(provider_id)
    assert (await case.poll(provider_id)).status is RemoteStatus.COMPLETED


@pytest.mark.parametrize(
    ("name", "fate", "code", "moderated"),
    [
        ("openai", "fail=out_of_memory", "out_of_memory", False),
        ("openai", "fail-as-500", None, False),
        ("openai", "moderate-later", "content_filtered", True),
        ("omni", "fail", "internal_error", False),
        ("omni", "text-only", "content_filtered", True),
        ("omni", "moderate-later", "content_filtered", True),
        ("vertex", "filtered", "content_filtered", True),
        ("vertex", "rpc=3", "content_filtered", True),
        ("vertex", "rpc=8", "provider_overloaded", False),
        ("vertex", "rpc=13", "provider_internal", False),
        ("vertex", "rpc=14", "provider_overloaded", False),
        ("vertex-inline", "filtered", "content_filtered", True),
    ],
)
async def test_a_failure_is_a_verdict_with_its_reason(case_of, name, fate, code, moderated):
    video = await case_of(name).finished(f"[sim:{fate}]")

    assert (video.status, video.moderated) == (RemoteStatus.FAILED, moderated)
    assert video.error_message
    assert code is None or video.error_code == code


async def test_a_video_the_provider_cancelled_is_cancelled(case):
    assert (await case.finished("[sim:cancelled]")).status is RemoteStatus.CANCELLED


async def test_a_word_that_nobody_knows_is_still_running(case):
    provider_id = await case.submit("[sim:word=contemplating]")
    case.simulator.advance(50)

    assert (await case.poll(provider_id)).status is RemoteStatus.RUNNING


async def test_progress_is_the_providers_own_also_backwards(case_of):
    case = case_of("openai")
    provider_id = await case.submit("[sim:backwards]")
    seen = []
    for _ in range(4):
        case.simulator.advance(24)
        seen.append((await case.poll(provider_id)).progress)

    assert seen != sorted(seen)
    assert all(0 <= progress <= 100 for progress in seen)


async def test_the_wish_for_the_next_poll_is_passed_on(case_of):
    case = case_of("openai")
    case.simulator.change(poll_after_ms=2500)

    assert (await case.poll(await case.submit())).poll_after_s == 2.5


async def test_completed_without_output_goes_on_until_the_output_is_there(case_of):
    case = case_of("omni")
    provider_id = await case.submit("[sim:no-output=30]")
    case.simulator.advance(101)
    early = await case.poll(provider_id)
    case.simulator.advance(30)
    late = await case.poll(provider_id)

    assert (early.status, early.raw_status) == (RemoteStatus.RUNNING, WITHOUT_OUTPUT)
    assert late.status is RemoteStatus.COMPLETED


async def test_a_twenty_megabyte_echo_is_read_and_not_held(case_of):
    case = case_of("omni")
    provider_id = await case.submit("[sim:poll=huge,bytes=20000000]")
    case.simulator.advance(101)

    assert (await case.poll(provider_id)).status is RemoteStatus.COMPLETED


async def test_prompts_that_a_listing_hides_are_unknown_and_not_empty(case_of):
    case = case_of("openai")
    await case.submit("a cat [sim:hidden-prompt]")

    assert (await case.provider.list_recent(case.account)).videos[0].prompt is None


@pytest.mark.parametrize("fault", ["500", "hang-up,times=9", "html", "truncated-json"])
async def test_a_listing_that_fails_is_never_an_empty_one(case_of, fault):
    case = case_of("openai")
    case.simulator.add_fault(f"list={fault}")

    with pytest.raises(TryLater):
        await case.provider.list_recent(case.account)
