"""A bot in one hook: it greets whoever writes for the first time in a conversation, and asks with buttons."""

from collections.abc import Sequence

from chaskiq_core.plugin import (
    AddPart,
    ConversationView,
    Effect,
    ObserverContext,
    PartView,
    ask_option,
    document_from_text,
    hookimpl,
)

TOPICS = {"order": "My order", "invoice": "An invoice", "other": "Something else"}


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
        question = ask_option("Until then, what is it about?", TOPICS)
        return [AddPart(content=document_from_text(greeting)), AddPart(block=question)]  # by the App's bot
