"""Results as they come: late, gone, elsewhere, cut; never with a credential where it does not belong."""

import pytest

from providers.errors import CredentialRefused, Gone, ProviderError, TryLater


async def test_a_result_behind_a_redirect_to_another_port_is_refused_inside_our_own_network(case_of):
    case = case_of("openai")
    video = await case.finished("[sim:content=redirect,to=other]")

    with pytest.raises(Gone) as caught:
        await case.bytes_of(video)

    assert caught.value.code == "address_refused"
    assert case.simulator.books(brief=True)["credential_leaks"] == {}


@pytest.mark.parametrize("name", ["openai", "omni", "vertex"])
async def test_no_credential_follows_a_redirect(case_of, name, trusting_media):
    case = trusting_media(case_of(name))
    video = await case.finished("[sim:content=redirect,to=other]")

    assert (await case.bytes_of(video))[4:8] == b"ftyp"
    assert case.simulator.books(brief=True)["credential_leaks"] == {}


@pytest.mark.parametrize(("status", "code"), [(404, "asset_expired"), (410, "asset_expired")])
async def test_an_expired_result_is_gone(case_of, status, code):
    for name in ("openai", "omni"):
        case = case_of(name)
        case.simulator.change(expired_status=status)
        video = await case.finished("[sim:expires=10]")
        case.simulator.advance(200)
        with pytest.raises(Gone) as caught:
            await case.bytes_of(video)
        assert caught.value.code == code


async def test_a_file_in_the_making_is_waited_for(case_of):
    case = case_of("omni")
    video = await case.finished("[sim:file-processing=30]")

    with pytest.raises(TryLater) as caught:
        await case.bytes_of(video)
    case.simulator.advance(30)

    assert (caught.value.code, caught.value.whole_lane) == ("file_processing", False)
    assert (await case.bytes_of(video))[4:8] == b"ftyp"


@pytest.mark.parametrize("fault", ["500", "503", "429", "hang-up,times=9"])
async def test_passing_trouble_of_a_download_is_tried_again(case_of, fault):
    for name in ("openai", "omni", "vertex"):
        case = case_of(name)
        video = await case.finished(f"[sim:content={fault}]")
        with pytest.raises(TryLater):
            await case.bytes_of(video)


@pytest.mark.parametrize("name", ["openai", "omni", "vertex"])
async def test_a_transfer_that_is_cut_is_no_whole_video(case_of, name):
    case = case_of(name)
    case.simulator.change(payload_bytes=500_000)
    video = await case.finished("[sim:content=cut,at=0.5]")

    with pytest.raises(TryLater) as caught:
        await case.bytes_of(video)

    assert caught.value.code == "cut_transfer"


async def test_an_inline_video_that_is_cut_is_no_whole_video(case_of):
    case = case_of("vertex-inline")
    case.simulator.change(payload_bytes=500_000)
    video = await case.finished("[sim:poll=cut,at=0.5,skip=1]")

    with pytest.raises(TryLater):
        await case.bytes_of(video)


async def test_a_revoked_key_is_said_at_the_download_too(case_of):
    case = case_of("openai")
    video = await case.finished()
    case.simulator.revoke(case.account.secret)

    with pytest.raises(CredentialRefused):
        await case.bytes_of(video)


async def test_a_result_of_another_account_is_never_given_out(case_of, accounts):
    from dataclasses import replace

    for name in ("openai", "omni"):
        case = case_of(name)
        video = await case.finished()
        case.account = replace(accounts[name], secret="another-account-0123")
        with pytest.raises(ProviderError):
            await case.bytes_of(video)
