"""Chaskiq: opens and closes the house, takes webhooks, carries out acts, runs workers; where all meet."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

import anyio
import httpx

from chaskiq_core.background import Tools, make_jobs, make_worker, notice_rule, own_server
from chaskiq_core.errands.install import HOOK_PATH
from chaskiq_core.errors import InvalidError, SettingsError
from chaskiq_core.host.call import Host, Limits
from chaskiq_core.host.call_log import CallLog
from chaskiq_core.host.quiet_log import quiet_log
from chaskiq_core.host.registry import Channel, Found, Registry, build_registry, find_plugins
from chaskiq_core.inbound.receive import HookAnswer, Receiver
from chaskiq_core.integrations.cache import IntegrationCache
from chaskiq_core.integrations.calls import CallWriter
from chaskiq_core.integrations.credentials import StoredCredentials
from chaskiq_core.integrations.settings import (
    SealedSettings,
    StoredIntegration,
    change_values,
    seal_settings,
    validate_settings,
)
from chaskiq_core.integrations.templates import TemplateBook
from chaskiq_core.media.file_store import FileStore
from chaskiq_core.media.links import MediaLinks
from chaskiq_core.model import LaneKind
from chaskiq_core.model.ids import AppId
from chaskiq_core.outbound.limits import MemoryLimits, RateLimits
from chaskiq_core.outbound.pace import Pace
from chaskiq_core.plugin.webhook import WebhookRequest
from chaskiq_core.realtime.memory_bus import MemoryBus
from chaskiq_core.secrets import SecretBox, Signer, hash_token
from chaskiq_core.settings import Settings, load_settings
from chaskiq_core.store.call import Actor
from chaskiq_core.store.sqlite_store import SqliteStore
from chaskiq_core.store.store import Acting, Store
from chaskiq_core.store.unit import Committed, Unit
from chaskiq_core.telemetry import Telemetry
from chaskiq_core.work.dispatcher import Dispatcher
from chaskiq_core.work.gate import Gate
from chaskiq_core.work.keep_house import keep_house
from chaskiq_core.work.local_dispatcher import LocalDispatcher
from chaskiq_core.work.postgres_relay import PostgresRelay
from chaskiq_core.work.relay import Relay
from chaskiq_core.work.run_lane import run_lane
from chaskiq_core.work.sqlite_relay import SqliteRelay

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("chaskiq")


@dataclass(frozen=True, slots=True)
class AppActing:
    """Acts in one App, by its key, on behalf of one actor."""

    store: Store
    app_key: str
    actor: Actor

    async def write(self, act: Callable[Concatenate[Unit, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Carry out an act in one transaction. Raises RefusalError (nothing was changed) or UnavailableError."""
        return await (await self._acting()).write(act, *args, **kwargs)

    async def read(self, act: Callable[Concatenate[Unit, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Carry out an act in a read-only transaction."""
        return await (await self._acting()).read(act, *args, **kwargs)

    async def _acting(self) -> Acting:
        return self.store.acting(await self.store.app_id(self.app_key), self.actor)


class Chaskiq:
    """The customer-messaging engine of one process.

    ```python
    async with Chaskiq(load_settings(), plugins=[MyObserver()]) as chaskiq:
        acting = chaskiq.acting("app-key", as_agent="ann@example.org")
        page = await acting.read(desk.inbox, state="opened")
    ```

    `plugins` are objects of the embedder's own, beside those that `settings.plugins` enables. `owner=False` is for a
    short command beside a running server on SQLite. `store` is one made elsewhere; by default it is made from
    `settings.database_url`. `telemetry` is what is counted here; see `chaskiq_core.telemetry`.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        plugins: Sequence[object] | Mapping[str, object] = (),
        limits: Limits | None = None,
        owner: bool = True,
        store: Store | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.settings = settings or load_settings()
        found, broken = find_plugins(self.settings.plugins)
        named = plugins.items() if isinstance(plugins, Mapping) else ((_name(plugin), plugin) for plugin in plugins)
        given = [Found(name=name, plugin=plugin) for name, plugin in named]
        missing = {name: reason for name, reason in broken.items() if name not in {one.name for one in given}}
        self.registry: Registry = build_registry([*found, *given], missing)
        self.telemetry = telemetry or Telemetry()
        self._calls = CallLog(self.telemetry)
        self.bus = MemoryBus()
        self._box = SecretBox(self.settings.secret_keys)
        self._dispatcher: Dispatcher = LocalDispatcher()
        self._limits_of_sends: RateLimits = MemoryLimits()
        self.gate = Gate()
        self._limits = limits or Limits()
        self._owner = owner
        self._stack = AsyncExitStack()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.store = store or _make_store(self.settings.database_url, owner=owner)
        self._relay = _make_relay(self.store, self.bus, self.settings.redis_url, listens=owner)
        self.store.on_commit = self._committed
        if isinstance(self.store, SqliteStore):
            self.store.on_foreign_change = self._foreign_change
        self.store.listeners = self.registry.listeners()
        self.store.manifests = {name: channel.manifest for name, channel in self.registry.channels.items()}
        self.files = FileStore(self.settings.media_url)
        self.media_links = MediaLinks(Signer(self.settings.secret_keys), self.settings.public_url)
        self.store.media_links = self.media_links
        self.store.notices = notice_rule(self.settings, self.registry)
        self._own_server = own_server(self.settings, self.registry)

    async def open(self) -> None:
        """Open the database and the HTTP client. SQLite is upgraded; an older PostgreSQL schema is refused."""
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise

    async def _open(self) -> None:
        for name, reason in self.registry.broken.items():
            log.error("plugin %s is disabled: %s", name, reason)
        self._loop = asyncio.get_running_loop()
        await self.store.open()
        self._stack.push_async_callback(self.store.close)
        if self.settings.redis_url and self._owner:
            await self._share_by_redis(self.settings.redis_url)
        self._call_writer = CallWriter(self.store, self._calls)
        self._stack.push_async_callback(self._call_writer.finish)
        await self.files.tidy()
        self._stack.enter_context(quiet_log())
        http = await self._stack.enter_async_context(httpx.AsyncClient(follow_redirects=False, trust_env=False))
        self.integrations = IntegrationCache(self.store, self.registry, self._box)
        credentials = StoredCredentials(self.store, self.integrations, self._box)
        self.host = Host(http, self._limits, self.files, self.telemetry, self._calls, credentials)
        self.templates = TemplateBook(self.integrations, self.host)
        self._receiver = Receiver(self.store, self.integrations, self.host, self.telemetry)
        tools = Tools(
            settings=self.settings,
            store=self.store,
            registry=self.registry,
            integrations=self.integrations,
            host=self.host,
            files=self.files,
            telemetry=self.telemetry,
            own_server=self._own_server,
        )
        self._jobs = make_jobs(tools)
        self.pace = Pace(self._limits_of_sends, self.gate, self.telemetry)
        self._worker = make_worker(tools, self._dispatcher, self._jobs, self.pace, self.gate)
        await self._stack.enter_async_context(self._relay.running())

    async def close(self) -> None:
        """Finish what has begun, and let go of everything."""
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    def acting(
        self,
        app_key: str,
        *,
        as_agent: str | None = None,
        as_person: str | None = None,
        as_system: str | None = None,
    ) -> AppActing:
        """Acts in an App on behalf of an agent (e-mail or id), a contact (key), or a part of the system (its name)."""
        match as_agent, as_person, as_system:
            case str(name), None, None:
                actor = Actor(kind="agent", name=name)
            case None, str(name), None:
                actor = Actor(kind="person", name=name)
            case None, None, str(name):
                actor = Actor(kind="system", name=name)
            case _:
                raise InvalidError("say who acts: exactly one of as_agent, as_person and as_system")
        return AppActing(self.store, app_key, actor)

    async def receive(self, token: str, request: WebhookRequest) -> HookAnswer:
        """The answer to a webhook: 200 means that it is on disk. See `inbound.receive` for what it raises."""
        return await self._receiver.receive(token, request)

    async def answer(self, token: str, request: WebhookRequest) -> HookAnswer:
        """The answer to a webhook, whatever comes of it: all that `receive` raises is an answer, too."""
        return await self._receiver.answer(token, request)

    async def answer_shared(self, provider: str, request: WebhookRequest) -> HookAnswer:
        """The answer to a webhook at a provider's one URL for all accounts of an app, whatever comes of it."""
        return await self._receiver.answer_shared(provider, request)

    async def work(self) -> None:
        """Run this process's worker until it is cancelled or `stop_work` was called."""
        retention = timedelta(days=self.settings.retention_days)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._dispatcher.listen)
            tasks.start_soon(
                partial(
                    keep_house, self.store, retention=retention, wake=self._dispatcher.wake, telemetry=self.telemetry
                )
            )
            tasks.start_soon(self._call_writer.run)
            await self._worker.run()
            tasks.cancel_scope.cancel()

    def stop_work(self) -> None:
        """Claim nothing more; `work` returns when what is in hand is done."""
        self._worker.stop()

    async def run_job_lane(self, app_id: AppId, lane_key: str) -> bool:
        """Do the jobs of one lane now, by ourselves, due or not; False: a worker has it in hand."""
        return await run_lane(self.store, app_id, LaneKind.JOB, lane_key, self._jobs.drain_ahead)

    def channel(self, provider: str) -> Channel:
        """The channel plugin of a provider, by its name or an alias; NotFoundError naming the installed ones."""
        return self.registry.channel(provider)

    def seal_settings(self, provider: str, given: Mapping[str, object], *, hook_token: str) -> SealedSettings:
        """Settings of a channel, validated and encrypted for `desk.integrations`; InvalidError names a wrong one."""
        manifest = self.channel(provider).manifest
        settings = validate_settings(manifest, given)
        return seal_settings(
            manifest, settings, hook_token=hook_token, hook_token_hash=hash_token(hook_token), box=self._box
        )

    def change_settings(
        self, stored: StoredIntegration, changes: Mapping[str, object], *, hook_token: str | None = None
    ) -> tuple[SealedSettings, str]:
        """An integration's settings with some of them changed (None takes one away), for `desk.integrations.change`.

        And the hook token that they are sealed with: the one it has, unless another is given.
        """
        manifest = self.channel(stored.provider).manifest
        settings, kept = change_values(manifest, stored, changes, self._box)
        token = hook_token or kept
        sealed = seal_settings(manifest, settings, hook_token=token, hook_token_hash=hash_token(token), box=self._box)
        return sealed, token

    def hook_path(self, hook_token: str) -> str:
        """The path of an integration's hook URL."""
        return f"{HOOK_PATH}{hook_token}"

    def hook_url(self, hook_token: str) -> str:
        """The URL that a provider calls."""
        return f"{self.settings.public_url}{self.hook_path(hook_token)}"

    async def _share_by_redis(self, redis_url: str) -> None:
        """Wake-ups that other processes hear, and limits that they keep, too, for as long as the hub is open."""
        try:
            from chaskiq_core.outbound.redis_limits import RedisLimits
            from chaskiq_core.work.taskiq_dispatcher import TaskiqDispatcher, redis_broker
        except ImportError as error:
            raise SettingsError("CHASKIQ_REDIS_URL: needs `pip install chaskiq-core[redis,taskiq]`") from error
        dispatcher = TaskiqDispatcher(redis_broker(redis_url, self.store.epoch))
        self._stack.push_async_callback(dispatcher.close)
        tasks = await self._stack.enter_async_context(anyio.create_task_group())
        self._stack.callback(tasks.cancel_scope.cancel)
        tasks.start_soon(dispatcher.send)
        self._dispatcher = dispatcher
        self._limits_of_sends = limits = RedisLimits(redis_url)
        self._stack.push_async_callback(limits.close)

    def _committed(self, committed: Committed) -> None:
        if committed.published:
            self._relay.committed(committed.published)
        if committed.woken:
            self._dispatcher.wake(committed.woken)

    def _foreign_change(self) -> None:
        """Another process wrote to the SQLite file; called in the writer's thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._look_again)

    def _look_again(self) -> None:
        self.integrations.clear()
        self._relay.look_again()
        self._dispatcher.wake(frozenset(LaneKind))


def _name(plugin: object) -> str:
    name = getattr(plugin, "name", None)
    return name if isinstance(name, str) and name else type(plugin).__name__.lower()


def _make_relay(store: Store, bus: MemoryBus, redis_url: str | None, *, listens: bool) -> Relay:
    return (
        SqliteRelay(store, bus)
        if isinstance(store, SqliteStore)
        else PostgresRelay(store, bus, redis_url, listens=listens)
    )


def _make_store(url: str, *, owner: bool) -> Store:
    if url.startswith("sqlite:///"):
        return SqliteStore(Path(url.removeprefix("sqlite:///")), owner=owner)
    try:
        from chaskiq_core.store.postgres_store import PostgresStore
    except ImportError as error:
        raise SettingsError("CHASKIQ_DATABASE_URL: PostgreSQL needs `pip install chaskiq-core[postgres]`") from error
    return PostgresStore(url)
