"""Apps: creating one with all that it comes with, and reading its settings."""

from chaskiq_core.model import Agent, App, JsonObject, Role, RoleName, Segment
from chaskiq_core.model.ids import AgentId, AppId, AppKey
from chaskiq_core.store.unit import HouseUnit, Unit

DEFAULT_SETTINGS: JsonObject = {"reopen_within_hours": 168}
SEGMENTS: tuple[tuple[str, JsonObject], ...] = (
    ("All Users", {"attribute": "kind", "comparison": "in", "value": ["user"]}),
    ("All Leads", {"attribute": "kind", "comparison": "in", "value": ["lead"]}),
    ("Active Users", {"attribute": "last_heard_from_at", "comparison": "gt", "value": "30 days ago"}),
    ("Slipping Away", {"attribute": "last_heard_from_at", "comparison": "lt", "value": "1 day ago"}),
)


def create_app(house: HouseUnit, name: str) -> tuple[AppId, AppKey]:
    """A new App with its bot agent and the four segments; its id and key."""
    app = house.add(
        App(
            id=AppId(house.new_id()),
            key=AppKey(house.new_key()),
            name=name,
            settings=DEFAULT_SETTINGS,
            created_at=house.now,
        )
    )
    bot = house.add(
        Agent(
            id=AgentId(house.new_id()),
            email=f"bot@{app.key.lower()}.invalid",
            name=f"{name} bot",
            bot=True,
            password_hash=None,
            disabled_at=None,
            created_at=house.now,
        )
    )
    house.add(Role(app_id=app.id, agent_id=bot.id, name=RoleName.BOT, created_at=house.now))
    for title, predicate in SEGMENTS:
        house.add(Segment(app_id=app.id, id=house.new_id(), name=title, predicates=[predicate], created_at=house.now))
    return app.id, app.key


def find_or_create_app(house: HouseUnit, name: str) -> AppKey:
    """The key of the App of that name, the oldest of several; made if there is none."""
    known = house.first(house.select(App).where(App.name == name).order_by(App.id))
    return known.key if known else create_app(house, name)[1]


def list_apps(house: HouseUnit) -> list[tuple[AppKey, str]]:
    """Key and name of every App, oldest first."""
    return [(app.key, app.name) for app in house.all(house.select(App).order_by(App.id))]


def find_app(unit: Unit) -> App:
    """This unit's App."""
    [app] = unit.all(unit.select(App).where(App.id == unit.app_id))
    return app


def find_bot(unit: Unit) -> Agent:
    """The bot that speaks for this unit's App."""
    rows = unit.rows(unit.select(Role, Agent).join(Agent, Agent.id == Role.agent_id).where(Role.name == RoleName.BOT))
    return rows[0][1]
