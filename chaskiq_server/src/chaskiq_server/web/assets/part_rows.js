// A conversation's parts as rows: days between them, albums together, and messages of one author close to each other.
import { sameDay } from "./times.js";

const TOGETHER_MS = 5 * 60_000;

/** Rows `{ kind: "day", time }`, `{ kind: "event", part }` and `{ kind: "message", parts, follows }`. */
export function partRows(parts) {
  const rows = [];
  let last = null;
  for (const part of parts) {
    if (!last || !sameDay(last.created_at, part.created_at))
      rows.push({ kind: "day", key: `day ${part.key}`, time: part.created_at });
    const row = rows.at(-1);
    if (part.kind === "event") rows.push({ kind: "event", key: part.key, part });
    else if (row.kind === "message" && isOneAlbum(last, part)) row.parts.push(part);
    else
      rows.push({
        kind: "message",
        key: part.key,
        parts: [part],
        follows: row.kind === "message" && isTogether(last, part),
      });
    last = part;
  }
  return rows;
}

function isOneAlbum(one, other) {
  return one.group_id !== null && one.group_id === other.group_id && one.author.id === other.author.id;
}

function isTogether(one, other) {
  const gap = Date.parse(other.created_at) - Date.parse(one.created_at);
  return (
    one.author.id === other.author.id &&
    one.author.type === other.author.type &&
    one.private_note === other.private_note &&
    gap < TOGETHER_MS
  );
}
