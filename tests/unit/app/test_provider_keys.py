"""A call's own provider key: found in its place, brought into its one form, refused where it fits another kind."""

import base64
import json

import pytest
from starlette.requests import Request

from app.problems import Problem
from app.provider_keys import checked_key, key_in, last4, project_of
from providers.kinds import GOOGLE_OMNI, OPENAI_VIDEOS, VERTEX_VEO

ACCOUNT = {
    "type": "service_account",
    "project_id": "film-1",
    "private_key_id": "0123456789abcdef",
    "private_key": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n",
    "client_email": "a@film-1.iam.example",
}


def request_with(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw})


def test_the_cookie_of_the_kind_comes_before_the_header() -> None:
    both = request_with(cookie="api_key_omni=AIza-cookie; api_key_sora=sk-other", x_provider_key="AIza-header")

    assert key_in(both, GOOGLE_OMNI) == "AIza-cookie"
    assert key_in(request_with(x_provider_key=" AIza-header "), GOOGLE_OMNI) == "AIza-header"
    assert key_in(request_with(cookie="api_key_veo=ya29.x"), GOOGLE_OMNI) is None


def test_a_service_account_in_base64_is_kept_as_its_json() -> None:
    plain = json.dumps(ACCOUNT, indent=2)
    encoded = base64.b64encode(plain.encode()).decode()
    in_url_form = base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    kept = {checked_key(VERTEX_VEO, text) for text in (encoded, in_url_form, json.dumps(ACCOUNT))}

    assert len(kept) == 1
    assert json.loads(kept.pop()) == ACCOUNT


def test_a_cookie_may_be_percent_encoded() -> None:
    encoded = base64.b64encode(json.dumps(ACCOUNT).encode()).decode().replace("=", "%3D").replace("+", "%2B")

    key = key_in(request_with(cookie=f"api_key_veo={encoded}"), VERTEX_VEO)

    assert key is not None
    assert project_of(key) == "film-1"


@pytest.mark.parametrize(
    ("kind", "key", "fitting"),
    [
        (VERTEX_VEO, "AIzaSy-secret", "omni"),
        (OPENAI_VIDEOS, "AIzaSy-secret", "omni"),
        (GOOGLE_OMNI, "sk-proj-secret", "sora"),
        (GOOGLE_OMNI, "ya29.secret", "veo"),
        (OPENAI_VIDEOS, base64.b64encode(json.dumps(ACCOUNT).encode()).decode(), "veo"),
    ],
)
def test_a_key_of_another_kind_is_refused_naming_the_kind_it_fits(kind: str, key: str, fitting: str) -> None:
    with pytest.raises(Problem) as caught:
        checked_key(kind, key)

    assert (caught.value.status, caught.value.code) == (400, "wrong_key_kind")
    assert caught.value.detail.endswith(f"it fits {fitting}")
    assert "secret" not in caught.value.detail


@pytest.mark.parametrize("key", ["two words", "x" * 20_000, "tab\tbed", "ключ"])
def test_a_malformed_key_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(Problem) as caught:
        checked_key(OPENAI_VIDEOS, key)

    assert caught.value.code == "malformed_key"
    assert key not in caught.value.detail


def test_only_long_keys_show_their_last_four() -> None:
    assert last4("sk-proj-0123456789abcd") == "abcd"
    assert last4("short-key") == ""
    assert last4(json.dumps(ACCOUNT)) == "cdef"
