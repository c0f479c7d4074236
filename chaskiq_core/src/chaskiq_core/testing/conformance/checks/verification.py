"""Only the provider gets in: with its proof, and with nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from chaskiq_core.plugin import Accepted, ChannelSettings, Refused, WebhookRequest
from chaskiq_core.testing.conformance.desk import Desk
from chaskiq_core.testing.conformance.driver import MAYA
from chaskiq_core.testing.conformance.kit import Kit, rule
from chaskiq_core.testing.conformance.tiers import ExcusedError, Tier

REFUSALS = (401, 403)
TRANSPORT = frozenset({"host", "accept", "accept-encoding", "connection", "content-length", "user-agent"})


class VerificationRules(Kit):
    """Of `verify`, on webhooks that the sandbox sent."""

    @rule("verify.genuine", Tier.BRONZE, "what the provider sends is accepted")
    async def test_genuine_is_accepted(self) -> None:
        async with self.at_desk() as desk:
            settings = await desk.settings()
            for request in await self.genuine(desk):
                assert isinstance(self.verdict(request, settings), Accepted)

    @rule("verify.missing", Tier.BRONZE, "without its proof a webhook is refused, and nothing of it is kept")
    async def test_missing_proof_is_refused(self) -> None:
        async with self.at_desk() as desk:
            request, proofs = await self._proofs(desk)
            assert proofs, "no header and no query parameter is a proof: a stranger's webhook is accepted"
            bare = replace(request, headers={}, query="")
            await self._all_refused(desk, [bare, *(_without(request, proof) for proof in proofs)])

    @rule("verify.wrong", Tier.BRONZE, "a wrong proof is refused, whatever its bytes are")
    async def test_wrong_proof_is_refused(self) -> None:
        async with self.at_desk() as desk:
            request, proofs = await self._proofs(desk)
            assert proofs, "no header and no query parameter is a proof"
            forged = [_with(request, proof, wrong) for proof in proofs for wrong in _wrong(_value(request, proof))]
            await self._all_refused(desk, forged)

    @rule("verify.strength", Tier.SILVER, "what the proof covers is known")
    async def test_what_the_proof_covers(self) -> None:
        async with self.at_desk() as desk:
            request, proofs = await self._proofs(desk)
            settings = await desk.settings()
            changed = replace(request, body=request.body.replace(b"A first word", b"A forged word"))
            if isinstance(self.verdict(changed, settings), Refused):
                self.saw("webhooks", f"signed: {', '.join(name for _, name in proofs)} over the bytes")
            else:
                self.saw("webhooks", f"a shared secret: {', '.join(name for _, name in proofs)}")

    @rule("verify.handshake", Tier.SILVER, "the provider's question whether the URL is ours is answered as it asks")
    async def test_a_handshake_is_answered(self) -> None:
        if "GET" not in self.manifest.methods:
            raise ExcusedError("the provider asks by no GET")
        async with self.at_desk() as desk:
            await desk.driver.handshake()

    def verdict(self, request: WebhookRequest, settings: ChannelSettings) -> object:
        """What verify says; it raises nothing."""
        return self.found.hooks["verify"](request=request, settings=settings)

    async def _proofs(self, desk: Desk) -> tuple[WebhookRequest, list[tuple[str, str]]]:
        """A genuine request, and the places without which it is refused."""
        request = (await self.genuine(desk))[0]
        settings = await desk.settings()
        places = [("header", name) for name in request.headers if name not in TRANSPORT]
        places += [("query", name) for name, _ in parse_qsl(request.query)]
        return request, [
            place for place in places if isinstance(self.verdict(_without(request, place), settings), Refused)
        ]

    async def _all_refused(self, desk: Desk, requests: Sequence[WebhookRequest]) -> None:
        before = len(await desk.parts((await desk.conversation_with("A first word")).key))
        for request in requests:
            body = desk.driver.signed(request, request.body.replace(b"A first word", b"A forged word")).body
            answer = await desk.come(replace(request, body=body))
            assert answer.status in REFUSALS, f"answered {answer.status} to {_described(request)}"
        await desk.driver.write(MAYA, "Still here")
        conversation = await desk.conversation_with("Still here")
        assert len(await desk.parts(conversation.key)) == before + 1


def _without(request: WebhookRequest, place: tuple[str, str]) -> WebhookRequest:
    kind, name = place
    if kind == "header":
        return replace(request, headers={key: value for key, value in request.headers.items() if key != name})
    return replace(request, query=urlencode([pair for pair in parse_qsl(request.query) if pair[0] != name]))


def _value(request: WebhookRequest, place: tuple[str, str]) -> str:
    kind, name = place
    return request.headers[name] if kind == "header" else dict(parse_qsl(request.query))[name]


def _with(request: WebhookRequest, place: tuple[str, str], value: str) -> WebhookRequest:
    kind, name = place
    if kind == "header":
        return replace(request, headers={**request.headers, name: value})
    pairs = [(key, value if key == name else known) for key, known in parse_qsl(request.query)]
    return replace(request, query=urlencode(pairs))


def _wrong(value: str) -> Iterator[str]:
    other = "b" if value[-1:] != "b" else "c"
    yield value[:-1] + other
    yield value[:-1]
    yield value + other
    yield ""
    yield "é\xff" + value[2:]
    yield "x" * 10_000


def _described(request: WebhookRequest) -> str:
    headers = {name: value[:40] for name, value in request.headers.items() if name not in TRANSPORT}
    return f"headers {headers!r}, query {request.query[:80]!r}"
