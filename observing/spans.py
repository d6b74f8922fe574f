"""OpenTelemetry spans, where its API is installed and a tracer is set up (`opentelemetry-instrument`); else nothing.

All spans of one video are one trace, in whichever process and whenever they are made: its id is the video's.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from typing import Any
from uuid import UUID

_HALF = 2**64 - 1


def _api() -> Any:
    try:
        return import_module("opentelemetry.trace")
    except ImportError:
        return None


_trace = _api()


def span(name: str, job_id: UUID, **about: str | int) -> AbstractContextManager[object]:
    """A span of the video's trace around a block."""
    return (
        nullcontext()
        if _trace is None
        else _recorded(name, _of_video(job_id), {"reelwork.job_id": str(job_id)} | about)
    )


def inner(name: str, **about: str | int) -> AbstractContextManager[object]:
    """A span within the one around it; outside of any it is nothing."""
    if _trace is None or not _trace.get_current_span().is_recording():
        return nullcontext()
    return _recorded(name, None, about)


@contextmanager
def _recorded(name: str, parent: Any, about: dict[str, Any]) -> Iterator[object]:
    tracer = _trace.get_tracer("reelwork")
    attributes = {key if "." in key else f"reelwork.{key}": value for key, value in about.items()}
    with tracer.start_as_current_span(name, context=parent, attributes=attributes, record_exception=False) as made:
        yield made


def _of_video(job_id: UUID) -> Any:
    """A parent that nobody recorded, so that the trace's id is the video's."""
    flags = _trace.TraceFlags(_trace.TraceFlags.SAMPLED)
    context = _trace.SpanContext(job_id.int, job_id.int & _HALF or 1, is_remote=True, trace_flags=flags)
    return _trace.set_span_in_context(_trace.NonRecordingSpan(context))
