"""A video is followed from its request to its file: by an id in the logs, and as one trace of OpenTelemetry."""

import json
from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from observing import spans
from tests.stack.installation import Installation
from tests.stack.waiting import until
from worker.process import Process


class _Tracing:
    """OpenTelemetry's API as the process sees it, with a tracer of this test's own."""

    def __init__(self, provider: TracerProvider) -> None:
        self.get_tracer = provider.get_tracer

    def __getattr__(self, name: str) -> object:
        return getattr(trace, name)


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Keeps every span in memory."""
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(spans, "_trace", _Tracing(provider))
    yield kept
    provider.shutdown()


async def test_every_step_of_a_video_is_in_the_trace_of_its_id(
    installation: Installation, process: Process, exporter: InMemorySpanExporter
) -> None:
    (job_id,) = await installation.submit(["a cat"])
    process.claimer.can_store = True
    await process.claimer.run_once()

    async def is_stored() -> bool:
        return (await installation.job(job_id))["state"] == "completed"

    await until(is_stored, 120, "the video")
    await until(lambda: ended(exporter), 30, "the end of its last span")

    found = {span.name: span for span in exporter.get_finished_spans()}
    steps = [found[name] for name in ("submit", "generating", "collecting")]
    assert {context_of(span).trace_id for span in steps} == {job_id.int}
    assert all((span.attributes or {})["reelwork.job_id"] == str(job_id) for span in steps)
    for call, step in (("provider submit", "submit"), ("provider download", "collecting")):
        inside = found[call].parent
        assert inside is not None
        assert inside.span_id == context_of(found[step]).span_id


async def ended(exporter: InMemorySpanExporter) -> bool:
    return "collecting" in {span.name for span in exporter.get_finished_spans()}


def context_of(span: ReadableSpan) -> trace.SpanContext:
    context = span.get_span_context()
    assert context is not None
    return context


async def test_the_requests_id_stands_in_every_line_of_the_worker(installation: Installation) -> None:
    (job_id,) = await installation.submit(["a cat"], trace_id="asked-for-0123")
    installation.start_worker()
    await installation.all_ended(150)

    lines = [json.loads(line) for line in installation.log_of("worker-0").splitlines() if str(job_id) in line]

    reached = [line["message"] for line in lines if line["action"] == "transition"]
    assert reached == [
        "queued -> submitting",
        "submitting -> generating",
        "generating -> collecting",
        "collecting -> completed",
    ]
    assert {line.get("request_id") for line in lines} == {"asked-for-0123"}


def test_without_opentelemetry_a_span_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from uuid import uuid4

    monkeypatch.setattr(spans, "_trace", None)

    with spans.span("submit", uuid4()) as outer, spans.inner("provider submit") as within:
        assert (outer, within) == (None, None)
