"""What `python -m app.restored` does and says."""

import sys
from datetime import datetime

from app.main import open_deps
from app.restore.report import Fate, Report
from app.restore.working_off import work_off
from config.logs import configure_logs, register_secrets
from config.settings import load_settings_or_exit
from db.retry import CONTENDED, UNAVAILABLE
from storage.base import StorageError

_SHOWN = 100


async def run(at: datetime, *, dry: bool) -> int:
    """Work the dump off and print what became of its rows; the exit code."""
    settings = load_settings_or_exit("web")
    register_secrets(settings.secret_values())
    configure_logs("error", "text", stream=sys.stderr)
    try:
        async with open_deps(settings) as deps:
            report = await work_off(deps, at, _say, dry=dry)
    except (*UNAVAILABLE, *CONTENDED) as error:
        sys.stderr.write(f"the database at DATABASE_URL does not answer ({type(error).__name__}); run it again\n")
        return 1
    except StorageError as error:
        sys.stderr.write(f"the storage does not answer ({error}); run it again\n")
        return 1
    _print(report, dry=dry)
    return 0 if report.complete else 1


def _print(report: Report, *, dry: bool) -> None:
    _say(f"{report.fates.total()} unfinished videos{' (dry run: nothing was changed)' if dry else ''}")
    for fate in Fate:
        if report.fates[fate]:
            _say(f"{report.fates[fate]:7}  {fate}")
    _list("for a person to decide, GET /api/admin/review", [str(job_id) for job_id in report.undecided])
    _list("videos in storage of jobs that the database does not know; nothing removes them", report.stray_files)
    _list("videos at providers that no row knows; nothing collects them", report.stray_videos)
    _list("providers that did not answer; run this again", report.silent_lanes)
    if not report.complete:
        _say("not done: everything stays held until a run could settle all")
    elif not dry:
        _say("done: the hold is lifted; unset LANES_PAUSED if you have set it")


def _list(title: str, names: list[str]) -> None:
    if names:
        _say(f"{len(names)} {title}:")
        for name in names[:_SHOWN]:
            _say(f"  {name}")
        if len(names) > _SHOWN:
            _say(f"  and {len(names) - _SHOWN} more")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
