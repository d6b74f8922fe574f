"""The two clients. What they can do is listed once, for both."""

from reelwork.client import creating, downloads, operating, videos, waiting
from reelwork.client.operation import Operation
from reelwork.client.runners import AsyncRunner, SyncRunner


class Operations:
    """Everything that can be asked of a server."""

    generate = Operation(creating.generate)
    submit = Operation(creating.submit)
    take_over = Operation(creating.take_over)
    generate_storyboard = Operation(creating.generate_storyboard)

    get = Operation(videos.get)
    jobs = Operation(videos.jobs)
    storyboard = Operation(videos.storyboard)
    events = Operation(videos.events)
    cancel = Operation(videos.cancel)
    delete = Operation(videos.delete)
    prioritise = Operation(videos.prioritise)
    retry = Operation(videos.retry)

    wait = Operation(waiting.wait)
    wait_storyboard = Operation(waiting.wait_storyboard)
    download = Operation(downloads.download)
    download_thumbnail = Operation(downloads.download_thumbnail)

    queue = Operation(operating.queue)
    failed = Operation(operating.failed)
    cleanup = Operation(operating.cleanup)
    health = Operation(operating.health)
    models = Operation(operating.models)
    lanes = Operation(operating.lanes)
    set_lane = Operation(operating.set_lane)
    review = Operation(operating.review)
    resolve = Operation(operating.resolve)
    pause = Operation(operating.pause)
    resume = Operation(operating.resume)
    alerts = Operation(operating.alerts)
    test_alerts = Operation(operating.test_alerts)
    spend = Operation(operating.spend)


class Reelwork(SyncRunner, Operations):
    """The blocking client: `with Reelwork() as reelwork: reelwork.generate("A fox in the snow")`.

    `url` and `api_key` default to REELWORK_URL and REELWORK_API_KEY, then to a server that `make run` started here.
    `timeout` is the longest silence of the server, in seconds. It is not for use by several threads at once.
    """


class AsyncReelwork(AsyncRunner, Operations):
    """The asyncio client: the same methods as Reelwork, to be awaited. Callbacks are plain functions."""
