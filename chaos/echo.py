"""The observer of the campaign: says each message that asks for it back, as the App's bot."""

from collections.abc import Sequence

from chaos.plan import Follow, answer_to
from chaskiq_core.plugin import (
    AddPart,
    ConversationView,
    Effect,
    ObserverContext,
    PartView,
    document_from_text,
    hookimpl,
)


class Echo:
    """Found by its entry point, as any installed plugin."""

    @hookimpl
    async def part_added(
        self, part: PartView, conversation: ConversationView, context: ObserverContext
    ) -> Sequence[Effect]:
        match part.text.split():
            case ["in", n, Follow.ECHO] if part.author.type == "app_user":
                return [AddPart(content=document_from_text(answer_to(int(n), Follow.ECHO)))]
        return []


echo = Echo()
