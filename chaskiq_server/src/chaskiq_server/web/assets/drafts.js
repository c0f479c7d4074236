// What was begun and not sent, by conversation, for as long as the tab stands.

const drafts = new Map();

/** The begun text of a conversation. */
export function draftOf(key) {
  return drafts.get(key) ?? "";
}

/** Keep a begun text; an empty one is none. */
export function keepDraft(key, text) {
  if (text) drafts.set(key, text);
  else drafts.delete(key);
}
