"""Who somebody in a browser is: an anonymous session, a user whom the site vouches for, and the token of both.

A site proves its user in one of two ways, both with the integration's `identity_secret`, which never reaches a browser:

- `identifier_key`: the hex HMAC-SHA256 of the e-mail address. It proves the address alone, and does not end;
- a JWT (HS256) with `email` or `sub`, and `exp` at most a day ahead; `name` and `phone` count, too.

What the browser keeps is a session: a JWT of ours, signed with a key of its own, so that neither passes for the other.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from chaskiq_core.plugin import JsonObject
from chaskiq_web.manifest import WebSettings

ALGORITHMS = ["HS256"]
AUDIENCE = "chaskiq-session"
ANONYMOUS_FOR = timedelta(days=365)
IDENTIFIED_FOR = timedelta(days=30)
MAX_JWT_AGE = timedelta(days=1)
CLOCK_SKEW = timedelta(minutes=1)
MAX_TOKEN = 4000
MAX_FIELD = 200
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,255}")


class IdentityError(Exception):
    """The proof does not hold; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom a session stands for."""

    session: str
    """The browser's own random name; kept when its user is known, so that what was written before is theirs."""
    user: str = ""
    """The site's name for its user: an e-mail address in lower case, or the JWT's `sub`; '' while nobody vouches."""
    email: str | None = None
    name: str = ""
    phone: str | None = None

    @property
    def name_here(self) -> str:
        """By what the contact is found: the user's name, or the session's where nobody vouches for them."""
        return f"user:{self.user}" if self.user else self.session_name

    @property
    def session_name(self) -> str:
        """The same of the session alone."""
        return f"session:{self.session}"


def new_identity() -> Identity:
    """Somebody whom nobody knows yet."""
    return Identity(session=secrets.token_urlsafe(18))


def by_identifier_key(
    known: Identity, settings: WebSettings, *, email: str, identifier_key: str, name: str = ""
) -> Identity:
    """The user of that address, if the site signed it; raises IdentityError."""
    address = _email(email)
    given = identifier_key.strip().lower().encode("utf-8", "replace")
    # Signed as it was given, or as it is compared: sites differ in what they hash.
    signed = [hmac.new(_secret(settings), text.encode(), "sha256").hexdigest().encode() for text in (email, address)]
    if not any(hmac.compare_digest(given, one) for one in signed):
        raise IdentityError("identifier_key is not the HMAC-SHA256 of this e-mail address with the identity secret")
    return replace(known, user=address, email=address, name=_text(name))


def by_jwt(known: Identity, settings: WebSettings, token: str, *, now: datetime) -> Identity:
    """The user whom the site's JWT names; raises IdentityError."""
    claims = _claims(token, OctKey.import_key(_secret(settings)))
    if claims.get("aud") == AUDIENCE:
        raise IdentityError("the token is a session, not a JWT of your site")
    ends, begins = _moment(claims, "exp"), _moment(claims, "nbf")
    if ends is None:
        raise IdentityError("the JWT has no exp: it must end within a day")
    if ends < (now - CLOCK_SKEW).timestamp():
        raise IdentityError("the JWT has expired")
    if ends > (now + MAX_JWT_AGE + CLOCK_SKEW).timestamp():
        raise IdentityError("the JWT's exp is more than a day ahead")
    if begins is not None and begins > (now + CLOCK_SKEW).timestamp():
        raise IdentityError("the JWT is not valid yet")
    email = _email(str(claims["email"])) if claims.get("email") else None
    subject = _text(claims.get("sub")) or email
    if not subject:
        raise IdentityError("the JWT names nobody: it needs email or sub")
    phone = _text(claims.get("phone")) or None
    return replace(known, user=subject, email=email, name=_text(claims.get("name")), phone=phone)


def write_session(identity: Identity, settings: WebSettings, *, issuer: str, now: datetime) -> str:
    """The token that the browser keeps; `issuer` is the integration's key."""
    ends = now + (IDENTIFIED_FOR if identity.user else ANONYMOUS_FOR)
    claims: dict[str, object] = {"aud": AUDIENCE, "iss": issuer, "sid": identity.session, "exp": int(ends.timestamp())}
    told = {"sub": identity.user, "email": identity.email, "name": identity.name, "phone": identity.phone}
    claims.update({name: value for name, value in told.items() if value})
    return jwt.encode({"alg": "HS256"}, claims, _session_key(settings))


def read_session(token: str, settings: WebSettings, *, now: datetime) -> Identity:
    """Whom a session stands for; raises IdentityError."""
    claims = _claims(token, _session_key(settings))
    ends, session = _moment(claims, "exp"), claims.get("sid")
    if claims.get("aud") != AUDIENCE or not isinstance(session, str) or not session or ends is None:
        raise IdentityError("the token is no session")
    if ends < now.timestamp():
        raise IdentityError("the session has ended")
    return Identity(
        session=session,
        user=_text(claims.get("sub")),
        email=_text(claims.get("email")) or None,
        name=_text(claims.get("name")),
        phone=_text(claims.get("phone")) or None,
    )


def issuer_of(token: str) -> str | None:
    """Which integration a session says it is of: nothing is proved by that."""
    try:
        payload = token[:MAX_TOKEN].split(".")[1]
        claims: object = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, IndexError, RecursionError):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) and issuer else None


def upload_ticket(identity: Identity, settings: WebSettings, media_id: str) -> str:
    """A file's id for who uploaded it: nobody else can attach it."""
    return f"{media_id}.{_upload_mark(identity, settings, media_id)}"


def read_ticket(identity: Identity, settings: WebSettings, ticket: str) -> str:
    """The file's id; raises IdentityError for a ticket of somebody else's."""
    media_id, _, mark = ticket.partition(".")
    if not hmac.compare_digest(mark.encode("utf-8", "replace"), _upload_mark(identity, settings, media_id).encode()):
        raise IdentityError("there is no such file of yours")
    return media_id


def _upload_mark(identity: Identity, settings: WebSettings, media_id: str) -> str:
    text = f"upload\n{identity.name_here}\n{media_id}"
    return hmac.new(_secret(settings), text.encode("utf-8", "replace"), "sha256").hexdigest()[:32]


def _claims(token: str, key: OctKey) -> JsonObject:
    if len(token) > MAX_TOKEN:
        raise IdentityError("the token is too long")
    try:
        claims: object = jwt.decode(token, key, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError, UnicodeError, RecursionError) as error:
        raise IdentityError("the token is not signed with the identity secret, or is no JWT (HS256)") from error
    if not isinstance(claims, Mapping):
        raise IdentityError("the token holds no claims")
    return claims


def _moment(claims: JsonObject, name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise IdentityError(f"{name} must be a time in seconds")
    return float(value)


def _secret(settings: WebSettings) -> bytes:
    return str(settings.identity_secret).encode()


def _session_key(settings: WebSettings) -> OctKey:
    return OctKey.import_key(hashlib.sha256(b"session\n" + _secret(settings)).digest())


def _email(given: str) -> str:
    address = given.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise IdentityError("email is not an address")
    return address


def _text(value: object) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode().strip()[:MAX_FIELD]
