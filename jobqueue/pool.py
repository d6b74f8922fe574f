"""Connections to Redis: patient ones for the worker, which must outlive an outage, quick to give up for the API."""

import ssl
from urllib.parse import urlsplit

from arq.connections import ArqRedis
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import BusyLoadingError, ConnectionError, ReadOnlyError, TimeoutError

_FOR_EVER = 2**31


def open_redis(url: str, *, queue: str, max_connections: int, patient: bool) -> ArqRedis:
    """A lazy pool: nothing is connected before the first command, and no server has to be there.

    `patient` retries a command until Redis is back (at most one try a second), for a worker's queue loop; callers that
    must not wait bound their own calls. Otherwise a command fails within about a second.
    """
    retries = _FOR_EVER if patient else 0
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=max_connections,
        timeout=None if patient else 1,
        socket_connect_timeout=2 if patient else 0.5,
        socket_timeout=10 if patient else 1,
        socket_keepalive=True,
        retry=Retry(ExponentialBackoff(cap=1, base=0.05), retries),
        retry_on_error=[ConnectionError, TimeoutError, BusyLoadingError, ReadOnlyError, OSError],
        health_check_interval=30,
        **_tls(url),
    )
    return ArqRedis(connection_pool=pool, default_queue_name=queue)


def _tls(url: str) -> dict[str, ssl.VerifyMode | bool]:
    """Platforms give `rediss://` with a self-signed certificate: the line is encrypted, the certificate not checked."""
    if urlsplit(url).scheme != "rediss":
        return {}
    return {"ssl_cert_reqs": ssl.CERT_NONE, "ssl_check_hostname": False}
