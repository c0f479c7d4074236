"""The bodies of the JSON API: what may be in them."""

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from chaskiq_telegram.sandbox.formatted import Entity

FileKind: TypeAlias = Literal["photo", "video", "animation", "audio", "voice", "video_note", "document", "sticker"]


class Body(BaseModel):
    """A body takes nothing that it doesn't know."""

    model_config = ConfigDict(extra="forbid")


class Sender(Body):
    """Who acts; what is left out stays as it is known."""

    id: int = Field(gt=0, lt=1 << 52)
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_premium: bool | None = None


class Act(Body):
    """Something that a person does."""

    sender: Sender = Field(alias="from")
    business_connection_id: str | None = None  # in the chat of this business account


class Location(Body):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Venue(Body):
    location: Location
    title: str = Field(min_length=1)
    address: str = Field(min_length=1)


class Contact(Body):
    phone_number: str = Field(min_length=1)
    first_name: str = Field(min_length=1)
    last_name: str | None = None
    user_id: int | None = None
    vcard: str | None = None


class Poll(Body):
    question: str
    options: list[str]


class CustomerMessage(Act):
    """What a person sends: one content, or the files that came with it."""

    chat_id: int | None = None  # a group, or a business account's chat; None: the person's own chat with the bot
    thread_id: int | None = None  # a topic of the forum
    reply_to: int | None = None  # a message_id of the same chat
    quote: str | None = None  # the part of that message's text that is answered
    text: str | None = None
    entities: list[Entity] | None = None  # of the text or the caption
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    poll: Poll | None = None
    dice: str | None = None  # the emoji
    kind: FileKind | None = None  # what the files are; None: by what is in them
    caption: str | None = None  # of the first file
    duration: int | None = Field(default=None, ge=0)  # seconds, of a recording
    title: str | None = None  # of an audio
    performer: str | None = None  # of an audio
    emoji: str | None = None  # of a sticker


class Edit(Act):
    text: str  # or the caption, where the message has a file


class React(Act):
    emoji: list[str] = Field(max_length=3)  # all of this person's reactions; [] takes them back


class PressButton(Act):
    """A button of the message's inline keyboard: by its data, else by its text."""

    data: str | None = None
    text: str | None = None


class NewBot(Body):
    """A bot with a name; without this call a token's bot gets one that is made up."""

    token: str
    first_name: str | None = None
    username: str | None = None


class NewGroup(Body):
    title: str = Field(min_length=1)
    type: Literal["group", "supergroup"] = "group"
    is_forum: bool = False  # makes it a supergroup
    members: list[Sender] = Field(min_length=1)  # the first one made the group
    bot: Literal["member", "administrator", "left"] = "member"


class BotStatus(Body):
    """What becomes of the bot in a group, and who does it."""

    status: Literal["member", "administrator", "left", "kicked"]
    sender: Sender = Field(alias="from")


class Joining(Body):
    person: Sender
    sender: Sender | None = Field(default=None, alias="from")  # who adds or removes them; None: they do it themselves


class NewTopic(Body):
    name: str = Field(min_length=1, max_length=128)
    sender: Sender = Field(alias="from")


class BusinessConnection(Body):
    """A business account that lets the bot write for it, or no more."""

    id: str | None = None  # of a connection that changes
    owner: Sender
    can_reply: bool = True
    is_enabled: bool = True
