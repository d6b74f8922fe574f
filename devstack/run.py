"""`make run`: the whole of Reelwork on this machine, from nothing to a finished sample, until Ctrl-C.

python -m devstack.run [--reload]
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from devstack import plan
from devstack.engines import Engine, Engines, Home, in_thread, start_engines, take_home
from devstack.engines.ports import pick_port
from devstack.environ import ROOT, local_environment
from devstack.errors import DevstackError
from devstack.keys import Keys, local_keys
from devstack.options import Options, read_options
from devstack.readiness import require_free_port, wait_until_ready
from devstack.sample import run_sample
from devstack.supervisor import Supervisor, stop_leftover_processes
from devstack.terminal import Terminal
from reelwork import AsyncReelwork, ReelworkError

LOOK_AFTER_ENGINES_EVERY_S = 0.5
LOOK_FOR_MAKE_EVERY_S = 1.0
NO_SAMPLE = (
    "The sample storyboard is not submitted: real providers are set up, and it could cost money. "
    "SAMPLE=1 submits it all the same; SIMULATOR=1 leaves the real providers alone."
)
UNWANTED_SAMPLE = "SAMPLE=0: the sample storyboard is not submitted."
FAKE_VALKEY = "no Valkey or Redis on this system: a stand-in serves, which keeps nothing; set REDIS_URL"


class Run:
    """One local run."""

    def __init__(self, options: Options, terminal: Terminal) -> None:
        self.options = options
        self.terminal = terminal
        self.supervisor: Supervisor | None = None

    async def serve(self) -> int:
        """Everything, in order; the exit code. Cancelling stops all of it."""
        options = self.options
        if options.once and not options.submits_sample:
            self.terminal.say(NO_SAMPLE if options.sample is None else UNWANTED_SAMPLE, style="bold red")
            return 1
        async with AsyncExitStack() as stack:
            home = await stack.enter_async_context(in_thread(take_home(options.home)))
            if await asyncio.to_thread(stop_leftover_processes, home):
                self.terminal.say("stopped processes that an earlier run had left behind", style="yellow")
            require_free_port(options.port)
            engines = await self._engines(stack, home)
            keys = local_keys(options.home, options.environment)
            self.supervisor = await stack.enter_async_context(Supervisor(home, self.terminal, options.grace_s))
            storage_url = await self._start(self.supervisor, home, engines, keys)
            return await self._work(engines, keys, storage_url)

    async def _engines(self, stack: AsyncExitStack, home: Home) -> Engines:
        urls = self.options.environment.get("DATABASE_URL"), self.options.environment.get("REDIS_URL")
        self.terminal.say("starting " + _what(urls[0], urls[1]))
        started = start_engines(home, database_url=urls[0], redis_url=urls[1])
        engines = await stack.enter_async_context(in_thread(started))
        if engines.valkey is not None and engines.valkey.is_fake:
            self.terminal.say(FAKE_VALKEY, style="yellow")
        return engines

    async def _start(self, supervisor: Supervisor, home: Home, engines: Engines, keys: Keys) -> str:
        """Migrate, then start all parts; the storage's URL."""
        simulator_port = pick_port(home.state.get_int("simulator_port"))
        simulator_url = f"http://127.0.0.1:{simulator_port}" if self.options.simulated else None
        shared = plan.shared_environment(self.options, engines, simulator_url)
        await supervisor.run_to_end(plan.migration(shared))
        if self.options.simulated:
            home.state.save({"simulator_port": simulator_port})
            supervisor.start(plan.simulator(self.options, simulator_port))
        supervisor.start(plan.api(shared, keys, self.options.port))
        supervisor.start(*plan.workers(shared, keys, self.options.workers))
        await wait_until_ready(self.options.url, supervisor.check)
        return shared["STORAGE_URL"]

    async def _work(self, engines: Engines, keys: Keys, storage_url: str) -> int:
        """The sample, then nothing but keeping all of it alive. Returns only if ONCE=1."""
        async with asyncio.TaskGroup() as group:
            background = [
                group.create_task(self._keep(engine)) for engine in (engines.postgres, engines.valkey) if engine
            ]
            if self.options.reload:
                watching = asyncio.Event()
                background.append(group.create_task(self._reload(watching)))
                await watching.wait()
            is_stored = await self._sample(keys, storage_url)
            if not self.options.once:
                self._greet()
                await asyncio.Event().wait()
            for task in background:
                task.cancel()
        return 0 if is_stored else 1

    async def _sample(self, keys: Keys, storage_url: str) -> bool:
        if not self.options.submits_sample:
            self.terminal.say(NO_SAMPLE if self.options.sample is None else UNWANTED_SAMPLE, style="")
            return False
        try:
            async with AsyncReelwork(self.options.url, keys.admin) as reelwork:
                return await run_sample(reelwork, self.terminal, storage_url)
        except ReelworkError as error:
            self.terminal.say(f"the sample storyboard was not made: {error}", style="bold red")
            return False

    def _greet(self) -> None:
        url, key = self.options.url, self.options.home / "admin_key"
        self.terminal.say(f"serving at {url}; the key is in {key}. Ctrl-C stops everything.")
        self.terminal.say(f'try: curl -H "Authorization: Bearer $(cat {key})" {url}/api/admin/queue', style="")

    async def _keep(self, engine: Engine) -> None:
        """Start an engine again that died; loudly, since nothing works meanwhile."""
        while True:
            await asyncio.sleep(LOOK_AFTER_ENGINES_EVERY_S)
            if not engine.is_running:
                self.terminal.say(f"{engine.server.name} died; starting it again", style="bold red")
                await engine.start()

    async def _reload(self, watching: asyncio.Event) -> None:
        from devstack.reload import code_changes

        async for changed in code_changes(watching):
            if self.supervisor is not None:
                self.terminal.say(f"{changed} changed: starting API and workers again", style="yellow")
                self.supervisor.renew()


async def supervise(run: Run) -> int:
    """Serve until the end, a signal, or the death of the `make` that started us; the exit code."""
    loop = asyncio.get_running_loop()
    serving = asyncio.ensure_future(run.serve())

    def stop(number: signal.Signals) -> None:
        if serving.cancelling() and run.supervisor is not None:
            run.supervisor.hurry()
        else:
            run.terminal.say(f"{number.name}: stopping everything; once more, and nothing is waited for", "yellow")
        serving.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means: stay
            loop.add_signal_handler(number, stop, number)
    watching = asyncio.ensure_future(_until_make_dies())
    watching.add_done_callback(lambda done: None if done.cancelled() else serving.cancel())
    try:
        return await serving
    except asyncio.CancelledError:
        return 0
    finally:
        watching.cancel()


def main(arguments: Sequence[str]) -> int:
    """Run; the exit code."""
    terminal = Terminal()
    try:
        options = read_options(local_environment(ROOT), ROOT, reload="--reload" in arguments)
        if options.port == 0:
            options = replace(options, port=pick_port())
        return asyncio.run(supervise(Run(options, terminal)))
    except* DevstackError as group:
        for error in _leaves(group):
            terminal.say(str(error), style="bold red")
    return 1


async def _until_make_dies() -> None:
    """Return when the `make` above us is gone: nobody could stop us any more. Without one, never."""
    parent = os.getppid()
    while True:
        await asyncio.sleep(LOOK_FOR_MAKE_EVERY_S)
        if "MAKELEVEL" in os.environ and os.getppid() != parent:
            return


def _leaves(group: BaseExceptionGroup[DevstackError]) -> list[DevstackError]:
    leaves: list[DevstackError] = []
    for error in group.exceptions:
        leaves += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return leaves


def _what(database_url: str | None, redis_url: str | None) -> str:
    parts = ["DATABASE_URL's database" if database_url else "PostgreSQL", "REDIS_URL's" if redis_url else "Valkey"]
    return " and ".join(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
