"""The settings of a process, read once. What is wrong with them is told in one message, and nothing starts."""

import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import SecretStr, ValidationError

from config import accounts, parts, urls
from config.accounts import ServerAccount
from config.checks import Role, problems
from config.errors import Problem, SettingsError
from config.variables import Variables

__all__ = ["Role", "ServerAccount", "Settings", "SettingsError", "load_settings", "load_settings_or_exit"]

# Google's and Amazon's own tools read the second name; the first one wins.
OTHER_NAMES = {"GOOGLE_CLOUD_PROJECT_ID": "GOOGLE_CLOUD_PROJECT", "AWS_REGION": "AWS_DEFAULT_REGION"}


class Settings(Variables):
    """All variables, and what follows from them."""

    @property
    def migration_url(self) -> str:
        """Where migrations connect: past a pooler if there is a direct address."""
        return self.direct_database_url or self.database_url

    @property
    def encryption_keys(self) -> tuple[bytes, ...]:
        """32-byte keys; the first one encrypts, all of them decrypt."""
        return parts.encryption_keys(self.encryption_key.get_secret_value())

    @property
    def openai_prices(self) -> dict[str, Decimal]:
        """OPENAI_MODELS with the default price filled in, dollars a second; `*` stands for every other model."""
        default = self.openai_default_price_usd_per_second
        priced = {name: default if price is None else price for name, price in self.openai_models.items()}
        return {name: price for name, price in priced.items() if price is not None}

    @property
    def operator_base_urls(self) -> tuple[str, ...]:
        """The providers' base URLs that the operator set; only these may lie at a private or loopback address."""
        return accounts.operator_base_urls(self)

    def server_accounts(self) -> tuple[ServerAccount, ...]:
        """The provider accounts that the environment configures; reads the Google credential's file."""
        return accounts.server_accounts(self)

    def secret_values(self) -> Iterator[str]:
        """Every secret as plain text, for the log's last net."""
        fields = (getattr(self, name) for name in type(self).model_fields)
        yield from (field.get_secret_value() for field in fields if isinstance(field, SecretStr))
        yield from (server.key.get_secret_value() for server in self.openai_videos_servers.values() if server.key)
        yield from (part.strip() for part in self.encryption_key.get_secret_value().split(","))
        addresses = (self.database_url, self.direct_database_url, self.redis_url)
        yield from (password for url in addresses if url and (password := urls.password_in(url)))
        yield from self.alert_webhook_url
        yield from (one.get_secret_value() for one in (*self.openai_webhook_secret, *self.gemini_webhook_secret))


def load_settings(environ: Mapping[str, str] | None = None, *, role: Role = "web") -> Settings:
    """Read `environ` (the process's own if None) for a process of this role.

    A variable that is empty counts as unset. Raises SettingsError, which names every variable to mend at once.
    """
    environ = os.environ if environ is None else environ
    values = _given(environ)
    settings, found = _validated(values)
    malformed = {problem.variable for problem in found}
    found += [problem for problem in problems(settings, role, environ) if problem.variable not in malformed]
    if found:
        raise SettingsError(found)
    return settings.model_copy(update={"openai_videos_servers": _with_keys(settings, environ)})


def load_settings_or_exit(role: Role) -> Settings:
    """As `load_settings`, for entry points: prints what is wrong on stderr and exits 1."""
    try:
        return load_settings(role=role)
    except SettingsError as error:
        raise SystemExit(str(error)) from None


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    values = {}
    for field in Settings.model_fields:
        name = field.upper()
        value = environ.get(name, "").strip() or environ.get(OTHER_NAMES.get(name, name), "").strip()
        if value:
            values[field] = value
    return values


def _validated(values: dict[str, str]) -> tuple[Settings, list[Problem]]:
    """Settings of what is well formed, so that the rest can still be judged, and a problem for each that is not."""
    try:
        return Settings.model_validate(values), []
    except ValidationError as error:
        found = [
            _problem(detail) for detail in error.errors(include_url=False, include_context=False, include_input=False)
        ]
    malformed = {problem.variable.lower() for problem in found}
    return Settings.model_validate({name: value for name, value in values.items() if name not in malformed}), found


def _problem(detail: Any) -> Problem:
    variable, *inner = (str(part) for part in detail["loc"])
    sentence = detail["msg"].removeprefix("Value error, ")
    sentence = sentence.replace("Input should be", "must be", 1).replace("String should", "must", 1)
    where = f"({'.'.join(inner)}) " if inner else ""
    return Problem(variable.upper(), f"{where}{sentence.rstrip('.')}.")


def _with_keys(settings: Settings, environ: Mapping[str, str]) -> dict[str, parts.OpenAIServer]:
    def with_key(server: parts.OpenAIServer) -> parts.OpenAIServer:
        key = environ.get(server.key_env, "").strip() if server.key_env else ""
        return server.model_copy(update={"key": SecretStr(key)}) if key else server

    return {name: with_key(server) for name, server in settings.openai_videos_servers.items()}
