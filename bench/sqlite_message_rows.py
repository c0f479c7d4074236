"""The baseline of a message's rows on SQLite: the same reads and writes by hand with `sqlite3`."""

import json
import secrets
import sqlite3
from collections.abc import Sequence

from bench.messages import AUDIENCE, DOCUMENT, EVENT, PROVIDER, STREAM, Message, change_payload
from bench.updates import TEXT
from bench.webhooks import ACCOUNT
from chaskiq_core.model.table import to_micros
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.clock import IdClock

MARK_DONE = """
    UPDATE chaskiq_inbound_items SET state = 'done', processed_at = ?
    WHERE app_id = ? AND state = 'pending' AND id IN ({marks})
    """
FIND_PEOPLE = """
    SELECT aliases.alias, profiles.app_user_id
    FROM chaskiq_profile_aliases AS aliases
    JOIN chaskiq_external_profiles AS profiles ON profiles.app_id = aliases.app_id AND profiles.id = aliases.profile_id
    WHERE aliases.app_id = ? AND aliases.provider = ? AND aliases.scope = ? AND aliases.alias IN ({marks})
    """
READ_PEOPLE = "SELECT id, key, version FROM chaskiq_app_users WHERE app_id = ? AND id IN ({marks})"
READ_CONVERSATIONS = """
    SELECT main_participant_id, id, key, last_seq, version FROM chaskiq_conversations
    WHERE app_id = ? AND main_participant_id IN ({marks})
    """
ADD_PART = """
    INSERT INTO chaskiq_conversation_parts
        (app_id, id, key, conversation_id, seq, kind, app_user_id, content, text, private_note, unsupported, details,
         created_at, provider_sent_at)
    VALUES (?, ?, ?, ?, ?, 'content', ?, ?, ?, 0, 0, '{}', ?, ?)
    """
ADD_SOURCE = """
    INSERT INTO chaskiq_part_sources
        (app_id, id, part_id, integration_id, provider, account, message_key, external_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (app_id, account, message_key) DO NOTHING
    """
CHANGE_CONVERSATION = """
    UPDATE chaskiq_conversations
    SET last_seq = ?, updated_at = ?, latest_user_visible_comment_at = ?, version = version + 1
    WHERE app_id = ? AND id = ? AND version = ?
    """
CHANGE_PERSON = """
    UPDATE chaskiq_app_users SET last_heard_from_at = ?, version = version + 1
    WHERE app_id = ? AND id = ? AND version = ?
    """
ADD_EVENT = """
    INSERT INTO chaskiq_events (app_id, id, name, subject_type, subject_key, properties, created_at)
    VALUES (?, ?, ?, 'conversation', ?, ?, ?)
    """
ADD_CHANGE = """
    INSERT INTO chaskiq_changes (app_id, stream, audience, payload, xid, created_at) VALUES (?, ?, ?, ?, 0, ?)
    """
WAKE_LANE = """
    INSERT INTO chaskiq_lanes (app_id, kind, key, priority, next_due, wakes, attempts)
    VALUES (?, 'job', ?, 100, ?, 1, 0)
    ON CONFLICT (app_id, kind, key) DO UPDATE SET wakes = wakes + 1, next_due = min(next_due, excluded.next_due)
    """
CLOCK = IdClock(1022)


def write_on_sqlite(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    """All rows of the messages of one App in one transaction."""
    app_id = messages[0].app_id
    now = utc_now()
    micros = to_micros(now)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        _with_marks(MARK_DONE, len(messages)), (micros, app_id, *(message.item_id for message in messages))
    )
    aliases = [message.alias for message in messages]
    found = connection.execute(_with_marks(FIND_PEOPLE, len(aliases)), (app_id, PROVIDER, ACCOUNT, *aliases)).fetchall()
    person_ids: dict[str, int] = dict(found)
    ids = list(person_ids.values())
    people = {row[0]: row for row in connection.execute(_with_marks(READ_PEOPLE, len(ids)), (app_id, *ids))}
    conversations = {
        row[0]: row for row in connection.execute(_with_marks(READ_CONVERSATIONS, len(ids)), (app_id, *ids))
    }
    parts, sources, changed, heard, events, changes = [], [], [], [], [], []
    for message in messages:
        person_id, person_key, person_version = people[person_ids[message.alias]]
        _, conversation_id, conversation_key, last_seq, version = conversations[person_id]
        seq, part_id, part_key = last_seq + 1, CLOCK.next_id(), secrets.token_urlsafe(18)
        content = json.dumps(DOCUMENT)
        parts.append((app_id, part_id, part_key, conversation_id, seq, person_id, content, TEXT, micros, micros))
        key = message.message_key
        sources.append((app_id, CLOCK.next_id(), part_id, message.integration_id, PROVIDER, ACCOUNT, key, key))
        changed.append((seq, micros, micros, app_id, conversation_id, version))
        heard.append((micros, app_id, person_id, person_version))
        events.append((app_id, CLOCK.next_id(), EVENT, conversation_key, json.dumps({"seq": seq}), micros))
        payload = json.dumps(change_payload(conversation_key, part_key, seq, person_key, now))
        changes.append((app_id, STREAM, AUDIENCE, payload, micros))
    connection.executemany(ADD_PART, parts)
    connection.executemany(ADD_SOURCE, sources)
    connection.executemany(CHANGE_CONVERSATION, changed)
    connection.executemany(CHANGE_PERSON, heard)
    connection.executemany(ADD_EVENT, events)
    connection.executemany(ADD_CHANGE, changes)
    connection.executemany(WAKE_LANE, [(app_id, message.lane_key, micros) for message in messages])
    connection.execute("COMMIT")


def _with_marks(statement: str, count: int) -> str:
    return statement.format(marks=", ".join("?" * count))
