"""What must hold after the faults: the database and the provider's record against what was written and acknowledged."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chaos.bot_api import UNKNOWABLE, Attempt, Record
from chaos.ledger import Ledger, Row
from chaos.plan import Follow, Message, Plan
from chaskiq_core.host.call import Limits
from chaskiq_core.outbound.drain import SPARE_SECONDS

MAX_DETAILS = 12
SEND_SECONDS = Limits().send_seconds + SPARE_SECONDS
"""From `sending` until its deadline: the limit of a send, and what is spare."""
ANSWER_SECONDS = 16.0
"""How long after `sending` the provider's answer may still be waited for, and settled."""
MAX_RSS = 600_000_000


@dataclass(slots=True)
class Verdict:
    """The figures of a run; `details` says what is behind each that should be 0."""

    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    sent_twice: int = 0
    unknown: int = 0
    stuck: int = 0
    wrong: int = 0
    """Anything else that must not be: a note outside, a counter that is off, an unsound database, a crash."""
    details: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether all is as it must be; unknown ones may be."""
        return not (self.lost or self.duplicated or self.reordered or self.sent_twice or self.stuck or self.wrong)

    def tell(self, what: str, cases: Iterable[object]) -> int:
        """Keep some cases as details; how many there are."""
        found = list(cases)
        if found:
            shown = "; ".join(str(case) for case in found[:MAX_DETAILS])
            self.details.append(f"{what}: {len(found)}: {shown}")
        return len(found)


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery as the database tells of it."""

    chat: int
    text: str
    state: str
    begun_at: float | None
    """When its last attempt was committed as `sending`, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Part:
    """A content part of a chat."""

    text: str
    is_customer: bool
    is_note: bool


async def judge(plan: Plan, ledger: Ledger, record: Record, struck_at: Sequence[float], *, acked: int) -> Verdict:
    """The verdict on a run whose work is over."""
    verdict = Verdict()
    parts = await _parts(ledger)
    sent = await _deliveries(ledger)
    _judge_inbound(verdict, plan, parts)
    _judge_answers(verdict, plan, parts)
    _judge_sends(verdict, parts, sent, record.attempts)
    _judge_states(verdict, sent, record.attempts, struck_at)
    open_work = await ledger.open_work()
    verdict.stuck += sum(open_work.values())
    verdict.tell("still to be done", (f"{count} {name}" for name, count in open_work.items()))
    await _judge_rows(verdict, ledger)
    if record.canaries:
        verdict.wrong += verdict.tell("private notes at the provider", [record.canaries])
    if acked != len(plan.inbound):
        verdict.wrong += verdict.tell("messages never acknowledged", [len(plan.inbound) - acked])
    return verdict


def _judge_inbound(verdict: Verdict, plan: Plan, parts: dict[int, list[Part]]) -> None:
    """I1, I2, I3: each message is a part, once, in its chat's order."""
    written: dict[int, list[Message]] = defaultdict(list)
    for message in plan.inbound:
        written[message.chat].append(message)
    missing, doubles, swaps = [], [], []
    for chat, messages in written.items():
        shown = [int(part.text.split()[1]) for part in parts.get(chat, ()) if part.is_customer]
        counts = Counter(shown)
        missing += [f"{chat}: {message.text}" for message in messages if not counts[message.n]]
        doubles += [f"{chat}: in {n}" for n, count in counts.items() if count > 1]
        swaps += [f"{chat}: in {late} after {early}" for early, late in _steps_back(shown)]
    verdict.lost += verdict.tell("acknowledged and not shown", missing)
    verdict.duplicated += verdict.tell("shown twice", doubles)
    verdict.reordered += verdict.tell("shown out of order", swaps)


def _judge_answers(verdict: Verdict, plan: Plan, parts: dict[int, list[Part]]) -> None:
    """What an agent or the echo plugin says is a part once; an agent's in the order of saying."""
    wanted: dict[int, list[Message]] = defaultdict(list)
    for message in plan.inbound:
        if message.answer:
            wanted[message.chat].append(message)
    missing, doubles, swaps = [], [], []
    for chat, messages in wanted.items():
        said = [part.text for part in parts.get(chat, ()) if not part.is_customer]
        counts = Counter(said)
        missing += [f"{chat}: {message.answer}" for message in messages if not counts[message.answer]]
        doubles += [f"{chat}: {text}" for text, count in counts.items() if count > 1]
        by_agent = [int(text.split()[1]) for text in said if text.split()[0] != Follow.ECHO]
        swaps += [f"{chat}: answer {late} after {early}" for early, late in _steps_back(by_agent)]
    verdict.lost += verdict.tell("answered and not kept", missing)
    verdict.duplicated += verdict.tell("answers kept twice", doubles)
    verdict.reordered += verdict.tell("answers out of order", swaps)


def _judge_sends(
    verdict: Verdict, parts: dict[int, list[Part]], sent: Sequence[Sent], attempts: Sequence[Attempt]
) -> None:
    """I4, I7: the provider took nothing twice, and each chat's in the order of its parts."""
    accepted: dict[int, list[str]] = defaultdict(list)
    for attempt in attempts:
        if attempt.accepted:
            accepted[attempt.chat].append(attempt.text)
    twice, swaps = [], []
    for chat, texts in accepted.items():
        twice += [f"{chat}: {text}" for text, count in Counter(texts).items() if count > 1]
        place = {part.text: n for n, part in enumerate(parts.get(chat, ())) if not part.is_customer}
        order = [place.get(text, -1) for text in texts]
        swaps += [f"{chat}: {late} after {early}" for early, late in _steps_back(order)]
    verdict.sent_twice += verdict.tell("sent twice", twice)
    verdict.reordered += verdict.tell("sent out of order", swaps)
    planned = Counter((one.chat, one.text) for one in sent)
    without = [
        f"{chat}: {part.text}"
        for chat, said in parts.items()
        for part in said
        if not part.is_customer and not part.is_note and planned[chat, part.text] != 1
    ]
    verdict.wrong += verdict.tell("answers without exactly one delivery", without)


def _judge_states(
    verdict: Verdict, sent: Sequence[Sent], attempts: Sequence[Attempt], struck_at: Sequence[float]
) -> None:
    """I5, I6, I14: sent is what the provider said it took; unknown is what nobody could know."""
    tried: dict[tuple[int, str], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        tried[attempt.chat, attempt.text].append(attempt)
    strikes = sorted(struck_at)
    phantoms, denied, knowable, failed = [], [], [], []
    for one in sent:
        its = tried[one.chat, one.text]
        name = f"{one.chat}: {one.text}"
        match one.state:
            case "sent":
                if not any(attempt.accepted and not attempt.fault for attempt in its):
                    phantoms.append(name)
            case "unknown":
                verdict.unknown += 1
                if not (its and its[-1].fault in UNKNOWABLE) and not _was_struck(one, strikes):
                    knowable.append(f"{name} ({[attempt.fault or 'taken' for attempt in its]})")
            case "queued" | "sending":
                pass  # counted as stuck
            case _:
                if any(attempt.accepted for attempt in its):
                    denied.append(f"{name} is {one.state}")
                else:
                    failed.append(f"{name} is {one.state}")
    verdict.wrong += verdict.tell("called sent, and the provider never said so", phantoms)
    verdict.wrong += verdict.tell("taken by the provider, and neither sent nor unknown", denied)
    verdict.wrong += verdict.tell("unknown, and it could be known", knowable)
    verdict.lost += verdict.tell("given up", failed)


async def _judge_rows(verdict: Verdict, ledger: Ledger) -> None:
    """I2, I8, I9, I11: one conversation a chat, nothing parked, counters that are true, a sound database."""
    several = await ledger.rows(
        "SELECT channel_id, count(*) FROM chaskiq_conversation_channels GROUP BY channel_id HAVING count(*) > 1"
    )
    verdict.duplicated += verdict.tell("chats with several conversations", several)
    parked = await ledger.rows("SELECT id, lane_key, error FROM chaskiq_inbound_items WHERE state = 'failed'")
    verdict.tell("parked (counted as lost)", parked)
    jobs = await ledger.rows("SELECT kind, key, error FROM chaskiq_jobs WHERE state = 'failed'")
    verdict.stuck += verdict.tell("jobs that were given up", jobs)
    counted = """
        SELECT conversation_id, count(*) AS unread FROM chaskiq_conversation_parts AS part
        JOIN chaskiq_agents AS agent ON agent.id = part.agent_id
        WHERE NOT part.private_note AND part.kind = 'content' AND part.read_at IS NULL AND NOT agent.bot
        GROUP BY conversation_id
        """
    off = await ledger.rows(
        f"SELECT c.id, c.unread_count, coalesce(t.unread, 0) FROM chaskiq_conversations AS c "
        f"LEFT JOIN ({counted}) AS t ON t.conversation_id = c.id WHERE c.unread_count <> coalesce(t.unread, 0)"
    )
    off += await ledger.rows(
        "SELECT u.id, u.unread_count, sum(c.unread_count) FROM chaskiq_app_users AS u JOIN chaskiq_conversations AS c "
        "ON c.main_participant_id = u.id GROUP BY u.id, u.unread_count HAVING u.unread_count <> sum(c.unread_count)"
    )
    off += await ledger.rows(
        "SELECT c.id, c.last_seq, count(*) FROM chaskiq_conversations AS c JOIN chaskiq_conversation_parts AS p "
        "ON p.conversation_id = c.id GROUP BY c.id, c.last_seq HAVING c.last_seq <> count(*) OR max(p.seq) <> count(*)"
    )
    verdict.wrong += verdict.tell("counters that are off", off)
    verdict.wrong += verdict.tell("the database is unsound", await ledger.faults())


def judge_processes(verdict: Verdict, crashes: Iterable[str], largest_rss: int) -> None:
    """I12, and that nothing ended by itself."""
    verdict.wrong += verdict.tell("crashes", crashes)
    if largest_rss > MAX_RSS:
        verdict.wrong += verdict.tell("memory", [f"{largest_rss / 1e6:.0f} MB"])


async def _parts(ledger: Ledger) -> dict[int, list[Part]]:
    """The content parts of each chat, in the order of its conversation."""
    rows = await ledger.rows(
        "SELECT c.channel_id, p.text, p.app_user_id, p.private_note FROM chaskiq_conversation_parts AS p "
        "JOIN chaskiq_conversation_channels AS c ON c.conversation_id = p.conversation_id "
        "WHERE p.kind = 'content' ORDER BY p.conversation_id, p.seq"
    )
    parts: dict[int, list[Part]] = defaultdict(list)
    for chat, text, app_user_id, private_note in rows:
        parts[int(str(chat))].append(Part(str(text), app_user_id is not None, bool(private_note)))
    return parts


async def _deliveries(ledger: Ledger) -> list[Sent]:
    rows = await ledger.rows(
        f"SELECT c.channel_id, p.text, d.state, {ledger.seconds('piece.deadline')} FROM chaskiq_deliveries AS d "
        "JOIN chaskiq_conversation_channels AS c ON c.id = d.channel_id "
        "JOIN chaskiq_conversation_parts AS p ON p.id = d.part_id "
        "LEFT JOIN chaskiq_delivery_pieces AS piece ON piece.delivery_id = d.id ORDER BY d.id"
    )
    return [_sent(row) for row in rows]


def _sent(row: Row) -> Sent:
    chat, text, state, deadline = row
    begun_at = deadline - SEND_SECONDS if isinstance(deadline, float) else None
    return Sent(int(str(chat)), str(text), str(state), begun_at)


def _was_struck(one: Sent, strikes: Sequence[float]) -> bool:
    """Whether something that may cut a send off was done while it was under way.

    Where time was let pass, the deadline of an abandoned send was moved to its beginning.
    """
    begun = () if one.begun_at is None else (one.begun_at, one.begun_at + SEND_SECONDS)
    return any(at - 0.1 <= strike <= at + ANSWER_SECONDS for at in begun for strike in strikes)


def _steps_back(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Each number that comes after a greater one, behind that one."""
    back, highest = [], -1
    for number in numbers:
        if number < highest:
            back.append((highest, number))
        highest = max(highest, number)
    return back
