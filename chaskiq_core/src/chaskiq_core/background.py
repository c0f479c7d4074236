"""Who does the background work of a hub: a drain for each kind of lane, an errand for each kind of job."""

from dataclasses import dataclass

from chaskiq_core.conversations.change import WAKE_JOB
from chaskiq_core.conversations.media import FETCH_JOB
from chaskiq_core.conversations.mirrors import OPEN_MIRROR_JOB, SHOW_MIRROR_JOB, TAKE_MIRRORED_JOB
from chaskiq_core.conversations.observers import OBSERVER_JOB
from chaskiq_core.conversations.status import STATUS_JOB
from chaskiq_core.desk.replay import REPLAY_JOB
from chaskiq_core.desk.writing import MARK_READ_JOB, TYPING_JOB
from chaskiq_core.errands.drain import JobDrain
from chaskiq_core.errands.install import Install
from chaskiq_core.errands.media import FetchMedia
from chaskiq_core.errands.mirror import OpenMirror, ShowMirror
from chaskiq_core.errands.mirrored import TakeMirrored
from chaskiq_core.errands.observer import CallObserver
from chaskiq_core.errands.replay import Replay
from chaskiq_core.errands.signals import Acknowledge, MarkRead, ShowTyping
from chaskiq_core.errands.status import SettleStatus
from chaskiq_core.errands.uninstall import Uninstall
from chaskiq_core.host.call import Host
from chaskiq_core.host.registry import Registry
from chaskiq_core.inbound.message import ACKNOWLEDGE_JOB
from chaskiq_core.inbound.process import LEASE as INBOUND_LEASE
from chaskiq_core.inbound.process import InboundDrain
from chaskiq_core.integrations.add import INSTALL_JOB, UNINSTALL_JOB
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.media.file_store import FileStore
from chaskiq_core.model import LaneKind
from chaskiq_core.outbound.drain import OutboundDrain
from chaskiq_core.outbound.pace import Pace
from chaskiq_core.outbound.steps import LEASE as SEND_LEASE
from chaskiq_core.schedule.snooze import WakeSnoozed
from chaskiq_core.settings import Settings
from chaskiq_core.store.store import Store
from chaskiq_core.telemetry import Telemetry
from chaskiq_core.work.dispatcher import Dispatcher
from chaskiq_core.work.gate import Gate
from chaskiq_core.work.worker import LanePlan, Worker

SENDS = 64
"""Lanes that one worker sends from at the same time; one integration has a quarter of them at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the work is done with."""

    settings: Settings
    store: Store
    registry: Registry
    integrations: IntegrationCache
    host: Host
    files: FileStore
    telemetry: Telemetry


def make_jobs(tools: Tools) -> JobDrain:
    """The drain of job lanes."""
    integrations, host = tools.integrations, tools.host
    return JobDrain(
        tools.store,
        {
            INSTALL_JOB: Install(integrations, host, tools.settings.public_url),
            UNINSTALL_JOB: Uninstall(integrations, host),
            OBSERVER_JOB: CallObserver(tools.registry, host),
            FETCH_JOB: FetchMedia(integrations, host, tools.files, tools.settings.max_media_bytes),
            ACKNOWLEDGE_JOB: Acknowledge(integrations, host),
            TYPING_JOB: ShowTyping(integrations, host),
            MARK_READ_JOB: MarkRead(integrations, host),
            STATUS_JOB: SettleStatus(),
            REPLAY_JOB: Replay(),
            WAKE_JOB: WakeSnoozed(),
            OPEN_MIRROR_JOB: OpenMirror(integrations, host),
            SHOW_MIRROR_JOB: ShowMirror(integrations, host),
            TAKE_MIRRORED_JOB: TakeMirrored(integrations, host),
        },
        tools.telemetry,
    )


def make_worker(tools: Tools, dispatcher: Dispatcher, jobs: JobDrain, pace: Pace, gate: Gate) -> Worker:
    """The worker of one process, over all kinds of lanes."""
    store, integrations, host, telemetry = tools.store, tools.integrations, tools.host, tools.telemetry
    outbound = OutboundDrain(store, integrations, host, pace, gate, telemetry)
    inbound = InboundDrain(store, integrations, host, telemetry)
    return Worker(
        store,
        dispatcher,
        {
            LaneKind.INBOUND: LanePlan(drain=inbound, batch=16, drains=2, lease=INBOUND_LEASE),
            LaneKind.OUTBOUND: LanePlan(
                drain=outbound, batch=1, drains=SENDS, each=SENDS // 4, gate=gate, lease=SEND_LEASE
            ),
            LaneKind.JOB: LanePlan(drain=jobs, batch=1, drains=16),
        },
    )
