"""Settings that hold more than one word: key lists, named servers, prices, successors.

Every parser raises ValueError with a sentence that holds no secret.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel
from pydantic.functional_validators import AfterValidator

from config.urls import http_url

KINDS = {"sora": "openai_videos", "veo": "vertex_veo", "omni": "google_omni"}
KEY_BYTES = 32
DOLLARS = Field(ge=0, le=1000, max_digits=12, decimal_places=6)


class OpenAIServer(BaseModel):
    """One named server of the OpenAI Videos dialect. `key` is the value of the variable that `key_env` names.

    A price of None is the catalogue's; `max_in_flight` None means LANE_MAX_IN_FLIGHT, 0 no cap. `billing`
    free_on_loss: what the server's restart forgets cost nothing.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(http_url)]
    key_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    models: tuple[str, ...] = Field(default=("*",), min_length=1)
    price_per_second_usd: Annotated[Decimal, DOLLARS] | None = None
    billing: Literal["per_video", "free_on_loss"] = "per_video"
    max_in_flight: int | None = Field(default=None, ge=0)
    key: SecretStr | None = Field(default=None, exclude=True)


@dataclass(frozen=True, slots=True)
class Successor:
    """Calls for `model` of `kind` go to `to_model` of `to_kind`; both kinds are long names.

    `rounds_down`: a length that the successor does not offer becomes its next shorter one instead of a refusal.
    """

    kind: str
    model: str
    to_kind: str
    to_model: str
    rounds_down: bool = False


def words(value: object) -> object:
    """A comma-separated line as its parts, blanks dropped; anything that is no string passes as it is."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def json_object(value: object) -> object:
    """A JSON object's text as a dict; anything that is no string passes as it is."""
    if not isinstance(value, str):
        return value
    try:
        parsed = json.loads(value)
    except ValueError:
        raise ValueError(
            "must be JSON: name -> {url, keyEnv, models, pricePerSecondUsd, billing, maxInFlight}"
        ) from None
    if not isinstance(parsed, dict):
        raise ValueError("must be a JSON object, server name -> server")
    return parsed


def encryption_keys(text: str) -> tuple[bytes, ...]:
    """The 32-byte keys of a comma-separated list; the first one encrypts, all of them decrypt."""
    keys = tuple(_key(part.strip()) for part in text.split(",") if part.strip())
    if not keys:
        raise ValueError("holds no key")
    return keys


def prices(value: object) -> object:
    """`name=price, name` as {name: Decimal or None}; None takes the default price. Prices are dollars a second."""
    if not isinstance(value, str):
        return value
    return dict(_pair(part.strip()) for part in value.split(",") if part.strip())


def successors(value: object) -> object:
    """`kind:model=kind:model, …` as Successor values; a rule that ends in `~` rounds lengths down."""
    if not isinstance(value, str):
        return value
    rules = tuple(_successor(part.strip()) for part in value.split(",") if part.strip())
    if len({(rule.kind, rule.model) for rule in rules}) < len(rules):
        raise ValueError("names one model twice on the left of =")
    return rules


def each(check: Callable[[str], str]) -> AfterValidator:
    """A validator that puts every item of a tuple through `check`."""
    return AfterValidator(lambda items: tuple(check(item) for item in items))


def _key(text: str) -> bytes:
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text)
    padded = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        key = base64.b64decode(padded + "=" * (-len(padded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(
            "must be 32 random bytes as 64 hex digits or base64url (several: comma-separated); "
            "`python -m app.keys new-encryption-key` prints one"
        )
    return key


def _pair(text: str) -> tuple[str, Decimal | None]:
    name, equals, price = (part.strip() for part in text.partition("="))
    if not name or (equals and not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", price)):
        raise ValueError("must be name=price,… with prices in dollars a second, for example my-model=0.05")
    return name, Decimal(price) if equals else None


def _successor(text: str) -> Successor:
    match = re.fullmatch(r"([a-z_]+):([^=\s]+)\s*=\s*([a-z_]+):([^=\s~]+)(~?)", text)
    if not match:
        raise ValueError("must be kind:model=kind:model,… for example sora:sora-2=omni:gemini-omni-1.2-flash")
    kind, to_kind = KINDS.get(match[1], match[1]), KINDS.get(match[3], match[3])
    if {kind, to_kind} - set(KINDS.values()):
        raise ValueError(f"knows the kinds {', '.join(KINDS)} only")
    if (kind, match[2]) == (to_kind, match[4]):
        raise ValueError("sends a model to itself")
    return Successor(kind, match[2], to_kind, match[4], rounds_down=bool(match[5]))
