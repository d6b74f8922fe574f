"""Who calls: every non-empty key is an account of its own, unless it is bad or revoked."""

import hashlib
from dataclasses import dataclass, field

from reelwork.simulator.clock import Clock
from reelwork.simulator.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Account:
    """`name` stands for the key in the books, so that no key is ever shown."""

    name: str
    key: str = field(repr=False)


def account_name(key: str) -> str:
    return "acct-" + hashlib.sha256(key.encode()).hexdigest()[:10]


@dataclass(slots=True)
class Accounts:
    """Keys and OAuth tokens seen so far, and which of them are revoked."""

    clock: Clock
    revoked: set[str] = field(default_factory=set)
    _accounts: dict[str, Account] = field(default_factory=dict)
    _tokens: dict[str, tuple[str, float]] = field(default_factory=dict)

    def admit(self, key: str) -> Account:
        """The account behind a key or an issued token; Refusal where it is missing, bad, revoked or out of date."""
        if not key:
            raise Refusal(401, "You didn't provide an API key.", "missing_api_key", is_about_key=True)
        owner, good_until = self._tokens.get(key, (key, float("inf")))
        if owner.startswith("bad") or owner in self.revoked or account_name(owner) in self.revoked:
            raise Refusal(401, "Incorrect API key provided.", "invalid_api_key", is_about_key=True)
        if good_until <= self.clock.now():
            raise Refusal(401, "The access token has expired.", "expired_token")
        return self._of(owner)

    def issue(self, token: str, owner: str, ttl_s: float) -> None:
        """Let `token` stand for `owner` for `ttl_s` seconds."""
        self._tokens[token] = (owner, self.clock.now() + ttl_s)

    def revoke(self, key: str, revoked: bool) -> None:
        (self.revoked.add if revoked else self.revoked.discard)(key)

    def clear(self) -> None:
        """Forget every revocation and every issued token."""
        self.revoked.clear()
        self._tokens.clear()

    def named(self, key_or_name: str) -> str:
        """The account name for either a key or a name."""
        return key_or_name if key_or_name.startswith("acct-") else account_name(key_or_name)

    def _of(self, key: str) -> Account:
        if key not in self._accounts:
            self._accounts[key] = Account(account_name(key), key)
        return self._accounts[key]
