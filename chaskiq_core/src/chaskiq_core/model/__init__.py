"""The tables, a file for each room that writes them."""

from chaskiq_core.model.conversations import (
    Conversation,
    ConversationChannel,
    ConversationPart,
    ConversationState,
    Media,
    Participant,
    PartKind,
    PartSource,
    ThreadAlias,
)
from chaskiq_core.model.integrations import Integration, IntegrationState, OnUnknown, ProviderCall
from chaskiq_core.model.ledgers import (
    Delivery,
    DeliveryPiece,
    DeliveryState,
    InboundItem,
    InboundRequest,
    ItemState,
    Job,
    Lane,
    LaneKind,
)
from chaskiq_core.model.log import Audit, Change, Event, Meta
from chaskiq_core.model.people import AppUser, ExternalProfile, PersonKind, ProfileAlias, Segment, SubscriptionState
from chaskiq_core.model.staff import Agent, App, Role, RoleName, Token
from chaskiq_core.model.table import JsonObject, Table

__all__ = [
    "Agent",
    "App",
    "AppUser",
    "Audit",
    "Change",
    "Conversation",
    "ConversationChannel",
    "ConversationPart",
    "ConversationState",
    "Delivery",
    "DeliveryPiece",
    "DeliveryState",
    "Event",
    "ExternalProfile",
    "InboundItem",
    "InboundRequest",
    "Integration",
    "IntegrationState",
    "ItemState",
    "Job",
    "JsonObject",
    "Lane",
    "LaneKind",
    "Media",
    "Meta",
    "OnUnknown",
    "PartKind",
    "PartSource",
    "Participant",
    "PersonKind",
    "ProfileAlias",
    "ProviderCall",
    "Role",
    "RoleName",
    "Segment",
    "SubscriptionState",
    "Table",
    "ThreadAlias",
    "Token",
]
