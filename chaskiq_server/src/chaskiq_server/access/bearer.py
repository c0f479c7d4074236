"""Bearer tokens: whom they stand for, looked up at most once a second each."""

import time
from collections.abc import Callable

from fastapi import HTTPException

from chaskiq_core.secrets import hash_token
from chaskiq_core.staff.tokens import SignedIn, sign_in
from chaskiq_core.store.store import Store

FOUND_SECONDS = 1.0
"""How long a found token may be taken from memory; one that isn't there is asked for each time."""
MAX_KEPT = 10_000


class Bearers:
    """Finds whom tokens stand for."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._found: dict[str, tuple[SignedIn, float]] = {}

    async def find(self, token: str) -> SignedIn | None:
        """Whom the token stands for; None: nobody, or no longer. Raises UnavailableError."""
        name = hash_token(token)
        found = self._found.get(name)
        if found and found[1] > self._clock():
            return found[0]
        signed_in = await self._store.house_read(sign_in, name)
        if signed_in is None:
            self._found.pop(name, None)
            return None
        if len(self._found) >= MAX_KEPT:
            self._found.clear()
        self._found[name] = (signed_in, self._clock() + FOUND_SECONDS)
        return signed_in

    async def of_header(self, authorization: str) -> SignedIn:
        """Whom an `Authorization` header stands for; 401 otherwise."""
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("send the header `Authorization: Bearer TOKEN`", "Bearer")
        signed_in = await self.find(token)
        if signed_in is None:
            raise _unauthorized("the token is not valid, or no longer", 'Bearer error="invalid_token"')
        return signed_in


def _unauthorized(detail: str, challenge: str) -> HTTPException:
    return HTTPException(401, detail, headers={"www-authenticate": challenge})
