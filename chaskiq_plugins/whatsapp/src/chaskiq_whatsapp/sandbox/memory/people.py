"""The customers of a number: by phone, by user id, or both; when they last wrote, and whether they can be reached."""

from dataclasses import asdict, dataclass, replace

from chaskiq_core.testing.sandbox import CustomerApiError, JsonObject
from chaskiq_whatsapp.sandbox.memory.records import Records

PERSON = "person"
FIRST_USER_ID = 13_000_000_000_001


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One customer of one number."""

    wa_id: str  # digits; known to the sandbox even if it is hidden from the business
    user_id: str
    name: str
    username: str = ""
    typed: str = ""  # another spelling of the number that is the same phone: the Brazilian ninth digit
    hides_phone: bool = False
    is_blocked: bool = False  # nothing reaches them
    wrote_at: float = 0.0  # unix time; 0: never

    @property
    def key(self) -> str:
        """What names them in the customer's API."""
        return self.wa_id

    def contact(self) -> JsonObject:
        """As webhooks tell of them."""
        profile: JsonObject = {"name": self.name} if self.name else {}
        if self.username:
            profile["username"] = self.username
        told: JsonObject = {"profile": profile, "user_id": self.user_id}
        return told if self.hides_phone else {**told, "wa_id": self.wa_id}

    def as_sender(self) -> JsonObject:
        told: JsonObject = {"from_user_id": self.user_id}
        return told if self.hides_phone else {"from": self.wa_id, **told}

    def shown(self) -> JsonObject:
        return dict(asdict(self))


class People:
    """Reads and writes customers."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def all(self, number_id: str) -> list[Person]:
        return [_person(data) for data in self._records.all(PERSON, number_id)]

    def find(self, number_id: str, who: str) -> Person | None:
        """By any of their names."""
        digits = who.lstrip("+")
        return next(
            (one for one in self.all(number_id) if digits in (one.wa_id, one.typed) or who == one.user_id), None
        )

    def get(self, number_id: str, who: str) -> Person:
        found = self.find(number_id, who)
        if found is None:
            raise CustomerApiError(404, f"nobody is called {who} here")
        return found

    def add(self, number_id: str, wa_id: str, name: str = "") -> Person:
        """The customer with that phone, new or known."""
        known = self.find(number_id, wa_id)
        if known is not None:
            return known
        user_id = f"DE.{self._records.next('user', FIRST_USER_ID)}"
        person = Person(wa_id=wa_id.lstrip("+"), user_id=user_id, name=name)
        self.keep(number_id, person)
        return person

    def keep(self, number_id: str, person: Person) -> None:
        self._records.put(PERSON, number_id, person.key, person.shown())

    def move(self, number_id: str, person: Person, wa_id: str) -> Person:
        """The same customer with another number, and with another user id."""
        self._records.remove(PERSON, number_id, person.key)
        user_id = f"DE.{self._records.next('user', FIRST_USER_ID)}"
        moved = replace(person, wa_id=wa_id, user_id=user_id, typed="")
        self.keep(number_id, moved)
        return moved


def _person(data: JsonObject) -> Person:
    wrote_at = data["wrote_at"]
    return Person(
        wa_id=str(data["wa_id"]),
        user_id=str(data["user_id"]),
        name=str(data["name"]),
        username=str(data["username"]),
        typed=str(data["typed"]),
        hides_phone=bool(data["hides_phone"]),
        is_blocked=bool(data["is_blocked"]),
        wrote_at=float(wrote_at) if isinstance(wrote_at, int | float) else 0.0,
    )
