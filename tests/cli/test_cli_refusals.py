"""A wrong or missing argument ends with 2, a refusal with 1, each with one sentence and never a traceback."""

import shlex
from pathlib import Path

import pytest

from chaskiq_core.errors import UnavailableError
from chaskiq_core.store.file_lock import FileLock
from chaskiq_server.cli import command as command_line
from chaskiq_server.serving import bind
from tests.harness.command_line import chaskiq, set_environment
from tests.harness.databases import new_sqlite

WRONG = [
    ("", "Missing command."),
    ("apps", "Missing command."),
    ("nonsense", "No such command 'nonsense'."),
    ("--nonsense", "No such option: --nonsense"),
    ("apps create", "Missing option '--name'."),
    ("apps create --name ' '", "--name must have 1 to 200 characters"),
    ("apps create Acme --name Acme", "Got unexpected extra argument"),
    ("agents list", "Missing option '--app'."),
    ("agents list --app nobody", "no App has the key 'nobody'"),
    ("agents create --app nobody --email a@b.c --name A --role admin", "no App has the key 'nobody'"),
    ("agents create --app KEY --email nonsense --name A --role admin", "email: 'nonsense' is not an address"),
    ("agents create --app KEY --email a@b.c --name A --role boss", "'boss' is not one of 'admin', 'manager', 'agent'"),
    ("agents create --app KEY --email a@b.c --name A --role bot", "'bot' is not one of 'admin', 'manager', 'agent'"),
    ("agents create --app KEY --email a@b.c --role agent", "Missing option '--name'."),
    ("agents disable nobody@example.org", "no agent has the address 'nobody@example.org'"),
    ("tokens create --app KEY --agent nobody@example.org", "no agent 'nobody@example.org' in this App"),
    ("tokens revoke 12", "no token has the id '12'"),
    ("tokens revoke '1; 2'", "no token has the id '1; 2'"),
    ("integrations add nonsense --app KEY", "no channel plugin for 'nonsense'; installed: "),
    ("integrations list --app nobody", "no App has the key 'nobody'"),
    ("integrations set nothing name=x", "no integration has the id 'nothing'"),
    ("integrations pause nothing", "no integration has the id 'nothing'"),
    ("integrations resume nothing", "no integration has the id 'nothing'"),
    ("integrations rotate nothing", "no integration has the id 'nothing'"),
    ("integrations remove nothing", "no integration has the id 'nothing'"),
    ("inbound replay 99", "no inbound item has the id '99'"),
    ("inbound replay nothing", "no inbound item has the id 'nothing'"),
    ("inbound failed --app nobody", "no App has the key 'nobody'"),
    ("inbound failed --limit 0", "'--limit': Input should be greater than or equal to 1"),
    ("deliveries retry nothing", "no delivery has the id 'nothing'"),
    ("channels parse nonsense pyproject.toml", "'pyproject.toml' does not exist"),
    ("channels parse nonsense .", "is a directory"),
    ("sandbox nonsense", "no channel plugin for 'nonsense'; installed: "),
    ("serve --port 99999999", "'--port' (env var: 'PORT'): Input should be less"),
    ("serve --port nonsense", "'--port' (env var: 'PORT'): Input should be a valid integer"),
]


@pytest.fixture(scope="module")
def one_app(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a database in it, and the key of the App in that."""
    folder = tmp_path_factory.mktemp("refusals")
    with pytest.MonkeyPatch.context() as monkeypatch:
        set_environment(monkeypatch, folder)
        return folder, str(chaskiq("apps", "create", "--name", "Acme").document["key"])


@pytest.mark.parametrize(("line", "sentence"), WRONG)
def test_a_wrong_argument_is_2_and_one_sentence(
    line: str, sentence: str, one_app: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, key = one_app
    set_environment(monkeypatch, folder)

    ended = chaskiq(*shlex.split(line.replace("KEY", key)))

    assert (ended.code, ended.stdout) == (2, "")
    assert sentence in ended.sentence


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CHASKIQ_SECRET_KEY", None, "CHASKIQ_SECRET_KEY is not set: any text of 32 characters or more"),
        ("CHASKIQ_SECRET_KEY", "short", "CHASKIQ_SECRET_KEY: must have 32 characters or more"),
        ("CHASKIQ_DATABASE_URL", "mysql://x", "CHASKIQ_DATABASE_URL: must be sqlite:///FILE or postgresql://"),
        ("CHASKIQ_PUBLIC_URL", "nonsense", "CHASKIQ_PUBLIC_URL: must start with http:// or https://"),
        ("CHASKIQ_LOG_FORMAT", "xml", "CHASKIQ_LOG_FORMAT: input should be 'console' or 'json'"),
    ],
)
@pytest.mark.parametrize("line", ["apps list", "serve", "db upgrade", "doctor"])
def test_a_wrong_setting_stops_before_anything_is_opened(
    name: str, value: str | None, sentence: str, line: str, on_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)

    ended = chaskiq(*line.split())

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.sentence.startswith(sentence)
    assert list(on_sqlite.iterdir()) == []


def test_settings_are_read_from_a_file_beside_the_command(on_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHASKIQ_SECRET_KEY")
    monkeypatch.delenv("CHASKIQ_DATABASE_URL")
    (on_sqlite / ".env").write_text(
        "CHASKIQ_SECRET_KEY=a secret key of the tests, long enough\nCHASKIQ_DATABASE_URL=sqlite:///other.db\n"
    )

    assert chaskiq("apps", "list").listed == []
    assert (on_sqlite / "other.db").exists()


def test_a_database_that_is_away_is_1(on_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHASKIQ_DATABASE_URL", f"postgresql://nobody@/nothing?host={on_sqlite}")

    ended = chaskiq("apps", "list")

    assert ended.code == 1
    assert ended.sentence.startswith("PostgreSQL can't be reached: ")


def test_a_folder_that_is_not_there_is_1(on_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHASKIQ_DATABASE_URL", f"sqlite:///{on_sqlite / 'nowhere' / 'chaskiq.db'}")

    ended = chaskiq("apps", "list")

    assert ended.code == 1
    assert "unable to open database file" in ended.sentence


def test_a_second_server_on_a_sqlite_file_is_1(on_sqlite: Path) -> None:
    lock = FileLock(new_sqlite(on_sqlite).path)
    lock.take()

    ended = chaskiq("serve", "--port", "0")

    lock.release()
    assert ended.code == 1
    assert "another server or worker has this SQLite database open" in ended.sentence


@pytest.mark.parametrize("command", ["serve", "sandbox telegram"])
def test_a_port_that_is_taken_is_1(command: str, on_sqlite: Path) -> None:
    with bind("127.0.0.1", 0) as taken:
        ended = chaskiq(*command.split(), "--port", str(taken.getsockname()[1]))

    assert ended.code == 1
    assert ended.sentence.endswith("can't be listened on: Address already in use")


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (UnavailableError("the database is away"), 1, "the database is away"),
        (ExceptionGroup("a task group", [UnavailableError("the database is away")]), 1, "the database is away"),
        (OSError(28, "No space left on device"), 1, "[Errno 28] No space left on device"),
        (KeyError("a bug"), 1, "internal error: KeyError: 'a bug'"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_whatever_happens_ends_with_a_sentence(
    error: BaseException, code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.explain(error) == code

    assert capsys.readouterr().err.removeprefix("chaskiq: ").strip() == sentence
