"""Distinct types for the numbers that name rows, so that mixing two of them up is a type error."""

from typing import NewType

AppId = NewType("AppId", int)
AgentId = NewType("AgentId", int)
"""An agent's row; outside it is a text: `AgentId(int(agent.id))`."""
AppUserId = NewType("AppUserId", int)
ProfileId = NewType("ProfileId", int)
IntegrationId = NewType("IntegrationId", int)
ConversationId = NewType("ConversationId", int)
ChannelId = NewType("ChannelId", int)
PartId = NewType("PartId", int)
DeliveryId = NewType("DeliveryId", int)
RequestId = NewType("RequestId", int)
ItemId = NewType("ItemId", int)
JobId = NewType("JobId", int)

AppKey = NewType("AppKey", str)
ConversationKey = NewType("ConversationKey", str)
PartKey = NewType("PartKey", str)
