"""The base that a provider's sandbox stands on.

A sandbox plays a provider: its ids, limits, refusals, files and webhooks, with faults on demand, so that a channel is
developed, shown and tested with no account and no token. What any provider has is here; a provider's sandbox is its
state, its methods, its errors and its page. `chaskiq-core[testing]` installs what it needs.

**The sandbox** is an object that holds all it knows, in this order:

```python
class AcmeSandbox:
    def __init__(self, path: Path | None = None, *, pause=anyio.sleep, now=time.time) -> None:
        self.pause, self.now = pause, now               # a test passes its own, and never waits
        self.closing = anyio.Event()                    # set when calls that hang must let go
        self.news = Bell()                              # ring it at each change: looks that wait see it
        self.database = Database(path)                  # an SQLite file that outlives it, or memory for None
        self.calls = CallLog(self.database, secrets=["token"])
        self.posts = WaitingPosts(self.database)        # the webhooks that wait
        self.faults = Faults[Fault]()
        self.delivery = Delivery(self.posts, AcmeAccounts(self), self.faults, Pace(…))
```

Its tables are `database.create(SCHEMA)` in the files that use them. It answers from its creation on (httpx's
ASGITransport runs no lifespan) and delivers webhooks inside `delivery.running()`, which the app's lifespan enters.

**Its methods** answer over HTTP with Starlette. A call first asks for its fault, and is logged whatever comes of it:

```python
async def answer(request: Request) -> Response:
    parameters = read_object(await request.body())
    fault = sandbox.faults.take("messages", parameters)
    if fault is None:
        return carry_out(parameters)                        # does it, logs it in one transaction, json_response(…)
    if not fault.is_carried_out:
        log(parameters, {"fault": fault.kind}, is_accepted=False)
        return await spoil(fault, request, sandbox, refuse)
    return await spoil(fault, request, sandbox, refuse, partial(carry_out, parameters))
```

`refuse(fault)` is the provider's wording: its JSON for a 429, its own error codes. A provider's own kinds are
`OWN_KINDS` of a subclass of `Fault`, its own filters fields read in `is_about`; `where` compares parameters by itself.
A download takes `faults.take_download()` and `spoil_download`.

**Webhooks.** `delivery.send(Lane(account, queue), body, expires_at=…)` puts one behind those of its lane. Where it
goes, and under which headers (a signature of the bytes, the number of the retry), says the `Registered` protocol at
each attempt. `duplicate`, `hold` and `lost_answer` are faults of it.

**What people do** is a JSON API under `/sandbox`, read with `body_of`, `number_of` and `look` (which waits for news
with `?wait=`); an act that can't be raises `CustomerApiError(404, "a sentence")`, for which the app registers
`customer_error`. `ControlRoutes(sandbox, Fault)` adds `/sandbox/calls`, `/sandbox/faults` and `/sandbox/reset`, the
same for every provider; `phone_routes(folder)` serves the page at `/phone`.

**On a port**: `running_app(app, closing=…)` for a block, `serve_app` until the process is stopped. The package's
`sandbox` module offers `run(host, port, path)`, which is what `chaskiq sandbox acme` calls.

A provider that does not speak HTTP (SMTP, IMAP) uses the same faults, database, call log, controls and page, owns its
server's tasks with `owned_tasks`, and decides itself what `hang` or `reset_before` means on its wire.
"""

from chaskiq_core.testing.sandbox.call_log import CallLog, LoggedCall
from chaskiq_core.testing.sandbox.controls import Controlled, ControlRoutes
from chaskiq_core.testing.sandbox.database import Cell, Database, Row
from chaskiq_core.testing.sandbox.downloads import spoil_download
from chaskiq_core.testing.sandbox.errors import CustomerApiError, SandboxError
from chaskiq_core.testing.sandbox.faults import Fault, FaultKind, Faults
from chaskiq_core.testing.sandbox.json_value import Json, JsonObject, object_at, read_json, read_object, write_json
from chaskiq_core.testing.sandbox.page import phone_routes
from chaskiq_core.testing.sandbox.requests import Watched, body_of, look, number_of
from chaskiq_core.testing.sandbox.responses import ConnectionReset, customer_error, explain, json_response
from chaskiq_core.testing.sandbox.server import LOOPBACK, running_app, serve_app
from chaskiq_core.testing.sandbox.spoil import Patience, keep_waiting, spoil
from chaskiq_core.testing.sandbox.tasks import Bell, first_of, owned_tasks
from chaskiq_core.testing.sandbox.webhooks.delivery import Delivery, Registered, Target
from chaskiq_core.testing.sandbox.webhooks.pace import Failure, Pace
from chaskiq_core.testing.sandbox.webhooks.posts import Lane, WaitingPost, WaitingPosts

__all__ = [
    "LOOPBACK",
    "Bell",
    "CallLog",
    "Cell",
    "ConnectionReset",
    "ControlRoutes",
    "Controlled",
    "CustomerApiError",
    "Database",
    "Delivery",
    "Failure",
    "Fault",
    "FaultKind",
    "Faults",
    "Json",
    "JsonObject",
    "Lane",
    "LoggedCall",
    "Pace",
    "Patience",
    "Registered",
    "Row",
    "SandboxError",
    "Target",
    "WaitingPost",
    "WaitingPosts",
    "Watched",
    "body_of",
    "customer_error",
    "explain",
    "first_of",
    "json_response",
    "keep_waiting",
    "look",
    "number_of",
    "object_at",
    "owned_tasks",
    "phone_routes",
    "read_json",
    "read_object",
    "running_app",
    "serve_app",
    "spoil",
    "spoil_download",
    "write_json",
]
