// All conversations that the page knows, by key; an older version never replaces a newer one.
import { createSignal } from "./signal.js";

/** The conversations, and who wrote last in each. */
export function createConversations() {
  const known = new Map();
  const changed = createSignal();

  function put(conversation) {
    const before = known.get(conversation.key);
    if (before && conversation.version < before.version) return;
    known.set(conversation.key, {
      ...conversation,
      updated_at: later(before?.updated_at, conversation.updated_at),
      last_part: newer(
        before?.last_part?.deleted && conversation.last_part ? null : before?.last_part,
        conversation.last_part,
      ),
    });
    changed.tell();
  }

  /** A part came or changed: the conversation moved, and its last words may be others. */
  function heardOf(key, part) {
    const before = known.get(key);
    if (!before) return;
    known.set(key, {
      ...before,
      updated_at: later(before.updated_at, part.created_at),
      last_part: part.kind === "event" ? before.last_part : newer(before.last_part, previewOf(part)),
    });
    changed.tell();
  }

  return { get: (key) => known.get(key), all: () => [...known.values()], put, heardOf, listen: changed.listen };
}

function previewOf(part) {
  return {
    seq: part.seq,
    from_contact: part.author.type === "app_user",
    text: part.text.slice(0, 200),
    attachment: part.attachments[0]?.type ?? null,
    private_note: part.private_note,
    deleted: Boolean(part.deleted_at),
  };
}

function newer(one, other) {
  if (!one || !other) return one ?? other ?? null;
  return other.seq >= one.seq ? other : one;
}

function later(one, other) {
  return one && one > other ? one : other;
}
