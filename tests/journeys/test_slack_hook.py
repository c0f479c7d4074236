"""Slack's webhooks over HTTP: one URL for the whole app, duplicates, echoes that come early, an access that is gone."""

import time

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier

from chaskiq_core import desk
from chaskiq_core.desk import integrations
from chaskiq_core.hub import AppActing
from chaskiq_core.plugin import JsonObject, WebhookRequest
from chaskiq_core.plugin.views import PartView
from chaskiq_plugins.slack.tests.slack_bodies import (
    BOT_USER,
    CHANNEL,
    MAYA,
    SECRET,
    TEAM,
    command,
    event,
    form,
    message,
    press,
    request,
)
from chaskiq_plugins.slack.tests.slack_bodies import interaction as interaction_of
from tests.harness.databases import Database
from tests.harness.slack_house import SlackHouse, a_slack_house
from tests.harness.wait import until

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

GLOBAL = "/api/v1/hooks/global/slack"
OTHER_SECRET = "another-signing-secret"


async def post(
    house: SlackHouse, body: WebhookRequest, *, secret: str = SECRET, path: str = GLOBAL, retry: int = 0
) -> httpx.Response:
    """A webhook, signed now."""

    at = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=at, body=body.body) or ""
    headers = {**body.headers, "x-slack-request-timestamp": at, "x-slack-signature": signature}
    if retry:
        headers |= {"x-slack-retry-num": str(retry), "x-slack-retry-reason": "http_timeout"}
    return await house.http.post(path, content=body.body, headers=headers)


async def parts(app: AppActing, *, texts: int = 1) -> list[PartView]:
    """The parts of the App's one conversation, once it has so many."""
    found: list[PartView] = []

    async def arrived() -> bool:
        found.clear()
        for one in (await app.read(desk.inbox)).items:
            found.extend((await app.read(desk.parts, one.key, limit=100)).items)
        return len(found) >= texts

    await until(arrived)
    return found


async def test_the_workspace_in_the_body_says_whose_it_is(database: Database) -> None:
    async with a_slack_house(database) as house:
        acme = await house.add_app("acme", team=TEAM, secret=SECRET)
        evil = await house.add_app("evil", team="T9EVIL", secret=OTHER_SECRET)

        answer = await post(house, request(event(message("for Acme"))))
        # Evil's own secret opens nothing of Acme's, and its team's webhooks are not signed with Acme's.
        forged = await post(house, request(event(message("forged"), "Ev2")), secret=OTHER_SECRET)
        crossed = await post(house, request({**event(message("x"), "Ev3"), "team_id": "T9EVIL", "authorizations": []}))
        await post(house, form(command()))
        await post(house, interaction_of(press()))

        assert (answer.status_code, forged.status_code, crossed.status_code) == (200, 403, 403)
        assert [part.text for part in await parts(acme, texts=2)] == ["for Acme", "/help me & you"]
        assert (await evil.read(desk.inbox)).items == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (request({**event(message()), "team_id": "T0NOBODY", "authorizations": []}), 404),
        (request({"type": "hologram"}), 404),
        (request([]), 400),
        (WebhookRequest(body=b"nonsense"), 400),
        (form({"payload": "{"}), 400),
    ],
)
async def test_what_is_nobodys_is_refused(database: Database, body: WebhookRequest, status: int) -> None:
    async with a_slack_house(database) as house:
        await house.add_app("acme", team=TEAM, secret=SECRET)

        assert (await post(house, body)).status_code == status
        assert (await house.http.post(GLOBAL, content=body.body, headers=body.headers)).status_code in (400, 401, 404)
        assert (await post(house, body, path="/api/v1/hooks/global/telegram")).status_code == 404
        assert (await house.http.get(GLOBAL)).status_code == 405


async def test_the_challenge_of_the_one_url_is_answered_if_it_is_signed(database: Database) -> None:
    challenge = request({"type": "url_verification", "challenge": "3eZ", "token": "t"})
    async with a_slack_house(database) as house:
        nobody = await post(house, challenge)
        await house.add_app("evil", team="T9EVIL", secret=OTHER_SECRET)
        await house.add_app("acme", team=TEAM, secret=SECRET)

        signed = await post(house, challenge)
        unsigned = await house.http.post(GLOBAL, content=challenge.body)

        assert nobody.status_code == 404
        assert (signed.status_code, signed.text) == (200, "3eZ")
        assert unsigned.status_code == 401


async def test_two_apps_with_the_same_slack_app_both_take_it(database: Database) -> None:
    async with a_slack_house(database) as house:
        first = await house.add_app("first", team=TEAM, secret=SECRET)
        second = await house.add_app("second", team=TEAM, secret=SECRET)

        await post(house, request(event(message("to both"))))

        assert [part.text for part in await parts(first)] == ["to both"]
        assert [part.text for part in await parts(second)] == ["to both"]


async def test_a_mention_its_message_and_their_repeats_are_one_part(database: Database) -> None:
    said = message(f"<@{BOT_USER}> help")
    async with a_slack_house(database) as house:
        acme = await house.add_app("acme", team=TEAM, secret=SECRET)

        for n, happened in enumerate((said, {**said, "type": "app_mention"}, said)):
            await post(house, request(event(happened, f"Ev{n}")), path="/api/v1/hooks/receiver/hook-acme", retry=n)
        await post(house, request(event(message("and then", ts="1790000009.000100"), "Ev9")))

        assert [part.text for part in await parts(acme, texts=2)] == [f"@{BOT_USER} help", "and then"]


@pytest.mark.parametrize(
    "happened",
    [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": [BOT_USER], "oauth": [MAYA]}}],
)
async def test_an_access_that_is_gone_stops_the_integration(database: Database, happened: JsonObject) -> None:
    async with a_slack_house(database) as house:
        acme = await house.add_app("acme", team=TEAM, secret=SECRET)

        await post(house, request(event(happened)))

        async def broken() -> bool:
            [found] = await acme.read(integrations.integrations)
            return found.state == "broken"

        await until(broken)
        [found] = await acme.read(integrations.integrations)
        assert "took our access away" in (found.state_reason or "")


async def test_a_persons_own_token_stops_nothing(database: Database) -> None:
    async with a_slack_house(database) as house:
        acme = await house.add_app("acme", team=TEAM, secret=SECRET)

        await post(house, request(event({"type": "tokens_revoked", "tokens": {"oauth": [MAYA]}})))
        await post(house, request(event(message("still here"), "Ev2")))

        await parts(acme)
        [found] = await acme.read(integrations.integrations)
        assert found.state == "active"


async def test_a_channel_that_moved_takes_its_conversation_along(database: Database) -> None:
    async with a_slack_house(database) as house:
        acme = await house.add_app("acme", team=TEAM, secret=SECRET)
        moved = {"type": "channel_id_changed", "old_channel_id": CHANNEL, "new_channel_id": "C09"}

        await post(house, request(event(message("before"))))
        await parts(acme)
        await post(house, request(event(moved, "Ev2")))
        await until(lambda: _is_in(acme, "C09"))
        await post(house, request(event(message("after", channel="C09"), "Ev3")))

        assert [part.text for part in await parts(acme, texts=2)] == ["before", "after"]
        assert len((await acme.read(desk.inbox)).items) == 1


async def _is_in(app: AppActing, channel: str) -> bool:
    [one] = (await app.read(desk.inbox)).items
    return one.channels[0].provider_channel_id == channel
