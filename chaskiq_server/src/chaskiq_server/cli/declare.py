"""Declaring a command as what it does with an open house: given arguments, it returns what is printed as JSON."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Concatenate, ParamSpec, TypeVar

import anyio
import typer

from chaskiq_core.hub import Chaskiq
from chaskiq_core.settings import load_settings
from chaskiq_server.cli.answers import show

P = ParamSpec("P")
R = TypeVar("R")

AppKey = Annotated[str, typer.Option("--app", metavar="KEY", help="The App's key.")]
AnyApp = Annotated[str | None, typer.Option("--app", metavar="KEY", help="One App only; by default all.")]
Limit = Annotated[int, typer.Option(min=1, help="How many at most.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON, which this command does anyway.", hidden=True)]


def command(
    group: typer.Typer, name: str, *, example: str
) -> Callable[[Callable[Concatenate[Chaskiq, P], Awaitable[R]]], Callable[Concatenate[Chaskiq, P], Awaitable[R]]]:
    """Make an async function of the house a command: its parameters are the command's, its result is printed."""

    def declare(
        act: Callable[Concatenate[Chaskiq, P], Awaitable[R]],
    ) -> Callable[Concatenate[Chaskiq, P], Awaitable[R]]:
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            kwargs.pop("json")
            show(in_house(lambda chaskiq: act(chaskiq, *args, **kwargs)))

        taken = list(inspect.signature(act).parameters.values())[1:]
        flag = inspect.Parameter("json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=JsonFlag)
        run.__dict__["__signature__"] = inspect.Signature([*taken, flag])
        run.__annotations__ = {one.name: one.annotation for one in (*taken, flag)}
        run.__doc__ = act.__doc__
        group.command(name, epilog=f"Example: {example}")(run)
        return act

    return declare


def in_house(act: Callable[[Chaskiq], Awaitable[R]]) -> R:
    """What an act returns, in a house opened for it: a server may run beside it, also on SQLite."""

    async def open_and_act() -> R:
        async with Chaskiq(load_settings(), owner=False) as chaskiq:
            return await act(chaskiq)

    return anyio.run(open_and_act)
