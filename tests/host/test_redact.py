"""No secret is left in what is kept of a call, however it is written, whatever stands around it, wherever it is cut."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus, unquote_plus

import httpx
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chaskiq_core.errors import ContentError
from chaskiq_core.host.redact import Redactor, redactor_of
from chaskiq_core.secrets import MASK

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters=MASK)
SECRETS = st.text(CHARACTERS, min_size=1, max_size=40)
LONG_SECRETS = st.text(CHARACTERS, min_size=6, max_size=40)
AROUND = st.text(st.sampled_from("xyz {}:/&=?\"'\\\n"), max_size=20)
COATS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in a path": lambda secret: quote(secret, safe=""),
    "in a path, small digits": lambda secret: quote(secret, safe="").replace("%2F", "%2f").replace("%C3", "%c3"),
    "in a query": quote_plus,
    "in a path that keeps its marks": lambda secret: quote(secret, safe="!$&'()*+,;=:@/[]"),
    "as httpx writes a query": lambda secret: str(httpx.QueryParams({"q": secret}))[2:],
    "in JSON": lambda secret: json.dumps(secret)[1:-1],
    "in JSON that keeps letters": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "in JSON in JSON": lambda secret: json.dumps(json.dumps(secret)[1:-1])[1:-1],
    "in JSON in a form": lambda secret: quote_plus(json.dumps(secret)[1:-1]),
    "in HTML": html.escape,
    "in Python": lambda secret: repr(secret)[1:-1],
}


@pytest.mark.parametrize("coat", COATS)
@given(secret=SECRETS, before=AROUND, after=AROUND)
@example(secret="123456:AAH-_x", before="https://api/bot", after="/sendMessage")
@example(secret="p%40ss w+rd/é\"\\<&'", before='{"password": "', after='"}')
def test_a_secret_is_hidden_in_every_coat(coat: str, secret: str, before: str, after: str) -> None:
    written = COATS[coat](secret)
    assume(secret not in before + after)

    shown = Redactor([secret])(before + written + after)

    assert secret not in shown
    assert written not in shown
    assert secret not in unquote_plus(shown)


@given(secret=LONG_SECRETS, user=st.text(CHARACTERS, max_size=10), urlsafe=st.booleans(), known=st.booleans())
def test_basic_authentication_is_hidden(secret: str, user: str, urlsafe: bool, known: bool) -> None:
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    credentials = encode(f"{user}:{secret}".encode()).decode()

    shown = Redactor([secret])(f"Basic {credentials}" if known else f'{{"echo": "{credentials}"}}')

    assert credentials not in shown
    sure = encode(secret.encode()).decode()[: len(secret.encode()) * 8 // 6]
    assert sure not in shown


@given(secrets=st.lists(SECRETS, min_size=1, max_size=4), pieces=st.lists(AROUND, max_size=6), limit=st.integers(0, 80))
def test_a_cut_leaves_no_part_of_a_secret_at_its_edge(secrets: list[str], pieces: list[str], limit: int) -> None:
    secret = max(secrets, key=len)
    text = secret.join([*pieces, "", ""])
    assume(len(secret) >= 4)

    shown = Redactor(secrets).cut(text, limit)

    assert all(one not in shown for one in secrets)
    assert not shown or shown.endswith(MASK) or text.startswith(shown) or MASK in shown


def test_a_secret_that_begins_before_the_cut_is_hidden_whole() -> None:
    assert Redactor(["hunter2hunter2"]).cut("x" * 5 + "hunter2hunter2", 10) == "xxxxx" + MASK
    assert Redactor(["hunter2"]).cut("hunter2" * 3 + "rest", 21) == MASK * 3
    assert Redactor(["hunter2"]).cut("nothing here", 7) == "nothing"


def test_a_secret_made_to_be_spelled_anew_by_the_mask_shows_nothing() -> None:
    assert Redactor(["x•"])("xx•") == ""


def test_an_error_s_sentence_is_rewritten() -> None:
    error = ContentError("no chat at https://api/bothunter2/x", code="hunter2")

    redactor_of(frozenset({"hunter2", ""})).hide_in(error)

    assert (str(error), error.message, error.code) == (
        f"no chat at https://api/bot{MASK}/x", f"no chat at https://api/bot{MASK}/x", MASK,
    )  # fmt: skip
