"""The SHA-256 of a small file, off the event loop."""

import asyncio
from hashlib import file_digest
from pathlib import Path


async def sha256_of(path: Path) -> str:
    """In hex."""

    def digest() -> str:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()

    return await asyncio.to_thread(digest)
