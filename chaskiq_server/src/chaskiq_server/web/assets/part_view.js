// One message, an album, or an event, as elements.
import { attachment } from "./attachments.js";
import { blockView } from "./block_view.js";
import { confirmed } from "./dialogs.js";
import { tick, ticks, troubles } from "./deliveries.js";
import { el } from "./dom.js";
import { eventWords } from "./event_words.js";
import { menu } from "./menu.js";
import { richText } from "./rich_text.js";
import { dayName, timeOfDay, wholeTime } from "./times.js";
import { attempt } from "./toasts.js";

/** The line between two days. */
export function dayRow(time) {
  return el("div", { class: "day", role: "separator" }, el("span", {}, dayName(time)));
}

/** A thin line that says what happened. */
export function eventRow(part) {
  return el("div", { class: "event" }, el("span", {}, eventWords(part)), " · ", when(part.created_at));
}

/**
 * The parts of one message: most often one, several for an album. `answered` is the part that it replies to; `thread`
 * and `composer` are what its buttons act on.
 */
export function messageRow(parts, { follows, answered, mine, thread, composer }) {
  const [first] = parts;
  const side = first.private_note ? "note" : first.author.type === "app_user" ? "contact" : first.author.type;
  return el(
    "article",
    { class: `message ${side}${follows ? " follows" : ""}`, "aria-label": labelOf(first), "data-part": first.key },
    !follows &&
      el(
        "div",
        { class: "byline" },
        el("strong", {}, first.author.name),
        first.author.type === "bot" && el("span", { class: "chip" }, "bot"),
        first.private_note && el("span", { class: "chip note-chip" }, "Private note"),
      ),
    el(
      "div",
      { class: "bubble-line" },
      bubble(parts, answered),
      first.deleted_at ? null : menu("Message actions", actions(first, { mine, thread, composer })),
    ),
    reactions(parts),
    foot(parts),
    parts.map((part) => troubles(part, thread)),
  );
}

/** A message on its way to the server, or one that did not get there. */
export function outgoingRow(one, thread) {
  return el(
    "article",
    {
      class: `message outgoing ${one.privateNote ? "note" : "agent"}`,
      "aria-label": one.privateNote ? "Private note being saved" : "Reply being sent",
    },
    el(
      "div",
      { class: "bubble-line" },
      el(
        "div",
        { class: "bubble" },
        one.attachments.map((file) =>
          el("div", { class: "card quiet" }, el("span", { class: "card-text" }, el("strong", {}, file.filename))),
        ),
        one.text && el("div", { class: "text plain" }, one.text),
      ),
    ),
    one.state === "sending"
      ? el("div", { class: "foot" }, tick("sending"))
      : el(
          "div",
          { class: "trouble" },
          el("span", {}, `Not sent: ${one.error}`),
          el("button", { type: "button", class: "small", onclick: () => thread.deliver(one) }, "Retry"),
          el("button", { type: "button", class: "small", onclick: () => thread.drop(one) }, "Discard"),
        ),
  );
}

function labelOf(part) {
  return `${part.private_note ? "Private note by" : "Message by"} ${part.author.name}`;
}

function bubble(parts, answered) {
  const [first] = parts;
  if (first.deleted_at) return el("div", { class: "bubble gone" }, "This message was deleted");
  const files = parts.flatMap((part) => part.attachments);
  return el(
    "div",
    { class: "bubble" },
    first.forwarded &&
      el("div", { class: "forwarded" }, "Forwarded", first.forwarded.name ? ` from ${first.forwarded.name}` : ""),
    ((first.quote && !isFolded(first)) || first.reply_to) && quote(first, answered),
    first.unsupported && el("p", { class: "quiet" }, "A kind of message that can't be shown here."),
    files.length > 0 && el("div", { class: files.length > 1 ? "files album" : "files" }, files.map(attachment)),
    parts.map((part) => words(part)),
    isFolded(first) && folded(first.quote),
  );
}

/** Whether what it quotes is more than a line, as the history below a mail. */
function isFolded(part) {
  return Boolean(part.quote?.includes("\n"));
}

function folded(text) {
  return el("details", { class: "folded" }, el("summary", {}, "Earlier text"), el("div", { class: "text plain" }, text));
}

function words(part) {
  if (part.block) return blockView(part.block);
  if (!part.text && (part.attachments.length || !part.content)) return null;
  return part.content
    ? el("div", { class: "text" }, richText(part.content))
    : el("div", { class: "text plain" }, part.text);
}

function quote(part, answered) {
  const text = (!isFolded(part) && part.quote) || answered?.text || (answered?.attachments.length ? "Attachment" : "An earlier message");
  return el("blockquote", { class: "quote" }, answered && el("strong", {}, answered.author.name), el("span", {}, text));
}

function reactions(parts) {
  const all = parts.flatMap((part) => part.reactions);
  return (
    all.length > 0 &&
    el(
      "div",
      { class: "reactions", "aria-label": "Reactions" },
      all.map((one) => el("span", { class: "reaction", title: one.author?.name ?? "" }, String(one.emoji))),
    )
  );
}

function foot(parts) {
  const last = parts.at(-1);
  return el(
    "div",
    { class: "foot" },
    last.edited_at && !last.deleted_at && el("span", { title: formerly(last) }, "edited"),
    when(last.created_at),
    ticks(last.deliveries),
  );
}

function formerly(part) {
  return (part.former ?? []).map((one) => `${timeOfDay(one.until)}  ${one.text}`).join("\n");
}

function when(time) {
  return el("time", { datetime: time, title: wholeTime(time) }, timeOfDay(time));
}

function actions(part, { mine, thread, composer }) {
  const replies = { label: "Reply to", act: () => composer.replyTo(part) };
  if (!mine || part.kind !== "content") return [replies];
  const edits = { label: "Edit", act: () => composer.edit(part) };
  return [replies, part.text && edits, { label: "Delete", act: () => remove(part, thread) }].filter(Boolean);
}

async function remove(part, thread) {
  if (await confirmed("Delete this message? It is taken back where the channel allows it.", "Delete")) {
    await attempt(() => thread.remove(part));
  }
}
