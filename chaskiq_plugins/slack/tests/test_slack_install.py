"""Settings, whose the token is, and the lines of doctor."""

import httpx
import pytest
from pydantic import ValidationError

from chaskiq_core.plugin import Installed, ReauthError, RetryLaterError
from chaskiq_plugins.slack.tests.slack_provider import no, ok, scripted
from chaskiq_slack import SlackSettings, channel

pytestmark = pytest.mark.anyio

ME = {
    "url": "https://acme.slack.com/",
    "team": "Acme",
    "user": "help",
    "team_id": "T1",
    "user_id": "U1",
    "bot_id": "B1",
}
HOOK = "https://chat.example/api/v1/hooks/receiver/secret-of-the-hook"
SCOPES = "chat:write,im:history,channels:history,files:read,files:write,users:read"


@pytest.mark.parametrize(
    "given",
    [
        {"bot_token": "", "signing_secret": "s"},
        {"bot_token": "nonsense", "signing_secret": "s"},
        {"bot_token": "xoxb-1", "signing_secret": " "},
        {"bot_token": "xoxb-1", "signing_secret": "s", "api_base": "ftp://x"},
        {"bot_token": "xoxb-1", "signing_secret": "s", "api_base": "https://x/?a"},
        {"bot_token": "xoxb-1"},
    ],
)
async def test_wrong_settings_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SlackSettings.model_validate(given)


async def test_secrets_are_named() -> None:
    assert SlackSettings.secret_names() == {"bot_token", "signing_secret"}


async def test_the_account_is_the_workspace() -> None:
    async with scripted(ok(**ME)) as (script, context):
        assert await channel.install(HOOK, context) == Installed(account="T1", name="Acme")

    assert script.methods == ["auth.test"]


async def test_of_an_organisation_it_is_the_organisation() -> None:
    async with scripted(ok(**ME, enterprise_id="E1", is_enterprise_install=True)) as (_, context):
        assert (await channel.install(HOOK, context)).account == "E1"


async def test_a_refused_token_is_said() -> None:
    async with scripted(no("invalid_auth")) as (_, context):
        with pytest.raises(ReauthError, match="invalid_auth"):
            await channel.install(HOOK, context)
    async with scripted(ok()) as (_, context):
        with pytest.raises(RetryLaterError):
            await channel.install(HOOK, context)


async def test_all_is_well() -> None:
    answer = httpx.Response(200, json={"ok": True, **ME}, headers={"x-oauth-scopes": SCOPES})
    async with scripted(answer) as (_, context):
        lines = await channel.health(context, HOOK)

    assert [(line.name, line.ok) for line in lines] == [("token", True), ("scopes", True), ("public URL", True)]
    assert "secret-of-the-hook" not in str(lines)


async def test_a_missing_scope_and_a_plain_address_have_their_fixes() -> None:
    answer = httpx.Response(200, json={"ok": True, **ME}, headers={"x-oauth-scopes": "chat:write"})
    async with scripted(answer) as (_, context):
        lines = await channel.health(context, HOOK.replace("https", "http"))

    assert [line.ok for line in lines] == [True, False, False]
    assert "files:read to fetch files" in lines[1].detail
    assert all(line.fix for line in lines[1:])


async def test_a_refused_token_answers_all_questions() -> None:
    async with scripted(no("token_revoked")) as (_, context):
        [line] = await channel.health(context, HOOK)

    assert (line.name, line.ok) == ("token", False)
    assert "integrations set" in line.fix
