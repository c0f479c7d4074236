"""Who somebody in a browser is: what proves it, and what does not."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from chaskiq_web import WebSettings
from chaskiq_web.identity import (
    Identity,
    IdentityError,
    by_identifier_key,
    by_jwt,
    issuer_of,
    new_identity,
    read_session,
    read_ticket,
    upload_ticket,
    write_session,
)

SECRET = "the identity secret of a site, long enough"
SETTINGS = WebSettings(identity_secret=SECRET)
OTHER = WebSettings(identity_secret="the identity secret of another, long enough")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SOON = int((NOW + timedelta(minutes=10)).timestamp())


def mark(email: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), email.encode(), hashlib.sha256).hexdigest()


def site_jwt(claims: dict[str, object], secret: str = SECRET) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))


def test_a_session_comes_back_as_it_was_written() -> None:
    identity = Identity(session="s", user="cora@example.org", email="cora@example.org", name="Cora", phone="+49 1")

    token = write_session(identity, SETTINGS, issuer="key", now=NOW)

    assert read_session(token, SETTINGS, now=NOW) == identity
    assert issuer_of(token) == "key"


@pytest.mark.parametrize(("user", "days"), [("", 365), ("cora@example.org", 30)])
def test_a_session_ends(user: str, days: int) -> None:
    token = write_session(Identity(session="s", user=user), SETTINGS, issuer="key", now=NOW)

    assert read_session(token, SETTINGS, now=NOW + timedelta(days=days - 1)).session == "s"
    with pytest.raises(IdentityError, match="ended"):
        read_session(token, SETTINGS, now=NOW + timedelta(days=days, seconds=1))


def test_a_session_of_another_messenger_proves_nothing() -> None:
    token = write_session(new_identity(), OTHER, issuer="key", now=NOW)

    with pytest.raises(IdentityError):
        read_session(token, SETTINGS, now=NOW)


@pytest.mark.parametrize("given_address", ["cora@example.org", "Cora@Example.org", "  cora@example.org "])
def test_an_address_is_proved_as_it_is_given_or_in_lower_case(given_address: str) -> None:
    for signed in (given_address, "cora@example.org"):
        proved = by_identifier_key(
            Identity(session="s"), SETTINGS, email=given_address, identifier_key=mark(signed), name="Cora"
        )
        assert proved == Identity(session="s", user="cora@example.org", email="cora@example.org", name="Cora")


@pytest.mark.parametrize("key", ["", "0" * 64, "é", "\ud800", mark("dave@example.org"), mark("cora@example.org", "x")])
def test_a_wrong_key_proves_nobody(key: str) -> None:
    with pytest.raises(IdentityError):
        by_identifier_key(new_identity(), SETTINGS, email="cora@example.org", identifier_key=key)


def test_a_jwt_names_its_user_by_sub_or_by_address() -> None:
    by_sub = by_jwt(Identity(session="s"), SETTINGS, site_jwt({"sub": "42", "exp": SOON}), now=NOW)
    by_email = by_jwt(Identity(session="s"), SETTINGS, site_jwt({"email": "C@X.org", "exp": SOON}), now=NOW)

    assert (by_sub.user, by_sub.email) == ("42", None)
    assert (by_email.user, by_email.email) == ("c@x.org", "c@x.org")


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "42"},
        {"sub": "42", "exp": "soon"},
        {"sub": "42", "exp": True},
        {"sub": "42", "exp": 1e300},
        {"sub": "42", "exp": int((NOW - timedelta(minutes=2)).timestamp())},
        {"sub": "42", "exp": int((NOW + timedelta(days=2)).timestamp())},
        {"sub": "42", "exp": SOON, "nbf": SOON},
        {"exp": SOON},
        {"sub": "", "exp": SOON},
        {"sub": {"a": 1}, "exp": SOON},
        {"email": "nobody", "exp": SOON},
        {"sub": "42", "exp": SOON, "aud": "chaskiq-session"},
    ],
)
def test_a_jwt_that_says_too_little_or_ends_too_late_proves_nobody(claims: dict[str, object]) -> None:
    with pytest.raises(IdentityError):
        by_jwt(new_identity(), SETTINGS, site_jwt(claims), now=NOW)


def test_no_algorithm_but_the_agreed_one_counts() -> None:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    unsigned = f"{part({'alg': 'none'})}.{part({'sub': '42', 'exp': SOON})}."
    longer = jwt.encode(
        {"alg": "HS512"}, {"sub": "42", "exp": SOON}, OctKey.import_key(SECRET * 3), algorithms=["HS512"]
    )

    for token in (unsigned, longer):
        with pytest.raises(IdentityError):
            by_jwt(new_identity(), SETTINGS, token, now=NOW)


@given(st.text(max_size=200))
def test_no_text_makes_it_raise_anything_else(text: str) -> None:
    for read in (
        lambda: read_session(text, SETTINGS, now=NOW),
        lambda: by_jwt(new_identity(), SETTINGS, text, now=NOW),
        lambda: by_identifier_key(new_identity(), SETTINGS, email=text, identifier_key=text),
        lambda: read_ticket(new_identity(), SETTINGS, text),
    ):
        with pytest.raises(IdentityError):
            read()
    issuer_of(text)


def test_a_file_is_attached_by_who_uploaded_it() -> None:
    mine, theirs = new_identity(), new_identity()
    ticket = upload_ticket(mine, SETTINGS, "file")

    assert read_ticket(mine, SETTINGS, ticket) == "file"
    for identity, settings in ((theirs, SETTINGS), (mine, OTHER)):
        with pytest.raises(IdentityError):
            read_ticket(identity, settings, ticket)


def test_origins_are_compared_whole() -> None:
    settings = WebSettings(allowed_origins="https://www.example.com, https://app.example.com/")

    assert settings.allows("https://app.example.com")
    assert settings.allows(None)
    assert not settings.allows("https://www.example.com.evil.org")
    with pytest.raises(ValueError, match="origin"):
        WebSettings(allowed_origins="javascript:alert(1)")


def test_a_secret_is_made_up_and_names_its_account() -> None:
    one, two = WebSettings().with_generated(), WebSettings().with_generated()

    assert one.identity_secret
    assert one.account() != two.account()
