"""The baseline of a message's rows on PostgreSQL: the same reads and writes by hand with asyncpg."""

import json
import secrets
from collections.abc import Sequence

import asyncpg

from bench.messages import AUDIENCE, DOCUMENT, EVENT, PROVIDER, STREAM, Message, change_payload
from bench.updates import TEXT
from bench.webhooks import ACCOUNT
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.clock import IdClock

MARK_DONE = """
    UPDATE chaskiq_inbound_items SET state = 'done', processed_at = $1
    WHERE app_id = $2 AND state = 'pending' AND id = ANY ($3::bigint[])
    """
FIND_PEOPLE = """
    SELECT aliases.alias, profiles.app_user_id
    FROM chaskiq_profile_aliases AS aliases
    JOIN chaskiq_external_profiles AS profiles ON profiles.app_id = aliases.app_id AND profiles.id = aliases.profile_id
    WHERE aliases.app_id = $1 AND aliases.provider = $2 AND aliases.scope = $3 AND aliases.alias = ANY ($4::text[])
    """
LOCK_PEOPLE = """
    SELECT id, key, version FROM chaskiq_app_users
    WHERE app_id = $1 AND id = ANY ($2::bigint[]) ORDER BY id FOR UPDATE
    """
LOCK_CONVERSATIONS = """
    SELECT main_participant_id, id, key, last_seq, version FROM chaskiq_conversations
    WHERE app_id = $1 AND main_participant_id = ANY ($2::bigint[]) ORDER BY id FOR UPDATE
    """
ADD_PART = """
    INSERT INTO chaskiq_conversation_parts
        (app_id, id, key, conversation_id, seq, kind, app_user_id, content, text, private_note, unsupported, details,
         created_at, provider_sent_at)
    VALUES ($1, $2, $3, $4, $5, 'content', $6, $7::jsonb, $8, false, false, '{}', $9, $9)
    """
ADD_SOURCE = """
    INSERT INTO chaskiq_part_sources
        (app_id, id, part_id, integration_id, provider, account, message_key, external_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
    ON CONFLICT (app_id, account, message_key) DO NOTHING
    """
CHANGE_CONVERSATION = """
    UPDATE chaskiq_conversations
    SET last_seq = $1, updated_at = $2, latest_user_visible_comment_at = $2, version = version + 1
    WHERE app_id = $3 AND id = $4 AND version = $5
    """
CHANGE_PERSON = """
    UPDATE chaskiq_app_users SET last_heard_from_at = $1, version = version + 1
    WHERE app_id = $2 AND id = $3 AND version = $4
    """
ADD_EVENT = """
    INSERT INTO chaskiq_events (app_id, id, name, subject_type, subject_key, properties, created_at)
    VALUES ($1, $2, $3, 'conversation', $4, $5::jsonb, $6)
    """
ADD_CHANGE = """
    INSERT INTO chaskiq_changes (app_id, stream, audience, payload, xid, created_at)
    VALUES ($1, $2, $3, $4::jsonb, pg_current_xact_id()::text::bigint, $5)
    """
WAKE_LANE = """
    INSERT INTO chaskiq_lanes (app_id, kind, key, priority, next_due, wakes, attempts)
    VALUES ($1, 'job', $2, 100, $3, 1, 0)
    ON CONFLICT (app_id, kind, key) DO UPDATE SET
        wakes = chaskiq_lanes.wakes + 1, next_due = least(chaskiq_lanes.next_due, excluded.next_due)
    """
CLOCK = IdClock(1022)


async def write_on_postgres(connection: asyncpg.Connection, messages: Sequence[Message]) -> None:
    """All rows of the messages of one App in one transaction."""
    app_id = messages[0].app_id
    now = utc_now()
    parts, sources, changed, heard, events, changes = [], [], [], [], [], []
    async with connection.transaction():
        await connection.execute(MARK_DONE, now, app_id, [message.item_id for message in messages])
        aliases = [message.alias for message in messages]
        profiles = await connection.fetch(FIND_PEOPLE, app_id, PROVIDER, ACCOUNT, aliases)
        person_ids: dict[str, int] = {row["alias"]: row["app_user_id"] for row in profiles}
        ids = list(person_ids.values())
        people = {row["id"]: row for row in await connection.fetch(LOCK_PEOPLE, app_id, ids)}
        found = await connection.fetch(LOCK_CONVERSATIONS, app_id, ids)
        conversations = {row["main_participant_id"]: row for row in found}
        for message in messages:
            person_id, person_key, person_version = people[person_ids[message.alias]]
            _, conversation_id, conversation_key, last_seq, version = conversations[person_id]
            seq, part_id, part_key = last_seq + 1, CLOCK.next_id(), secrets.token_urlsafe(18)
            parts.append((app_id, part_id, part_key, conversation_id, seq, person_id, json.dumps(DOCUMENT), TEXT, now))
            key = message.message_key
            sources.append((app_id, CLOCK.next_id(), part_id, message.integration_id, PROVIDER, ACCOUNT, key))
            changed.append((seq, now, app_id, conversation_id, version))
            heard.append((now, app_id, person_id, person_version))
            events.append((app_id, CLOCK.next_id(), EVENT, conversation_key, json.dumps({"seq": seq}), now))
            payload = json.dumps(change_payload(conversation_key, part_key, seq, person_key, now))
            changes.append((app_id, STREAM, AUDIENCE, payload, now))
        await connection.executemany(ADD_PART, parts)
        await connection.executemany(ADD_SOURCE, sources)
        await connection.executemany(CHANGE_CONVERSATION, changed)
        await connection.executemany(CHANGE_PERSON, heard)
        await connection.executemany(ADD_EVENT, events)
        await connection.executemany(ADD_CHANGE, changes)
        await connection.executemany(WAKE_LANE, [(app_id, message.lane_key, now) for message in messages])
