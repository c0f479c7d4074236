"""A house with a WhatsApp number and no Meta: webhooks come in, and what goes out meets a scripted Graph API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from chaskiq_core import desk
from chaskiq_core.desk import integrations as desk_integrations
from chaskiq_core.desk import people
from chaskiq_core.plugin.views import AppUserView, ConversationView, PartView
from chaskiq_plugins.whatsapp.tests.whatsapp_bodies import NUMBER_ID, Fields, messages, request
from chaskiq_whatsapp import channel
from tests.harness.databases import Database
from tests.harness.house import House, a_house, let_jobs_be_due

TOKEN = "whatsapp-hook"
APP_SECRET = "app-secret"


@dataclass(slots=True)
class WhatsAppHouse:
    """An open house whose customers write on WhatsApp."""

    house: House
    integration: str

    async def comes_in(self, *bodies: Fields) -> None:
        """Webhooks, each signed, taken in one after the other."""
        for body in bodies:
            answer = await self.house.chaskiq.receive(TOKEN, request(body, secret=APP_SECRET))
            assert answer.status == 200, answer
            await self.house.quiet(each=partial(self.house.system.write, let_jobs_be_due))

    async def writes(self, *several: Fields) -> None:
        """Messages, in a webhook each."""
        await self.comes_in(*(messages(one) for one in several))

    async def conversations(self) -> list[ConversationView]:
        """All of them, the newest first."""
        return list((await self.house.ann.read(desk.inbox, limit=100)).items)

    async def conversation(self) -> ConversationView:
        """The only one."""
        [only] = await self.conversations()
        return only

    async def parts(self) -> list[PartView]:
        """The parts of the only conversation."""
        return await self.house.parts((await self.conversation()).key)

    async def people(self) -> list[AppUserView]:
        """All contacts."""
        return list((await self.house.ann.read(people.contacts, limit=100)).items)


@asynccontextmanager
async def a_whatsapp_house(database: Database, *, api_base: str = "http://127.0.0.1:9") -> AsyncIterator[WhatsAppHouse]:
    """A house with one number; its Graph API is not there unless told otherwise."""
    async with a_house(database, plugins={"whatsapp": channel}) as house:
        given = {
            "phone_number_id": NUMBER_ID,
            "access_token": "token-1",
            "app_secret": APP_SECRET,
            "verify_token": "words",
            "api_base": api_base,
        }
        sealed = house.chaskiq.seal_settings("whatsapp", given, hook_token=TOKEN)
        added = await house.ann.write(desk_integrations.add, sealed, name="Shop", install=False)
        yield WhatsAppHouse(house, added.view.id)
