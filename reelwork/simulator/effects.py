"""What a fault does to one call, before the work is done and after it."""

import json

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from reelwork.simulator.faults.kinds import Fault, Stage
from reelwork.simulator.refusals import refusal_by_fault
from reelwork.simulator.wire import CutOff, Dropped, Wires

_FOR_EVER_S = 86_400.0
_HUGE_BYTES = 20_000_000


async def strike_before(fault: Fault, wires: Wires, request: Request) -> Response | None:
    """Answer in place of the work, raise the Refusal, or return None to go on."""
    if fault.kind.stage is not Stage.BEFORE:
        return None
    match fault.name:
        case "slow":
            await wires.pause(fault.number("seconds", 5))
            return None
        case "hang":
            return Dropped(wires, with_reset=False, silent_s=fault.number("seconds", _FOR_EVER_S))
        case "reset" | "hang-up":
            return Dropped(wires, with_reset=fault.name == "reset")
        case _:
            raise refusal_by_fault(fault)


async def strike_after(fault: Fault, wires: Wires, request: Request, response: Response) -> Response:
    """The answer as it leaves after the work was done; Refusal where an error is to be shown instead."""
    if fault.kind.stage is not Stage.AFTER:
        return response
    match fault.name:
        case "hang-after":
            return Dropped(wires, with_reset=False, silent_s=fault.number("window", _FOR_EVER_S))
        case "reset-after" | "hang-up-after":
            return Dropped(wires, fault.name == "reset-after", silent_s=fault.number("window", 0))
        case "status-after":
            await wires.hold(request.receive, fault.number("window", 0))
            raise refusal_by_fault(fault)
        case "slow-after":
            await wires.hold(request.receive, fault.number("window", 5))
    return _garbled(fault, wires, response)


def _garbled(fault: Fault, wires: Wires, response: Response) -> Response:
    body = bytes(getattr(response, "body", b""))
    garbled = response
    match fault.name:
        case "cut":
            garbled = CutOff(wires, response, fault.number("at", 0.5))
        case "truncated-json":
            garbled = Response(body[: len(body) // 2], 200, media_type="application/json")
        case "html":
            garbled = HTMLResponse("<!doctype html><title>Welcome</title><p>Please sign in to the network.</p>")
        case "no-id":
            garbled = JSONResponse({})
        case "huge" if response.status_code == 200 and body:
            garbled = _padded(body, int(fault.number("bytes", _HUGE_BYTES)))
    return garbled


def _padded(body: bytes, size_bytes: int) -> Response:
    echo = [{"type": "image", "mime_type": "image/png", "data": "A" * max(size_bytes - len(body), 0)}]
    return JSONResponse({"input": echo, **json.loads(body)})
