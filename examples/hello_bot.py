"""A bot in one hook: it greets whoever writes for the first time in a conversation."""

from collections.abc import Sequence

from chaskiq_core.plugin import (
    AddPart,
    ConversationView,
    Effect,
    ObserverContext,
    PartView,
    document_from_text,
    hookimpl,
)


class HelloBot:
    """Run it with `Chaskiq(settings, plugins=[HelloBot()])`."""

    name = "hello_bot"

    @hookimpl
    async def part_added(
        self, part: PartView, conversation: ConversationView, context: ObserverContext
    ) -> Sequence[Effect]:
        if part.author.type != "app_user" or part.seq > 1:
            return []
        greeting = f"Hi {part.author.name}! We have your message; a person will answer in a moment."
        return [AddPart(content=document_from_text(greeting))]  # without an author it is the App's bot
