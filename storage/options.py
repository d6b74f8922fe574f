"""How to reach a bucket; imports no client library."""

from dataclasses import dataclass, field
from typing import Literal

AddressingStyle = Literal["auto", "path", "virtual"]


@dataclass(frozen=True, slots=True)
class S3Options:
    """Whatever is None comes from boto's own chain (environment, profile, instance role).

    `addressing_style` `auto` puts the bucket into the path at a custom endpoint and into the host name at Amazon's.
    """

    endpoint_url: str | None = None
    addressing_style: AddressingStyle = "auto"
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    max_connections: int = 32
