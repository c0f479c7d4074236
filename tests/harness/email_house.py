"""A house with an e-mail address: mails are posted to its hook, and what it sends comes to a scripted server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage

from chaskiq_core import desk
from chaskiq_core.conversations.notices import NOTICE_JOB
from chaskiq_core.desk import integrations as desk_integrations
from chaskiq_core.model import ItemState, Job
from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.plugin.views import ConversationView, PartView
from chaskiq_core.store.unit import Unit
from chaskiq_email import channel
from chaskiq_plugins.email.tests.email_mails import SECRET
from chaskiq_plugins.email.tests.email_server import Script, scripted
from tests.harness.databases import Database
from tests.harness.house import House, a_house, count_open
from tests.harness.wait import until

TOKEN = "mail-hook-token"


@dataclass(slots=True)
class MailHouse:
    """The house, its address, and the server that takes its mails."""

    house: House
    server: Script

    async def post(self, mail: EmailMessage | bytes) -> None:
        """A mail comes in, and is stored."""
        body = mail if isinstance(mail, bytes) else mail.as_bytes()
        request = WebhookRequest(headers={"x-chaskiq-secret": SECRET}, body=body)
        answer = await self.house.chaskiq.receive(TOKEN, request)
        assert answer.status == 200, answer.body

    async def quiet(self) -> None:
        """Wait until nothing is left to do but the notices that are not due."""

        async def nothing_left() -> bool:
            return await self.house.system.read(count_due) == 0

        await until(nothing_left)

    async def comes(self, *mails: EmailMessage | bytes) -> None:
        """Mails come in one after another, each worked on before the next."""
        for mail in mails:
            await self.post(mail)
            await self.quiet()

    async def conversations(self) -> list[ConversationView]:
        """All of them, the oldest first."""
        page = await self.house.ann.read(desk.inbox, limit=100)
        return sorted(page.items, key=lambda one: one.created_at)

    async def parts(self, conversation: ConversationView) -> list[PartView]:
        """All its parts."""
        return await self.house.parts(conversation.key)

    async def texts(self, conversation: ConversationView) -> list[str]:
        """What was said, in order, but for notes and events."""
        return [
            part.text for part in await self.parts(conversation) if part.kind == "content" and not part.private_note
        ]

    async def answers(self, conversation: ConversationView, text: str) -> EmailMessage:
        """Ann answers; the mail that went out, the last of them."""
        await self.house.reply(conversation.key, text)
        await self.quiet()
        return self.server.taken[-1]


def count_due(unit: Unit) -> int:
    """What the ledgers have to do now."""
    waiting = unit.select(Job).where(Job.kind == NOTICE_JOB, Job.state == ItemState.PENDING, Job.due_at > unit.now)
    return count_open(unit) - len(unit.all(waiting))


@asynccontextmanager
async def a_mail_house(
    database: Database, *, workers: bool = True, delay_seconds: float = 3600, **answers: str | None
) -> AsyncIterator[MailHouse]:
    """An open house with the address help@shop.example."""
    async with (
        scripted(**answers) as (server, settings),
        a_house(database, plugins={"email": channel}, workers=workers, email_delay_seconds=delay_seconds) as house,
    ):
        given = settings.model_dump(exclude_defaults=True)
        sealed = house.chaskiq.seal_settings("email", given, hook_token=TOKEN)
        await house.ann.write(desk_integrations.add, sealed, name="Mail", install=False)
        yield MailHouse(house, server)
