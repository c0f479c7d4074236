"""A real server with an e-mail address at the sandbox mail server: people on one side, an agent on the other, and real
HTTP, SMTP and IMAP between."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Literal

import httpx

from chaskiq_core import Chaskiq, desk, load_settings
from chaskiq_core.desk import integrations, staff
from chaskiq_core.hub import AppActing
from chaskiq_core.integrations.add import install_lane
from chaskiq_core.integrations.polling import read_cursor
from chaskiq_core.model import Integration, RoleName
from chaskiq_core.model.ids import IntegrationId
from chaskiq_core.plugin.views import ConversationView, PartView
from chaskiq_core.staff.agents import add_agent
from chaskiq_core.staff.apps import create_app as create_tenant
from chaskiq_core.store.unit import Unit
from chaskiq_email.sandbox import Addresses, MailSandbox, running_sandbox
from chaskiq_server.app import create_app
from chaskiq_server.serving import bind, serving, url_of
from tests.harness.databases import Database
from tests.harness.house import ANN, SECRET_KEY, let_jobs_be_due
from tests.harness.wait import until

HELP = "help@shop.example"
RUTH = "ruth@home.example"
HOOK_TOKEN = "mail-hook"
SECRET = "the secret that the mail server shows"
Way = Literal["hook", "imap"]


@dataclass(slots=True, kw_only=True)
class MailDesk:
    """A server with its address installed at a sandbox."""

    chaskiq: Chaskiq
    sandbox: MailSandbox
    addresses: Addresses
    people: httpx.AsyncClient
    """The webmail side of the sandbox."""
    rest: httpx.AsyncClient
    """The server's REST API of the App, with Ann's token."""
    ann: AppActing
    integration: str

    async def write(self, text: str, *, sender: str = RUTH, to: str = HELP, **more: object) -> str:
        """A person writes; the mail's id."""
        given = {"from": sender, "to": to, "subject": "The kiln", "text": text, **more}
        answer = await self.people.post("/sandbox/mails", json=given)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["message_id"])

    async def fault(self, **fault: object) -> None:
        """Something goes wrong next."""
        answer = await self.people.post("/sandbox/faults", json=fault)
        assert answer.status_code == 201, answer.text

    async def inbox(self, address: str = RUTH, *, at_least: int = 1) -> list[dict[str, object]]:
        """The mails that came to an address, once there are so many."""
        found: list[dict[str, object]] = []

        async def arrived() -> bool:
            mails = (await self.people.get(f"/sandbox/mailboxes/{address}")).json()["mails"]
            found[:] = [mail for mail in mails if not mail["sent"]]
            return len(found) >= at_least

        await self.once(arrived)
        return found

    async def conversation_with(self, text: str) -> ConversationView:
        """The conversation of a part with this text, once it is there."""
        found: list[ConversationView] = []

        async def arrived() -> bool:
            for conversation in (await self.ann.read(desk.inbox)).items:
                if any(part.text == text for part in await self.parts(conversation)):
                    found.append(conversation)
            return bool(found)

        await self.once(arrived)
        return found[0]

    async def parts(self, conversation: ConversationView) -> list[PartView]:
        """All its parts."""
        return list((await self.ann.read(desk.parts, conversation.key, limit=100)).items)

    async def reply(self, conversation: ConversationView, **body: object) -> str:
        """Ann's reply over REST; the part's key."""
        answer = await self.rest.post(f"/conversations/{conversation.key}/parts", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])

    async def delivery(self, conversation: ConversationView, part_key: str, state: str) -> Mapping[str, object]:
        """The delivery of a part, once it is in that state."""
        found: list[Mapping[str, object]] = []

        async def reached() -> bool:
            answer = await self.rest.get(f"/conversations/{conversation.key}/parts", params={"limit": 100})
            [part] = [one for one in answer.json()["items"] if one["key"] == part_key]
            found[:] = part["deliveries"]
            return [one["state"] for one in part["deliveries"]] == [state]

        await self.once(reached)
        return found[0]

    async def was_polled(self) -> bool:
        """Whether the mailbox was looked at and let go: what comes from now on is new."""
        return bool(await self.chaskiq.acting(self.ann.app_key, as_system="tests").read(cursors))

    async def once(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait until that is so; jobs wait for nothing but their turn."""
        acting = self.chaskiq.acting(self.ann.app_key, as_system="tests")

        async def look() -> bool:
            await acting.write(let_jobs_be_due)
            return await holds()

        await until(look, seconds=60)


def cursors(unit: Unit) -> list[str]:
    """Where the looks into mailboxes ended."""
    return [
        cursor for row in unit.all(unit.select(Integration)) if (cursor := read_cursor(unit, IntegrationId(row.id)))
    ]


@asynccontextmanager
async def a_mail_desk(database: Database, *, way: Way = "hook") -> AsyncIterator[MailDesk]:
    """A server and a sandbox that know each other: mails come by the hook, or are fetched."""
    sandbox = MailSandbox(first_retry_seconds=0.05, longest_retry_seconds=0.2, password="right")
    with bind("127.0.0.1", 0) as listener, TemporaryDirectory(prefix="chaskiq-media-") as folder:
        settings = load_settings(
            database_url=database.url,
            secret_key=SECRET_KEY,
            public_url=url_of(listener),
            media_url=f"file://{folder}",
            plugins="email",
            _env_file=None,
        )
        chaskiq = Chaskiq(settings, store=database.store())
        async with (
            running_sandbox(sandbox) as addresses,
            serving(create_app(chaskiq), listener),
            httpx.AsyncClient(base_url=addresses.url, trust_env=False, timeout=30) as people,
        ):
            _, key = await chaskiq.store.house_write(create_tenant, "Acme")
            await chaskiq.store.house_write(add_agent, key, email=ANN, name="Ann", role=RoleName.ADMIN)
            ann = chaskiq.acting(key, as_agent=ANN)
            token = await ann.write(staff.create_token, ANN)
            integration = await _install(chaskiq, ann, addresses, way)
            if way == "hook":
                hook = {"url": f"{url_of(listener)}/api/v1/hooks/receiver/{HOOK_TOKEN}", "secret": SECRET}
                await people.put(f"/sandbox/mailboxes/{HELP}/hook", json=hook)
            async with httpx.AsyncClient(
                base_url=f"{url_of(listener)}/api/v1/apps/{key}",
                headers={"authorization": f"Bearer {token}"},
                trust_env=False,
                timeout=30,
            ) as rest:
                yield MailDesk(
                    chaskiq=chaskiq,
                    sandbox=sandbox,
                    addresses=addresses,
                    people=people,
                    rest=rest,
                    ann=ann,
                    integration=integration,
                )


async def _install(chaskiq: Chaskiq, ann: AppActing, addresses: Addresses, way: Way) -> str:
    given: dict[str, object] = {
        "from_address": HELP,
        "smtp_host": "127.0.0.1",
        "smtp_port": addresses.smtp_port,
        "smtp_username": HELP,
        "smtp_password": "right",
        "smtp_tls": "none",
        "inbound_secret": SECRET,
    }
    if way == "imap":
        given |= {"imap_host": "127.0.0.1", "imap_port": addresses.imap_port, "imap_tls": "none"}
    sealed = chaskiq.seal_settings("email", given, hook_token=HOOK_TOKEN)
    added = await ann.write(integrations.add, sealed, runs_itself=True)
    app_id = await chaskiq.store.app_id(ann.app_key)
    assert await chaskiq.run_job_lane(app_id, install_lane(added.view.id))
    return added.view.id
