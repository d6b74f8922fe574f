"""Nothing that is or looks like a secret gets past the last net, and ordinary text does."""

from collections.abc import Callable
from typing import Any

import pytest
from loguru import logger

from config.logs import register_secrets
from config.redaction import mask, without_queries

SECRET = "hidden-value-0123456789"


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"{{'authorization': 'Basic {SECRET}'}}",
        f"X-Provider-Key: {SECRET}",
        f'{{"x-goog-api-key": "{SECRET}"}}',
        f"cookie api_key_veo={SECRET}; other=1",
        f"https://host/video.mp4?exp=5&sig={SECRET}",
        f"https://host/video.mp4?X-Amz-Expires=5&X-Amz-Signature={SECRET}&x=1",
        f"GET /v1/models?key={SECRET}",
        f"postgresql://reelwork:{SECRET}@db/reelwork",
        f"rediss://:{SECRET}@cache:6379",
        f"AIza{SECRET} is not valid",
        f"Incorrect API key provided: sk-proj-{SECRET}.",
        f"token ya29.{SECRET}",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    assert SECRET not in mask(text)
    assert "***" in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "video stored under 3f0c/1/video.mp4",
        "the bearer of the ring asks for a basic scene",
        "monkey=business, risk-free, task-1",
        "connected to http://127.0.0.1:8000/readyz",
        "QUEUE_NAME=video-generation",
    ],
)
def test_ordinary_text_passes(text: str) -> None:
    assert mask(text) == text


def test_registered_secrets_are_masked_in_messages_fields_and_tracebacks(
    json_lines: Callable[[], list[dict[str, Any]]],
) -> None:
    register_secrets([SECRET, "short", ""])

    try:
        raise ValueError(f"refused {SECRET}")
    except ValueError:
        logger.bind(reason=f"was {SECRET}", names=1, model=[f"a {SECRET}"]).exception(f"key {SECRET} is short")

    (line,) = json_lines()
    assert SECRET not in str(line)
    assert (line["message"], line["reason"], line["model"]) == ("key *** is short", "was ***", ["a ***"])


def test_the_longer_of_two_secrets_that_share_a_start_is_masked_whole(own_logging: None) -> None:
    register_secrets(["reelwork-key", "reelwork-key-of-production"])

    assert mask("reelwork-key-of-production") == "***"


def test_an_ordinary_word_that_is_somebody_s_password_is_not_hidden_everywhere(own_logging: None) -> None:
    register_secrets(["reelwork"])

    assert (
        mask("reelwork at postgresql://reelwork:reelwork@db/reelwork")
        == "reelwork at postgresql://reelwork:***@db/reelwork"
    )


def test_queries_of_addresses_are_cut_off() -> None:
    assert without_queries("GET https://a/b?c=d&e=f 200, http://g") == "GET https://a/b 200, http://g"
