"""Business phone numbers: each with its account, its webhook and its secret; a token opens one or several."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType

from chaskiq_core.testing.sandbox import JsonObject
from chaskiq_whatsapp.sandbox.errors import GraphError, gone
from chaskiq_whatsapp.sandbox.memory.records import Records

APP_SECRET = "whatsapp-sandbox-secret"
"""What the sandbox signs webhooks with unless told otherwise."""
FIRST_DISPLAY_NUMBER = 15550000001
NUMBER, TOKEN = "number", "token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number."""

    id: str
    display: str  # digits
    waba_id: str
    name: str = "Sandbox Bakery"
    app_secret: str = APP_SECRET
    hook_url: str = ""
    verify_token: str = ""
    is_subscribed: bool = True  # whether the app hears of the number's account
    quality: str = "GREEN"
    last_error: str = ""

    def shown(self) -> JsonObject:
        return {**asdict(self), "app_secret": "…", "verify_token": "…"}


class Numbers:
    """Reads and writes numbers and tokens."""

    def __init__(self, records: Records, *, accept_any_token: bool) -> None:
        self._records = records
        self._accept_any_token = accept_any_token

    @property
    def all(self) -> list[Number]:
        return [_number(data) for data in self._records.all(NUMBER, "")]

    def add(self, number_id: str, given: Mapping[str, str] = MappingProxyType({})) -> Number:
        """A number, new or as it was; `given` are texts among its fields."""
        known = self.find(number_id)
        if known is None:
            display = str(self._records.next("display", FIRST_DISPLAY_NUMBER))
            known = Number(id=number_id, display=display, waba_id=f"9{number_id}")
        data: JsonObject = {**asdict(known), **given}
        self.keep(_number(data))
        return _number(data)

    def find(self, number_id: str) -> Number | None:
        data = self._records.get(NUMBER, "", number_id)
        return _number(data) if data else None

    def keep(self, number: Number) -> None:
        self._records.put(NUMBER, "", number.id, dict(asdict(number)))

    def check_token(self, token: str) -> None:
        """Refused with 190 without one, and once it was revoked."""
        state = self._records.get(TOKEN, "", token)
        if not token or (state is None and not self._accept_any_token):
            raise GraphError(190, "Invalid OAuth access token")
        if state is not None and state.get("revoked"):
            raise GraphError(190, "Error validating access token: Session has expired")
        if state is None:
            self._records.put(TOKEN, "", token, {"revoked": False})

    def revoke(self, token: str | None, *, revoked: bool = True) -> None:
        """Answer this token with 190 from now on, or all tokens for None; or take them again."""
        known = self._records.names(TOKEN, "") if token is None else [token]
        for one in known:
            self._records.put(TOKEN, "", one, {"revoked": revoked})

    def of_token(self, number_id: str) -> Number:
        """The number in a path; with any token accepted, one that is new is made at first sight."""
        found = self.find(number_id)
        if found is None and self._accept_any_token and number_id.isdecimal():
            return self.add(number_id)
        if found is None:
            raise gone(number_id)
        return found

    def of_account(self, waba_id: str) -> list[Number]:
        return [number for number in self.all if number.waba_id == waba_id]


def _number(data: JsonObject) -> Number:
    texts = {name: str(value) for name, value in data.items() if name != "is_subscribed"}
    return Number(**texts, is_subscribed=bool(data["is_subscribed"]))
