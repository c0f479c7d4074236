"""Writing acts of many clients, of which some write and then refuse: what an undone act costs its neighbours."""

from collections.abc import AsyncIterator, Sequence
from functools import partial

from bench.clients import ask
from bench.databases import KINDS, Databases, opened
from bench.measure import Contender, Effort, Line, take_turns
from chaskiq_core.errors import ConflictError
from chaskiq_core.model.ids import ConversationId
from chaskiq_core.store.store import Acting, Store
from tests.harness.house_acts import an_app, refuse_to_say, say, start

CLIENTS = 64
REFUSED_PERCENT = (1, 10)
ACTS = {"sqlite": 500, "postgres": 350}


async def measure(databases: Databases, effort: Effort) -> AsyncIterator[Line]:
    """Acts a second, refused ones counted, beside the same without a refusal."""
    for kind in KINDS:
        async with opened(await databases.new(kind)) as store:
            acting, conversations = await _one_conversation_per_client(store)
            contenders = [
                Contender(f"{percent} % refused", partial(_act, acting, conversations, percent))
                for percent in (0, *REFUSED_PERCENT)
            ]
            none, *some = await take_turns(contenders, count=effort.of(ACTS[kind]), repeats=effort.repeats)
        for rates in some:
            yield Line(
                bench="acts",
                case=f"{CLIENTS} clients",
                database=kind,
                subject=rates,
                baseline=none,
            )


async def _act(acting: Acting, conversations: Sequence[ConversationId], refused_percent: int, count: int) -> None:
    async def once(client: int, number: int) -> None:
        if number % 100 >= refused_percent:
            await acting.write(say, conversations[client], "Hello")
            return
        try:
            await acting.write(refuse_to_say, conversations[client], "Hello")
        except ConflictError:
            return
        raise AssertionError("an act that refuses was carried out")

    await ask(once, clients=CLIENTS, count=count)


async def _one_conversation_per_client(store: Store) -> tuple[Acting, list[ConversationId]]:
    acting = store.acting(await an_app(store))
    return acting, [await acting.write(start, f"Visitor {n}") for n in range(CLIENTS)]
