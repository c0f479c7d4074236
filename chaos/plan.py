"""What a run consists of, all of it from its seed: who writes what, and what is answered."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

FIRST_CHAT = 1_000_000
FIRST_BOT = 4_200
LOOPBACK = "127.0.0.1"
CANARY = "canary-that-stays-inside"
"""In every private note: it may never reach the provider."""
AGENT = "ann@chaos.example"


class Follow(StrEnum):
    """What an agent, or the echo plugin, does about a message."""

    NOTHING = "nothing"
    REPLY = "reply"
    NOTE = "note"
    ECHO = "echo"


@dataclass(frozen=True, slots=True)
class Message:
    """What a person writes: the n-th message of a chat."""

    chat: int
    n: int
    follow: Follow

    @property
    def text(self) -> str:
        """As it stands in the part."""
        return f"in {self.n} {self.follow}"

    @property
    def answer(self) -> str:
        """What is said to it; '' for nothing."""
        return answer_to(self.n, self.follow)


def answer_to(n: int, follow: Follow) -> str:
    """What is said to the n-th message of a chat; '' for nothing."""
    match follow:
        case Follow.NOTHING:
            return ""
        case Follow.NOTE:
            return f"note {n} {CANARY}"
        case _:
            return f"{follow} {n}"


@dataclass(frozen=True)
class Plan:
    """One run; the same seed gives the same one."""

    seed: int
    messages: int
    """Both ways together, notes apart."""
    kills: int
    bots: int
    chats: int
    rate: float
    """Messages a second that people write; 0: as fast as they are acknowledged."""
    replies: float = 0.2
    """How many of a hundredth of the messages an agent replies to; notes and echoes likewise."""
    notes: float = 0.02
    echoes: float = 0.0
    connections: int = 48

    @cached_property
    def inbound(self) -> list[Message]:
        """All that people write, in the order in which it is due."""
        return list(self._write())

    @property
    def expected_out(self) -> int:
        """How many messages go out."""
        return sum(message.follow in (Follow.REPLY, Follow.ECHO) for message in self.inbound)

    def bot_of(self, chat: int) -> int:
        """The bot that a chat is with."""
        return FIRST_BOT + (chat - FIRST_CHAT) % self.bots

    def token_of(self, bot: int) -> str:
        """A bot's access token."""
        return f"{bot}:the-token-of-a-bot-of-the-fault-campaign"

    def _write(self) -> Iterator[Message]:
        count, k = 0, 0
        while count < self.messages:
            message = self._message(FIRST_CHAT + k % self.chats, k // self.chats)
            yield message
            count += 1 if message.follow in (Follow.NOTHING, Follow.NOTE) else 2
            k += 1

    def _message(self, chat: int, n: int) -> Message:
        point = random.Random(f"{self.seed}/{chat}/{n}/follow").random()
        for follow, share in ((Follow.REPLY, self.replies), (Follow.NOTE, self.notes), (Follow.ECHO, self.echoes)):
            if point < share:
                return Message(chat, n, follow)
            point -= share
        return Message(chat, n, Follow.NOTHING)
