"""The one way into every dialect: who calls, which faults strike, the work itself, the books."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from reelwork.simulator.accounts import Account
from reelwork.simulator.effects import strike_after, strike_before
from reelwork.simulator.faults.grammar import FaultSyntax
from reelwork.simulator.faults.kinds import Endpoint, Fault
from reelwork.simulator.faults.rules import Situation
from reelwork.simulator.refusals import Refusal
from reelwork.simulator.videos import Video, Wanted
from reelwork.simulator.world import World, facts_of


class Face(Protocol):
    """How a dialect reads a caller's key and words its errors."""

    dialect: str

    def credential(self, request: Request) -> str: ...

    def refuse(self, refusal: Refusal) -> Response: ...


@dataclass(slots=True)
class Call:
    """One request on its way: `wanted` is set for submissions, `video` where the call is about one."""

    world: World
    face: Face
    request: Request
    endpoint: Endpoint
    account: Account
    arrived_at: float
    wanted: Wanted | None = None
    video: Video | None = None
    faults: list[Fault] = field(default_factory=list)

    def accept(self, video_id: str) -> Video:
        """Take the submission into the books."""
        assert self.wanted is not None
        self.video = self.world.accept(self.account, self.face.dialect, self.wanted, video_id, self.arrived_at)
        return self.video


Reader = Callable[[Call], Awaitable[None]]
Work = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Gate:
    """Makes Starlette endpoints. `read` fills in what the call is about, `work` answers it."""

    world: World
    face: Face

    def endpoint(
        self, endpoint: Endpoint, work: Work, read: Reader | None = None
    ) -> Callable[..., Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await self._answer(request, endpoint, work, read)

        return answer

    async def _answer(self, request: Request, endpoint: Endpoint, work: Work, read: Reader | None) -> Response:
        arrived_at = self.world.clock.now()
        account = Account("-", "")
        try:
            account = self.world.accounts.admit(self.face.credential(request))
            call = Call(self.world, self.face, request, endpoint, account, arrived_at)
            if endpoint is Endpoint.SUBMIT:
                self.world.books.arrived(arrived_at, account.name)
            if read is not None:
                await read(call)
            response = await self._struck(call, work)
        except Refusal as refusal:
            response = self.face.refuse(refusal)
        except FaultSyntax as exc:
            response = self.face.refuse(Refusal(400, f"Simulator: {exc}", "simulator_marker"))
        self.world.books.count(account.name, self.face.dialect, endpoint, response.status_code)
        return response

    async def _struck(self, call: Call, work: Work) -> Response:
        call.faults = self._faults(call)
        for fault in call.faults:
            response = await strike_before(fault, self.world.wires, call.request)
            if response is not None:
                return response
        response = await work(call)
        if call.endpoint is Endpoint.SUBMIT and self.world.options.submit_delay_ms:
            await self.world.wires.hold(call.request.receive, self.world.options.submit_delay_ms / 1000)
        for fault in call.faults:
            response = await strike_after(fault, self.world.wires, call.request, response)
        return response

    def _faults(self, call: Call) -> list[Fault]:
        rules = self.world.rules
        wanted = call.wanted or (call.video.wanted if call.video else None)
        situation = Situation(call.endpoint, facts_of(call.account, self.face.dialect, wanted))
        own = call.video.rules if call.video else []
        if call.endpoint is Endpoint.SUBMIT and call.wanted is not None:
            own = rules.submission_rules(call.account.name, call.wanted.prompt)
        return rules.strike(situation, own)
