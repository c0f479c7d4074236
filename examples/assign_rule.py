"""A rule in one hook: what customers write and nobody has taken goes to one agent."""

from collections.abc import Sequence

from chaskiq_core.plugin import AgentId, Assign, ConversationView, Effect, ObserverContext, PartView, hookimpl


class AssignRule:
    """Run it with `Chaskiq(settings, plugins=[AssignRule(agent_id)])`; the id is what `chaskiq agents list` shows."""

    name = "assign_rule"

    def __init__(self, agent_id: str) -> None:
        self.agent_id = AgentId(int(agent_id))

    @hookimpl
    async def part_added(
        self, part: PartView, conversation: ConversationView, context: ObserverContext
    ) -> Sequence[Effect]:
        if part.author.type != "app_user" or conversation.assignee is not None:
            return []
        return [Assign(agent_id=self.agent_id)]
