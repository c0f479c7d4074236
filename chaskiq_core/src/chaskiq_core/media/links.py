"""The addresses of media: signed, for a short time, bound to one App and one file."""

from datetime import UTC, datetime, timedelta

from chaskiq_core.errors import NotFoundError
from chaskiq_core.secrets import Signer

SHOWN_FOR = timedelta(minutes=10)
"""How long an address that an agent was shown can be fetched."""
SHARED_FOR = timedelta(days=7)
"""How long one that was sent to a customer instead of the file can be."""
STEP_SECONDS = 60
"""Addresses made within this time are the same one, so that a browser keeps what it has fetched."""
GONE = "there is no such file, or its address is too old: ask for the part again"


class MediaLinks:
    """Makes addresses and reads them."""

    def __init__(self, signer: Signer, public_url: str) -> None:
        self._signer = signer
        self._public_url = public_url

    def url(self, app_key: str, media_key: str, *, now: datetime, valid_for: timedelta = SHOWN_FOR) -> str:
        """Where the file can be fetched from `now` on, for `valid_for` at most."""
        ends = int((now + valid_for).timestamp()) // STEP_SECONDS * STEP_SECONDS
        signature = self._signer.sign(_signed(app_key, media_key, ends))
        return f"{self._public_url}/api/v1/apps/{app_key}/media/{media_key}.{ends}.{signature}"

    def key_of(self, app_key: str, signed: str, *, now: datetime) -> str:
        """The key of the file in an address's last part; NotFoundError if it is forged, another App's, or too old."""
        media_key, _, rest = signed.partition(".")
        ends, _, signature = rest.partition(".")
        if not (ends.isascii() and ends.isdigit() and len(ends) <= 12):
            raise NotFoundError(GONE)
        if not self._signer.is_signed(_signed(app_key, media_key, int(ends)), signature):
            raise NotFoundError(GONE)
        if datetime.fromtimestamp(int(ends), UTC) < now:
            raise NotFoundError(GONE)
        return media_key


def _signed(app_key: str, media_key: str, ends: int) -> str:
    return f"media\n{app_key}\n{media_key}\n{ends}"
