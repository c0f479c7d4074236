// A message, or an album, as a bubble with all that belongs to it.

import { el, icon } from "./dom.js";
import { isOnlyEmoji, renderText, safeUrl } from "./entities.js";
import { isBare, isVisual, renderMedia } from "./media.js";
import { lineOf, nameOf, timeOf } from "./words.js";

/**
 * `row`: {messages, isMine, isFirst, isLast, showsAuthor, answered}; `acts`: {menu, jump, react, press, command}.
 */
export function renderBubble(row, acts) {
  const message = row.messages[0];
  const worded = row.messages.find((each) => each.text) || message;
  const reactions = row.messages.flatMap((each) => each.reactions.map((reaction) => ({ ...reaction, message: each })));
  const isAlbum = row.messages.length > 1;
  const bare = isAlbum ? row.messages.every(isBare) : isBare(message);
  const big = message.kind === "text" && !message.entities.length && isOnlyEmoji(message.text || "");

  const bubble = el("div", {
    class: `bubble${row.messages.some(isVisual) ? " has-media" : ""}${bare ? " bare" : ""}`,
    tabIndex: 0,
    role: "article",
    "aria-label": labelOf(row, worded),
  });
  if (row.showsAuthor) bubble.append(el("div", { class: "author" }, nameOf(message.from)));
  if (message.forwarded_from)
    bubble.append(el("div", { class: "forwarded" }, `Forwarded from ${message.forwarded_from}`));
  if (message.reply_to) bubble.append(preview(message, row.answered, acts));
  bubble.append(...(isAlbum ? [grid(row.messages)] : renderMedia(message)));
  const meta = renderMeta(worded.edited || message.edited, row.messages.at(-1).date);
  if (worded.text) bubble.append(words(worded, reactions, acts));
  if (reactions.length) bubble.append(renderReactions(reactions, row, acts));
  bubble.append(meta, moreButton(acts, worded));

  const open = (event) => {
    if (event.target.closest("a, button, audio, video, .spoiler:not(.shown)") || String(getSelection())) return;
    event.preventDefault();
    acts.menu(worded, event.clientX, event.clientY, bubble);
  };
  bubble.addEventListener("click", open);
  bubble.addEventListener("contextmenu", open);
  bubble.addEventListener("keydown", (event) => {
    if (event.target !== bubble || !["Enter", "ContextMenu"].includes(event.key)) return;
    event.preventDefault();
    const at = bubble.getBoundingClientRect();
    acts.menu(worded, at.left + 20, at.bottom - 10, bubble);
  });

  const classes = [
    "message",
    row.isMine && "mine",
    row.isFirst && "first",
    row.isLast && "last",
    message.kind === "sticker" && "sticker",
    big && "emoji-only",
  ];
  return el(
    "div",
    {
      class: classes.filter(Boolean).join(" "),
      "data-testid": "message",
      "data-message-id": String(message.message_id),
      "data-direction": message.direction,
      "data-kind": message.kind,
      "data-album": message.album || undefined,
    },
    bubble,
    renderInline(row.messages.at(-1).keyboard.length ? row.messages.at(-1) : message, acts),
  );
}

function labelOf(row, message) {
  return `${row.isMine ? "You" : nameOf(message.from)}: ${lineOf(message)}, ${timeOf(message.date)}${message.edited ? ", edited" : ""}`;
}

function words(message, reactions, acts) {
  const node = el(
    "div",
    { class: `words${reactions.length ? " before-reactions" : ""}`, "data-testid": "message-text", dir: "auto" },
    renderText(message.text, message.entities, acts.command),
  );
  node.style.setProperty("--meta", message.edited ? "88px" : "46px");
  return node;
}

function renderMeta(edited, date) {
  return el(
    "div",
    { class: "meta" },
    edited ? el("span", { "data-testid": "edited" }, "edited") : null,
    el("time", { dateTime: new Date(date * 1000).toISOString() }, timeOf(date)),
  );
}

function moreButton(acts, message) {
  return el(
    "button",
    {
      type: "button",
      class: "more",
      "aria-label": "Message menu",
      "aria-haspopup": "menu",
      on: {
        click: (event) => {
          event.stopPropagation();
          acts.menu(message, event.clientX, event.clientY, event.currentTarget);
        },
      },
    },
    icon("more"),
  );
}

function preview(message, answered, acts) {
  const title = answered ? nameOf(answered.from) : "Message";
  const text = message.quote || (answered ? (answered.deleted ? "Deleted message" : lineOf(answered)) : "not here");
  return el(
    "button",
    {
      type: "button",
      class: "reply",
      "data-testid": "reply-preview",
      on: { click: () => acts.jump(message.reply_to) },
    },
    el("b", {}, title),
    el("span", {}, text),
  );
}

function grid(messages) {
  const visual = messages.every(isVisual);
  const cells = messages.map((message, place) => {
    const isWide = !visual || (messages.length % 2 === 1 && place === 0);
    return el("div", { class: visual ? (isWide ? "wide" : "") : "line" }, renderMedia(message));
  });
  return el("div", { class: "grid", "data-testid": "album" }, cells);
}

function renderReactions(reactions, row, acts) {
  return el(
    "div",
    { class: "reactions" },
    reactions.map((reaction) => {
      const isMine = reaction.by.includes(row.myId);
      return el(
        "button",
        {
          type: "button",
          "data-testid": "reaction",
          "aria-pressed": String(isMine),
          "aria-label": `${reaction.emoji} ${reaction.by.length}`,
          on: { click: () => acts.react(reaction.message, reaction.emoji) },
        },
        reaction.emoji,
        reaction.by.length > 1 ? el("span", {}, String(reaction.by.length)) : null,
      );
    }),
  );
}

function renderInline(message, acts) {
  if (!message.keyboard.length) return null;
  const rows = message.keyboard.map((buttons) =>
    el(
      "div",
      {},
      buttons.map((button) => inlineButton(message, button, acts)),
    ),
  );
  return el("div", { class: "inline", "data-testid": "inline-keyboard", role: "group", "aria-label": "Buttons" }, rows);
}

function inlineButton(message, button, acts) {
  const href = button.url ? safeUrl(button.url) : null;
  if (href) return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, button.text);
  return el(
    "button",
    { type: "button", on: { click: (event) => acts.press(message, button, event.currentTarget) } },
    button.text,
  );
}
