"""Who does the background work of a hub: a drain for each kind of lane, an errand for each kind of job."""

from dataclasses import dataclass
from datetime import timedelta

from chaskiq_core.conversations.change import WAKE_JOB
from chaskiq_core.conversations.media import FETCH_JOB
from chaskiq_core.conversations.mirrors import OPEN_MIRROR_JOB, SHOW_MIRROR_JOB, TAKE_MIRRORED_JOB
from chaskiq_core.conversations.naming import PROFILE_JOB
from chaskiq_core.conversations.notices import NOTICE_JOB
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
from chaskiq_core.errands.profile import FetchProfile
from chaskiq_core.errands.replay import Replay
from chaskiq_core.errands.signals import Acknowledge, MarkRead, ShowTyping
from chaskiq_core.errands.status import SettleStatus
from chaskiq_core.errands.uninstall import Uninstall
from chaskiq_core.errors import InvalidError, SettingsError
from chaskiq_core.host.call import Host
from chaskiq_core.host.registry import Channel, Registry
from chaskiq_core.inbound.message import ACKNOWLEDGE_JOB
from chaskiq_core.inbound.poll import Poll
from chaskiq_core.inbound.process import LEASE as INBOUND_LEASE
from chaskiq_core.inbound.process import InboundDrain
from chaskiq_core.integrations.add import INSTALL_JOB, UNINSTALL_JOB
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.integrations.polling import POLL_JOB
from chaskiq_core.media.file_store import FileStore
from chaskiq_core.model import LaneKind
from chaskiq_core.outbound.drain import OutboundDrain
from chaskiq_core.outbound.pace import Pace
from chaskiq_core.outbound.steps import LEASE as SEND_LEASE
from chaskiq_core.plugin.manifest import ChannelSettings
from chaskiq_core.schedule.digest import TellByMail
from chaskiq_core.schedule.snooze import WakeSnoozed
from chaskiq_core.settings import Settings
from chaskiq_core.store.call import NoticeRule
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
    own_server: tuple[Channel, ChannelSettings] | None = None
    """The house's own mail server, as settings of a channel that mails."""


def own_server(settings: Settings, registry: Registry) -> tuple[Channel, ChannelSettings] | None:
    """The server of CHASKIQ_SMTP_URL with the channel that sends by it; SettingsError for an address that is none."""
    if not settings.smtp_url:
        return None
    mailer = next((one for _, one in sorted(registry.channels.items()) if one.manifest.mails), None)
    if mailer is None:
        raise SettingsError("CHASKIQ_SMTP_URL: no plugin that sends mails is enabled; pip install chaskiq-email")
    try:
        return mailer, mailer.manifest.settings.from_url(settings.smtp_url)
    except InvalidError as error:
        raise SettingsError(f"CHASKIQ_SMTP_URL: {error}") from error


def notice_rule(settings: Settings, registry: Registry) -> NoticeRule | None:
    """When people are told by e-mail of what they have not read; None where nothing can mail."""
    manifests = [channel.manifest for channel in registry.channels.values()]
    if not any(manifest.mails for manifest in manifests):
        return None
    return NoticeRule(
        delay=timedelta(seconds=settings.email_delay_seconds),
        page_providers=frozenset(manifest.provider for manifest in manifests if not manifest.reaches),
    )


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
            POLL_JOB: Poll(tools.store, integrations, host),
            WAKE_JOB: WakeSnoozed(),
            PROFILE_JOB: FetchProfile(integrations, host),
            NOTICE_JOB: TellByMail(
                tools.registry, integrations, host, public_url=tools.settings.public_url, own=tools.own_server
            ),
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
