"""The provider accounts that an environment configures."""

import base64
import json
from pathlib import Path

import pytest

from config.settings import ServerAccount, load_settings

SERVICE_ACCOUNT = json.dumps({"type": "service_account", "project_id": "acme-video", "client_email": "a@b"})


def test_a_kind_with_neither_key_nor_base_url_is_absent(needed: dict[str, str]) -> None:
    settings = load_settings({**needed, "GOOGLE_CLOUD_PROJECT_ID": "acme", "OPENAI_MODELS": "wan=1"})

    assert settings.server_accounts() == ()


def test_a_key_alone_leads_to_the_provider_s_own_host(needed: dict[str, str]) -> None:
    keys = {"OPENAI_API_KEY": "sk-1", "GEMINI_API_KEY": "AIza1", "GOOGLE_CREDENTIALS_JSON": SERVICE_ACCOUNT}

    accounts = load_settings({**needed, **keys}).server_accounts()

    assert accounts == (
        ServerAccount("openai_videos", "https://api.openai.com/v1", "sk-1"),
        ServerAccount(
            "vertex_veo",
            "https://us-central1-aiplatform.googleapis.com",
            SERVICE_ACCOUNT,
            project="acme-video",
            location="us-central1",
        ),
        ServerAccount("google_omni", "https://generativelanguage.googleapis.com", "AIza1"),
    )


def test_a_base_url_alone_is_an_account_without_a_key(needed: dict[str, str]) -> None:
    settings = load_settings({**needed, "GEMINI_BASE_URL": "http://127.0.0.1:9999/"})

    assert settings.server_accounts() == (ServerAccount("google_omni", "http://127.0.0.1:9999", ""),)
    assert settings.operator_base_urls == ("http://127.0.0.1:9999",)


@pytest.mark.parametrize("credential", [SERVICE_ACCOUNT, base64.b64encode(SERVICE_ACCOUNT.encode()).decode()])
def test_a_service_account_comes_as_json_as_base64_or_as_a_file(
    needed: dict[str, str], tmp_path: Path, credential: str
) -> None:
    file = tmp_path / "account.json"
    file.write_text(SERVICE_ACCOUNT + "\n")

    from_text = load_settings({**needed, "GOOGLE_CREDENTIALS_JSON": credential}).server_accounts()
    from_file = load_settings({**needed, "GOOGLE_APPLICATION_CREDENTIALS": str(file)}).server_accounts()

    assert from_text == from_file
    assert from_text[0].secret == SERVICE_ACCOUNT


def test_vertex_takes_project_region_bucket_and_token_as_they_are_set(needed: dict[str, str]) -> None:
    vertex = {
        "GOOGLE_CREDENTIALS_JSON": "ya29.a-token",
        "GOOGLE_CLOUD_PROJECT_ID": "acme",
        "GOOGLE_CLOUD_LOCATION": "global",
        "VERTEX_OUTPUT_URI": "gs://acme-results/reelwork/",
    }

    (account,) = load_settings({**needed, **vertex}).server_accounts()

    assert account == ServerAccount(
        "vertex_veo",
        "https://aiplatform.googleapis.com",
        "ya29.a-token",
        project="acme",
        location="global",
        output_uri="gs://acme-results/reelwork",
    )


def test_named_servers_bring_their_keys_from_the_variables_they_name(needed: dict[str, str]) -> None:
    servers = {
        "lab": {"url": "http://lab:8000/v1"},
        "gateway": {"url": "https://g.example/v1", "keyEnv": "GATEWAY_KEY"},
    }

    settings = load_settings({**needed, "OPENAI_VIDEOS_SERVERS": json.dumps(servers), "GATEWAY_KEY": "a-gateway-key"})

    assert settings.server_accounts() == (
        ServerAccount("openai_videos", "http://lab:8000/v1", "", server="lab"),
        ServerAccount("openai_videos", "https://g.example/v1", "a-gateway-key", server="gateway"),
    )
    assert "a-gateway-key" in settings.secret_values()
    assert "a-gateway-key" not in repr(settings) + repr(settings.server_accounts())
