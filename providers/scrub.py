"""Takes secrets out of a provider's words before anyone may see them, and cuts them to a length worth keeping."""

import re

LONGEST_BYTES = 1000
SHORTEST_SECRET = 6
MASK = "***"

_PATTERNS = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"(?i)\b(?:bearer|basic|key)\s+[A-Za-z0-9._~+/=-]{12,}"),
    re.compile(r"\b(?:sk|rk|pk|fal|r8)[-_][A-Za-z0-9_*.-]{6,}"),
    re.compile(r"\bAIza[A-Za-z0-9_-]{10,}"),
    re.compile(r"\bya29\.[A-Za-z0-9._-]+"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9._-]+"),
    re.compile(r"(?i)(?<=[?&])(?:key|api_key|token|access_token|sig|signature|x-[a-z]+-signature)=[^&\s\"']+"),
)


def scrubbed(text: str, *secrets: str) -> str:
    """The text with these secrets, and all that looks like one, masked; at most 1 kB of valid UTF-8, on one line."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    for pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line.encode("utf-8", "replace")[:LONGEST_BYTES].decode("utf-8", "ignore")
