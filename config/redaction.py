"""The log's last net: no known secret, and nothing that looks like a key or a signed address, passes through `mask`.

Code that logs must not hand secrets over in the first place; this catches what slips in by way of others' errors.
"""

import re
from collections.abc import Callable

MASK = "***"
SHORTEST_SECRET = 12

_QUERY_NAMES = (
    "key|sig|signature|token|secret|password|access_token|refresh_token|id_token|client_secret|api_key|apikey|auth|"
    "awsaccesskeyid|googleaccessid|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)"
)
_HEADER_NAMES = "x-provider-key|x-goog-api-key|x-api-key|api-key|api_key_[a-z]+"
_SHAPES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(-----END \1-----|$)", re.DOTALL), MASK),
    (
        re.compile(r"\b(bearer\s+|authorization['\"]?\s*[:=]\s*['\"]?basic\s+)[\w.~+/=-]{6,}", re.IGNORECASE),
        rf"\1{MASK}",
    ),
    (re.compile(rf"(?<!\w)((?:{_HEADER_NAMES})['\"]?\s*[:=]\s*['\"]?)[^\s'\",;]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(rf"(?<!\w)((?:{_QUERY_NAMES})=)[^&\s'\"<>]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"\b([a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+@", re.IGNORECASE), rf"\1{MASK}@"),
    (re.compile(r"(?<!\w)(AIza|sk-|ya29\.|whsec_)[\w.-]{8,}"), rf"\1{MASK}"),
)
# No shape matches a text without one of these, and most texts have none: looking for them is ten times cheaper.
_SIGNS = ("=", ":", "bearer", "aiza", "sk-", "ya29.", "whsec_", "-----begin")
_QUERY_OF_URL = re.compile(r"(https?://[^\s?#'\"<>]+)\?[^\s'\"<>]*", re.IGNORECASE)

_secrets: set[str] = set()
_known: re.Pattern[str] | None = None


def register_secret(value: str | None) -> None:
    """Mask `value` from now on, wherever it stands in a line.

    For the process's own few secrets, not for callers' keys. Shorter than 12 characters is left alone: it may be an
    ordinary word (a database password `reelwork`), and the addresses that hold it are masked by their shape.
    """
    global _known
    if value and len(value) >= SHORTEST_SECRET and value not in _secrets:
        _secrets.add(value)
        longest_first = sorted(_secrets, key=len, reverse=True)
        _known = re.compile("|".join(re.escape(secret) for secret in longest_first))


def forget_secrets() -> None:
    """Drop all registered secrets."""
    global _known
    _secrets.clear()
    _known = None


def mask(text: str) -> str:
    """`text` without registered secrets, keys, tokens, private keys, passwords and signatures."""
    if _known is not None and any(secret in text for secret in _secrets):
        text = _known.sub(MASK, text)
    lowered = text.lower()
    if any(sign in lowered for sign in _SIGNS):
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
    return text


def without_queries(text: str) -> str:
    """`text` with the query of every http address cut off, for lines of libraries that print whole addresses."""
    return _QUERY_OF_URL.sub(r"\1", text)
