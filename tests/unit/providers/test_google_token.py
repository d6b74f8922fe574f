"""Access tokens: fetched once, kept until shortly before they expire, and never asked for where a caller says."""

import asyncio
import base64
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from providers.addresses import origin_of
from providers.errors import CredentialRefused, TryLater
from providers.google_token import GoogleTokens, project_of


@pytest.fixture(scope="session")
def private_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


@pytest.fixture
def account(private_key):
    def made(token_uri, **fields):
        base = {"type": "service_account", "project_id": "p", "private_key_id": "1", "private_key": private_key}
        email = {"client_email": "us@p.iam.gserviceaccount.com"}
        return json.dumps(base | email | {"token_uri": token_uri} | fields)

    return made


def giving(life_s):
    async def token(exchange):
        number = exchange.writer.get_extra_info("peername")[1]
        body = {"access_token": f"token-{number}-{life_s}", "expires_in": life_s, "token_type": "Bearer"}
        await exchange.answer(200, json.dumps(body).encode(), "content-type: application/json\r\n")

    return token


async def test_a_token_is_given_on_as_it_is():
    tokens = GoogleTokens(set())

    assert await tokens.token(" ya29.given ") == "ya29.given"
    assert await tokens.token("opaque-token") == "opaque-token"


async def test_a_service_account_is_asked_for_one_token_however_many_call(account, raw_server):
    async with raw_server(giving(3599)) as server:
        tokens, secret = GoogleTokens({origin_of(server.url)}), account(server.url + "/token")
        found = await asyncio.gather(*(tokens.token(secret) for _ in range(10)))
        encoded = await tokens.token(base64.b64encode(secret.encode()).decode())

        assert len(set(found)) == 1
        assert encoded.startswith("token-")
        assert len(server.requests) == 2
        assert b"jwt-bearer" in server.requests[0].body


async def test_a_token_near_its_end_is_fetched_anew(account, raw_server):
    async with raw_server(giving(0)) as server:
        tokens, secret = GoogleTokens({origin_of(server.url)}), account(server.url)
        await tokens.token(secret)
        await tokens.token(secret)

        assert len(server.requests) == 2


async def test_a_refused_token_is_forgotten(account, raw_server):
    async with raw_server(giving(3599)) as server:
        tokens, secret = GoogleTokens({origin_of(server.url)}), account(server.url)
        await tokens.token(secret)
        tokens.forget(secret)
        await tokens.token(secret)

        assert len(server.requests) == 2


async def test_a_credential_cannot_name_where_it_is_asked_for(account, raw_server):
    async with raw_server(giving(3599)) as server:
        for uri in (server.url, "https://attacker.example/token", "file:///etc/passwd", "http://169.254.169.254/"):
            with pytest.raises(CredentialRefused, match="token address"):
                await GoogleTokens(set()).token(account(uri))

        assert server.connections == 0


@pytest.mark.parametrize("kind", ["external_account", "impersonated_service_account", "gdch_service_account", None])
async def test_a_credential_that_could_name_a_file_or_a_command_is_refused(account, kind):
    with pytest.raises(CredentialRefused, match="neither a service account"):
        await GoogleTokens(set()).token(account("https://oauth2.googleapis.com/token", type=kind))


async def test_a_credential_that_google_refuses_is_refused_without_its_words(account, raw_server):
    async def refuse(exchange):
        body = b'{"error":"invalid_grant","error_description":"account not found"}'
        await exchange.answer(400, body, "content-type: application/json\r\n")

    async with raw_server(refuse) as server:
        secret = account(server.url)
        with pytest.raises(CredentialRefused) as caught:
            await GoogleTokens({origin_of(server.url)}).token(secret)

    assert "PRIVATE KEY" not in repr(caught.value)


async def test_google_being_away_is_passing_trouble(account, free_port):
    url = f"http://127.0.0.1:{free_port}"

    with pytest.raises(TryLater):
        await GoogleTokens({origin_of(url)}).token(account(url))


async def test_a_broken_private_key_is_a_refused_credential(account):
    with pytest.raises(CredentialRefused, match="cannot be read") as caught:
        await GoogleTokens(set()).token(account("https://oauth2.googleapis.com/token", private_key="nonsense-key"))

    assert "nonsense" not in repr(caught.value)


def test_the_project_is_read_from_the_credential(account):
    assert project_of(account("https://oauth2.googleapis.com/token")) == "p"
    assert project_of("ya29.token") is None
    assert project_of("") is None
