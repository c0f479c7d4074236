"""A hub that only works, until the process is told to stop; for `chaskiq worker`."""

import gc
import logging
import socket
from contextlib import AbstractAsyncContextManager, nullcontext

import anyio

from chaskiq_core import Chaskiq
from chaskiq_server.signals import told_to_stop

FINISH_SECONDS = 7
"""How long what is in hand may take to end; what a provider does not answer by then is let go of as unknown."""
log = logging.getLogger("chaskiq.worker")


async def work_until_told(chaskiq: Chaskiq, metrics: socket.socket | None = None) -> None:
    """Open the hub and work until SIGINT or SIGTERM; then claim nothing more, finish, and close it.

    `metrics` is where /metrics is served meanwhile.
    """
    async with chaskiq, _measured(chaskiq, metrics), anyio.create_task_group() as tasks:
        tasks.start_soon(chaskiq.work)
        gc.collect()
        gc.freeze()  # as the server does: what stands now stays
        log.info("working")
        await told_to_stop()
        chaskiq.stop_work()
        tasks.cancel_scope.deadline = anyio.current_time() + FINISH_SECONDS
    log.info("stopped")


def _measured(chaskiq: Chaskiq, listener: socket.socket | None) -> AbstractAsyncContextManager[None]:
    if listener is None:
        return nullcontext()
    from chaskiq_server.metrics import metrics_app
    from chaskiq_server.serving import serving, url_of

    log.info("metrics are at %s/metrics", url_of(listener))
    return serving(metrics_app(chaskiq), listener)
