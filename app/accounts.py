"""The provider accounts a call may use: the server's own by kind and name, and what a caller's key becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.provider_keys import last4, project_of
from db.crypto import Sealer
from db.lane_settings import NewLane
from providers import kinds


@dataclass(frozen=True, slots=True)
class Account:
    """One provider account with its plain key, which is never shown. `kind` is the long name."""

    kind: str
    base_url: str
    secret: str = field(repr=False)
    server: str | None = None
    project: str | None = None
    location: str | None = None
    output_uri: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a named server says of itself: how it bills, and its cap on videos in flight (None: the environment's)."""

    billing: str = "per_video"
    max_in_flight: int | None = None


@dataclass(frozen=True, slots=True)
class Accounts:
    """`own` are the server's accounts by kind and server name; `base_urls` where each kind is called (long names).

    `project` and `location` are the environment's, for callers' Vertex keys that name no project.
    """

    own: Mapping[tuple[str, str | None], Account]
    base_urls: Mapping[str, str]
    terms: Mapping[str, Terms]
    project: str | None = None
    location: str | None = None

    def of_caller(self, kind: str, base_url: str, secret: str, server: str | None) -> Account:
        """The account that a caller's key opens. Its results come inline: the operator's bucket is not theirs."""
        if kind != kinds.VERTEX_VEO:
            return Account(kind, base_url, secret, server)
        return Account(kind, base_url, secret, project=project_of(secret) or self.project, location=self.location)

    def lane_of(self, account: Account, sealer: Sealer) -> NewLane:
        """The lane that stands for an account; the same key with another project or bucket is another account."""
        terms = self.terms.get(account.server or "", Terms())
        place = (account.project, account.location, account.output_uri)
        return NewLane(
            kind=account.kind,
            base_url=account.base_url,
            key_hashes=sealer.fingerprints(recognised_by(account.secret, *place)),
            key_last4=last4(account.secret),
            server=account.server,
            project=account.project,
            location=account.location,
            output_uri=account.output_uri,
            billing=terms.billing,
            max_in_flight=terms.max_in_flight,
        )


def recognised_by(secret: str, project: str | None, location: str | None, output_uri: str | None) -> str:
    """The text whose fingerprint tells accounts apart."""
    return "\n".join([secret, project or "", location or "", output_uri or ""])
