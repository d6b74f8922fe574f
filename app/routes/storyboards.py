"""Storyboards: all their jobs at a glance, and all their scenes asked for at once or not at all."""

from collections import Counter
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app import views
from app.answers.videos import Counts, Storyboard, StoryboardAccepted
from app.bodies import VideoBody
from app.calls import Call, guarded
from app.creating import accept_all
from app.drafts import Draft, draft_of
from app.inputs import InputLoader
from app.money import usd
from app.problems import Problem, merged, not_found
from app.provider_keys import key_in
from app.routes.videos import repeat_of
from app.scopes import Scope
from app.storyboard_bodies import bodies_of
from app.validation import LARGE_BODY, read_object
from db import reads
from db.connection import Executor
from db.tables import VideoJob


def routes() -> list[BaseRoute]:
    path = "/api/storyboards/{storyboard_id}"
    return [
        guarded(path, "GET", Scope.READ, show),
        guarded(f"{path}/generate", "POST", Scope.GENERATE, generate, creates=True),
    ]


async def show(call: Call) -> Response:
    """Its jobs in the order in which they were accepted, and how many stand where."""
    storyboard_id = call.request.path_params["storyboard_id"]
    found = await reads.storyboard(call.deps.pool, storyboard_id, call.principal.visible_client)
    if not found:
        raise not_found("storyboard")
    jobs = [await views.video(seen, call.deps.links, call.server_url) for seen in found]
    counts = Counter(job["status"] for job in jobs)
    told = Counts(
        queued=counts["queued"],
        processing=counts["processing"],
        completed=counts["completed"],
        failed=counts["failed"],
        cancelled=counts["cancelled"],
        needs_review=counts["needs_review"],
        total=len(jobs),
    )
    return JSONResponse(Storyboard(storyboardId=storyboard_id, counts=told, jobs=jobs))


async def generate(call: Call) -> Response:
    """202 with every scene accepted, in the order sent; any problem with one of them, and none is."""
    storyboard_id = call.request.path_params["storyboard_id"]
    bodies = bodies_of(await read_object(call.request, LARGE_BODY), storyboard_id)
    slots = await _slots(call, bodies)
    micros = sum(slot.plan.estimate_micro_usd if isinstance(slot, Draft) else slot.estimate_micros for slot in slots)

    async def answer(conn: Executor, before: Mapping[UUID, VideoJob]) -> Response:
        jobs = [
            views.accepted(slot, before.get(slot.id)) if isinstance(slot, Draft) else views.repeated(slot)
            for slot in slots
        ]
        told = StoryboardAccepted(storyboardId=storyboard_id, jobs=jobs, costEstimateUsd=usd(micros))
        return JSONResponse(told, HTTPStatus.ACCEPTED)

    return await accept_all(call, [slot for slot in slots if isinstance(slot, Draft)], answer)


async def _slots(call: Call, bodies: list[VideoBody]) -> list[Draft | VideoJob]:
    """For each scene its draft, or the row of an earlier create with the same job id. Raises Problem for all scenes."""
    slots: list[Draft | VideoJob] = []
    problems: list[tuple[str, Problem]] = []
    loader, key_of = InputLoader(call), partial(key_in, call.request)
    for index, body in enumerate(bodies):
        try:
            slots.append(await repeat_of(call, body) or await draft_of(call.deps, body, key_of, loader))
        except Problem as problem:
            problems.append((f"scenes.{index}", problem))
    if problems:
        raise merged(problems)
    return slots
