"""Integrations from the command line, with the Telegram sandbox as the provider: told before a command returns."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from chaskiq_core.model.table import JsonObject
from chaskiq_telegram.sandbox import TelegramSandbox, running_sandbox
from tests.harness.command_line import Ended, chaskiq
from tests.harness.databases import Database

TOKEN = "7700112233:AAGsandboxSANDBOXsandboxSANDBOXsand"
OTHER = "7700112244:AAGsandboxSANDBOXsandboxSANDBOXsand"
HOOKS = "http://localhost:3000/api/v1/hooks/receiver/"


@dataclass(frozen=True, slots=True)
class Telegram:
    """The provider: a sandbox on a port."""

    url: str

    def webhook(self, token: str = TOKEN) -> str:
        """Where it would deliver."""
        answer = httpx.get(f"{self.url}/bot{token}/getWebhookInfo").raise_for_status()
        url: str = answer.json()["result"]["url"]
        return url

    def fails(self, kind: str, *, times: int | None = None) -> None:
        """Let its next calls fail."""
        httpx.post(f"{self.url}/sandbox/faults", json={"kind": kind, "times": times}).raise_for_status()


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    """A sandbox that knows only the bots it was told of, in a thread of its own."""
    sandbox = TelegramSandbox(accept_any_token=False)
    sandbox.add_bot(TOKEN, username="acme_bot")
    sandbox.add_bot(OTHER, username="other_bot")
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(running_sandbox(sandbox)) as url:
        yield Telegram(url)


@pytest.fixture
def app(on_each: Database) -> str:
    """An App's key."""
    return str(chaskiq("apps", "create", "--name", "Acme").document["key"])


def add(telegram: Telegram, app: str, *more: str, token: str = TOKEN) -> Ended:
    return chaskiq(
        "integrations", "add", "telegram", "--app", app,
        "--set", f"access_token={token}", "--set", f"api_base={telegram.url}", *more,
    )  # fmt: skip


def listed(app: str) -> list[JsonObject]:
    return chaskiq("integrations", "list", "--app", app).listed


def settings_of(app: str) -> JsonObject:
    """The settings of the only integration, as they are shown."""
    [shown] = listed(app)
    settings = shown["settings"]
    assert isinstance(settings, dict)
    return settings


def test_when_it_returns_the_provider_has_our_webhook(telegram: Telegram, app: str) -> None:
    added = add(telegram, app).document
    [shown] = listed(app)

    assert set(added) == {"id", "provider", "hook_url", "hook_path"}
    assert added["provider"] == "telegram"
    assert str(added["hook_url"]).startswith(HOOKS)
    assert str(added["hook_url"]).endswith(str(added["hook_path"]))
    assert telegram.webhook() == added["hook_url"]
    assert (shown["id"], shown["state"], shown["name"]) == (added["id"], "active", "@acme_bot")
    assert TOKEN not in str(shown)


def test_a_refusal_is_the_provider_s_sentence_and_leaves_nothing(telegram: Telegram, app: str) -> None:
    ended = add(telegram, app, token="7700112299:AAGsandboxSANDBOXsandboxSANDBOXsand")

    assert ended.code == 1
    assert ended.sentence.startswith("telegram refused: ")
    assert "Unauthorized" in ended.sentence
    assert "AAGsandbox" not in ended.sentence
    assert listed(app) == []


def test_a_provider_that_is_away_is_a_refusal(telegram: Telegram, app: str) -> None:
    ended = chaskiq(
        "integrations", "add", "telegram", "--app", app, "--set", f"access_token={TOKEN}",
        "--set", "api_base=http://127.0.0.1:9",
    )  # fmt: skip

    assert ended.code == 1
    assert ended.sentence.startswith("telegram refused: ")
    assert listed(app) == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ([], "telegram needs the setting access_token"),
        (["access_token=nonsense"], "telegram setting access_token: "),
        (["access_token=1:x", "acess_token=1:x"], "telegram has no setting acess_token; it has access_token"),
        (["access_token"], "a setting is given as FIELD=VALUE"),
        (["=1:x"], "a setting is given as FIELD=VALUE"),
        (["access_token=1:x", "access_token=1:y"], "the setting access_token is given twice"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(settings: list[str], sentence: str, app: str) -> None:
    given = [argument for one in settings for argument in ("--set", one)]

    ended = chaskiq("integrations", "add", "telegram", "--app", app, *given)

    assert ended.code == 2
    assert ended.sentence.startswith(sentence)
    assert "nonsense" not in ended.sentence
    assert listed(app) == []


def test_without_install_the_provider_hears_nothing(telegram: Telegram, app: str) -> None:
    added = add(telegram, app, "--no-install", "--name", "Quiet")

    assert added.document["provider"] == "telegram"
    assert telegram.webhook() == ""
    assert [(one["state"], one["name"]) for one in listed(app)] == [("active", "Quiet")]


def test_one_account_is_installed_once_and_another_beside_it(telegram: Telegram, app: str) -> None:
    first = add(telegram, app).document
    second = add(telegram, app, token=OTHER).document
    again = add(telegram, app)

    assert again.code == 1
    assert again.sentence == f"telegram account 7700112233 is integration {first['id']} already"
    assert [one["id"] for one in listed(app)] == [first["id"], second["id"]]
    assert telegram.webhook() == first["hook_url"]
    assert telegram.webhook(OTHER) == second["hook_url"]


def test_a_setting_is_changed_and_the_others_stay(telegram: Telegram, app: str) -> None:
    added = add(telegram, app, "--set", "secret_token=the-first").document
    key = str(added["id"])

    changed = chaskiq("integrations", "set", key, "user_id=402288117").document
    shown = settings_of(app)
    taken_away = chaskiq("integrations", "set", key, "user_id=").document

    assert changed == taken_away == added
    assert (shown["user_id"], shown["api_base"]) == ("402288117", telegram.url)
    assert settings_of(app)["user_id"] is None
    assert telegram.webhook() == added["hook_url"]


@pytest.mark.parametrize("kind", ["500", "reset_before", "garbage"])
def test_a_change_that_the_provider_does_not_take_is_1_and_can_be_repeated(
    kind: str, telegram: Telegram, app: str
) -> None:
    key = str(add(telegram, app).document["id"])
    telegram.fails(kind)

    ended = chaskiq("integrations", "rotate", key)
    httpx.delete(f"{telegram.url}/sandbox/faults").raise_for_status()
    again = chaskiq("integrations", "rotate", key).document

    assert ended.code == 1
    assert ended.sentence.startswith("telegram refused: ")
    assert telegram.webhook() == again["hook_url"]


def test_a_setting_of_another_account_is_refused(telegram: Telegram, app: str) -> None:
    key = str(add(telegram, app).document["id"])

    ended = chaskiq("integrations", "set", key, f"access_token={OTHER}")

    assert ended.code == 1
    assert ended.sentence.startswith("the new settings belong to telegram account 7700112244, not 7700112233")


def test_rotate_gives_a_new_hook_url_and_tells_it(telegram: Telegram, app: str) -> None:
    added = add(telegram, app).document

    rotated = chaskiq("integrations", "rotate", str(added["id"])).document

    assert rotated["id"] == added["id"]
    assert rotated["hook_url"] != added["hook_url"]
    assert telegram.webhook() == rotated["hook_url"]


def test_it_pauses_and_resumes(telegram: Telegram, app: str) -> None:
    key = str(add(telegram, app).document["id"])

    assert chaskiq("integrations", "pause", key).document["state"] == "paused"
    assert chaskiq("integrations", "pause", key).document["state"] == "paused"
    assert chaskiq("integrations", "resume", key).document["state"] == "active"
    assert chaskiq("integrations", "resume", key).document["state"] == "active"


def test_remove_takes_the_webhook_away(telegram: Telegram, app: str) -> None:
    key = str(add(telegram, app).document["id"])

    removed = chaskiq("integrations", "remove", key)

    assert removed.document == {"id": key, "removed": True}
    assert removed.stderr == ""
    assert telegram.webhook() == ""
    assert listed(app) == []
    assert chaskiq("integrations", "remove", key).code == 2


def test_remove_goes_on_when_the_provider_refuses(telegram: Telegram, app: str) -> None:
    key = str(add(telegram, app).document["id"])
    httpx.post(f"{telegram.url}/sandbox/bots/{TOKEN}/revoke").raise_for_status()

    removed = chaskiq("integrations", "remove", key)

    assert removed.document == {"id": key, "removed": True}
    assert "the provider was not told: " in removed.stderr
    assert TOKEN not in removed.stderr
    assert listed(app) == []


def test_doctor_looks_at_every_integration(telegram: Telegram, app: str) -> None:
    key = str(add(telegram, app).document["id"])

    well = chaskiq("doctor")
    httpx.post(f"{telegram.url}/bot{TOKEN}/setWebhook", json={"url": "http://elsewhere.example/"}).raise_for_status()
    ill = chaskiq("doctor")

    assert well.code == 0, well.stdout
    assert {line.split()[0] for line in well.stdout.splitlines()} - {"warn"} == {"ok"}
    assert "ok     database: " in well.stdout
    assert f"ok     telegram/{key}: active" in well.stdout
    assert ill.code == 1
    assert (
        f"FAILED telegram/{key} webhook: Telegram calls another URL: somebody else uses this bot; register"
        in ill.stdout
    )
    assert TOKEN not in well.stdout + ill.stdout


def test_the_calls_that_a_command_made_are_listed_without_the_token(telegram: Telegram, app: str) -> None:
    key = str(add(telegram, app).document["id"])
    telegram.fails("401")
    assert chaskiq("integrations", "rotate", key).code == 1

    ended = chaskiq("integrations", "calls", key)
    failed = chaskiq("integrations", "calls", key, "--failed", "--limit", "1").listed

    assert [(one["hook"], one["outcome"]) for one in ended.listed] == [("install", "reauth"), ("install", "ok")]
    assert [one["code"] for one in failed] == ["401"]
    assert TOKEN not in ended.stdout
    assert "receiver%2F" in ended.stdout
    assert chaskiq("integrations", "calls", "nonsense").code == 2


def test_doctor_tells_the_last_calls_that_failed_and_where_to_look(telegram: Telegram, app: str) -> None:
    key = str(add(telegram, app).document["id"])
    telegram.fails("401", times=1)
    chaskiq("integrations", "rotate", key)

    [line] = [line for line in chaskiq("doctor").stdout.splitlines() if f"telegram/{key} calls: " in line]

    assert line.startswith(f"warn   telegram/{key} calls: failed lately: install at ")
    assert line.endswith(f"Unauthorized; see `chaskiq integrations calls {key} --failed`")


def test_every_line_that_fails_says_the_fix(telegram: Telegram, app: str) -> None:
    add(telegram, app)
    telegram.fails("401")

    lines = json.loads(chaskiq("doctor", "--json").stdout)

    failing = [line for line in lines if not line["ok"]]
    assert failing
    assert all(line["fix"] for line in failing)
