"""What the routes work with: made once in the lifespan and passed on, nothing global."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from app.accounts import Accounts
from app.auth import Authenticator
from app.bell import Bell
from app.gathering import Gathering
from app.hooks.senders import Senders
from app.links import Links
from app.live.feed import Feed
from app.live.watched import EventTokens
from app.outbound.fetch import Fetcher
from app.outbound.pinning import Pinner
from app.rate_limits import RateLimits
from db.connection import Pool
from db.crypto import Sealer
from db.queue_figures import StallPolicy
from db.retention import Kept
from observing.meters import Meters
from observing.page import Limits
from observing.telling import Receivers
from observing.totals import Totals
from providers.base import Provider
from providers.catalogue import Catalogue
from storage.base import Storage


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's decisions. `public_url` None: links take the request's own host. `budget_micros` is a UTC day's
    limit in millionths of a US dollar, None for no limit; `max_queued` how many videos a client without a limit of its
    own may have queued, 0 for no limit. `revision` is the migration this release needs;
    `behind_router` that a platform's router adds the caller's address to X-Forwarded-For. `videos_kept`
    is how long files stay after completion, None for ever; `review_visible` how long OpenAI's API shows what waits for
    a person as in progress."""

    public_url: str | None
    budget_micros: int | None
    simulated: bool
    stall: StallPolicy
    lease: timedelta
    kept: Kept
    revision: str
    behind_router: bool
    max_queued: int = 0
    review_visible: timedelta = timedelta(seconds=900)
    videos_kept: timedelta | None = None
    request_timeout: timedelta = timedelta(seconds=15)
    create_timeout: timedelta = timedelta(seconds=60)

    @property
    def limits(self) -> Limits:
        return Limits(self.lease, self.stall, self.budget_micros)


@dataclass(frozen=True, slots=True)
class Deps:
    """`providers` are the adapters by kind (long names)."""

    policy: Policy
    pool: Pool = field(repr=False)
    storage: Storage = field(repr=False)
    catalogue: Catalogue = field(repr=False)
    providers: Mapping[str, Provider] = field(repr=False)
    sealer: Sealer = field(repr=False)
    accounts: Accounts = field(repr=False)
    authenticator: Authenticator = field(repr=False)
    bell: Bell = field(repr=False)
    creates: Gathering[Any, Response | Exception] = field(repr=False)
    links: Links = field(repr=False)
    fetcher: Fetcher = field(repr=False)
    pinner: Pinner = field(repr=False)
    rate_limits: RateLimits = field(repr=False)
    feed: Feed = field(repr=False)
    event_tokens: EventTokens = field(repr=False)
    meters: Meters = field(repr=False)
    totals: Totals = field(repr=False)
    receivers: Receivers = field(repr=False)
    hooks: Senders = field(repr=False)
