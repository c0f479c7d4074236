// Times, sizes and the one line that stands for a message elsewhere.

const KINDS = {
  photo: "Photo",
  video: "Video",
  animation: "GIF",
  audio: "Audio",
  voice: "Voice message",
  video_note: "Video message",
  document: "File",
  sticker: "Sticker",
  location: "Location",
  venue: "Place",
  contact: "Contact",
  poll: "Poll",
  dice: "Dice",
};

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });

export const timeOf = (seconds) => time.format(new Date(seconds * 1000));
export const dayKey = (seconds) => new Date(seconds * 1000).toDateString();

export function dayOf(seconds) {
  const date = new Date(seconds * 1000);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return "Today";
  if (date.toDateString() === yesterday.toDateString()) return "Yesterday";
  return (date.getFullYear() === today.getFullYear() ? day : dayAndYear).format(date);
}

export function sizeOf(bytes) {
  if (!bytes) return "";
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 100) / 10} KB` : `${Math.round(bytes / 1e5) / 10} MB`;
}

export const extensionOf = (name) => (name && name.includes(".") ? name.split(".").pop().slice(0, 4) : "file");

export function lineOf(message) {
  if (!message) return "";
  if (message.kind === "text") return message.text;
  const kind = KINDS[message.kind];
  if (!kind) return serviceLine(message) || "Message";
  const name = message.kind === "document" && message.file.name ? message.file.name : kind;
  return message.text ? `${name}, ${message.text}` : name;
}

const nameOf = (person) =>
  (person && (person.title || [person.first_name, person.last_name].filter(Boolean).join(" "))) || "Somebody";
export { nameOf };

/** What a service message tells; "" for one that tells nothing here. */
export function serviceLine(message) {
  const who = nameOf(message.from);
  switch (message.kind) {
    case "new_chat_members": {
      const names = message.details.map(nameOf).join(", ");
      return names === who ? `${who} joined` : `${who} added ${names}`;
    }
    case "left_chat_member":
      return message.details.id === message.from.id ? `${who} left` : `${who} removed ${nameOf(message.details)}`;
    case "forum_topic_created":
      return `Topic “${message.details.name}” was created`;
    case "forum_topic_closed":
      return `${who} closed the topic`;
    case "forum_topic_reopened":
      return `${who} reopened the topic`;
    case "migrate_to_chat_id":
      return "The group became a supergroup and lives on there";
    case "migrate_from_chat_id":
      return "The group became a supergroup";
    case "new_chat_title":
      return `${who} named the group ${message.details}`;
    case "pinned_message":
      return `${who} pinned a message`;
    default:
      return message.kind === "other" ? "A message that can't be shown here" : "";
  }
}

/** A stable color for whoever has this id. */
export const hueOf = (id) => `hue-${Math.abs(Number(id)) % 7}`;
export const initialOf = (name) => [...(name || "?").trim()][0]?.toUpperCase() || "?";
