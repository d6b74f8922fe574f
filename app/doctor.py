"""`python -m app.doctor`: looks at settings, engines, schema, storage, keys and models; exit 1 where one fails."""

import asyncio
import sys

from app.examining import Finding, examine
from app.main import open_deps
from config.logs import configure_logs, register_secrets
from config.settings import Settings, load_settings_or_exit
from jobqueue.pool import open_redis

_SIGNS = {"ok": "ok     ", "warning": "warning", "failed": "FAILED "}


async def diagnose(settings: Settings) -> list[Finding]:
    """All findings, each written to stdout as soon as it is made."""
    redis = open_redis(settings.redis_url, queue=settings.queue_name, max_connections=2, patient=False)
    findings = [Finding("settings", "ok", "are complete and well formed")]
    _write(findings[0])
    try:
        async with open_deps(settings) as deps:
            async for finding in examine(deps, redis):
                _write(finding)
                findings.append(finding)
    finally:
        await redis.aclose(close_connection_pool=True)
    return findings


def _write(finding: Finding) -> None:
    sys.stdout.write(f"{_SIGNS[finding.verdict]}  {finding.about}: {finding.text}\n")
    sys.stdout.flush()


def main() -> int:
    """0 where nothing failed; warnings do not count."""
    settings = load_settings_or_exit("web")
    register_secrets(settings.secret_values())
    configure_logs("error", "text", stream=sys.stderr)
    findings = asyncio.run(diagnose(settings))
    return 1 if any(finding.verdict == "failed" for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
