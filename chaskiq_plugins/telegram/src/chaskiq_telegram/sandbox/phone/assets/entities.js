// Text with its entities as nodes. Offsets count UTF-16 code units, and so do JavaScript's strings.

import { el } from "./dom.js";

const TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};
const EMOJI =
  /^(?:\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})*(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})*)*|\p{Regional_Indicator}{2}){1,3}$/u;

/** The nodes of a text; `onCommand` is called with a bot command that somebody clicks. */
export function renderText(text, entities, onCommand) {
  const spans = entities
    .map((entity) => ({ ...entity, start: entity.offset, end: Math.min(entity.offset + entity.length, text.length) }))
    .filter((span) => span.start < span.end)
    .sort((one, other) => one.start - other.start || other.end - one.end);
  return renderRange(text, 0, text.length, spans, onCommand);
}

export const isOnlyEmoji = (text) => EMOJI.test(text);

/** The address as a link may have it, or null: http and https only. */
export function safeUrl(address) {
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `http://${address}`);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

function renderRange(text, start, end, spans, onCommand) {
  const nodes = [];
  let at = start;
  while (spans.length) {
    const [first, ...rest] = spans;
    const stop = Math.min(first.end, end);
    if (first.start > at) nodes.push(text.slice(at, first.start));
    const begin = Math.max(first.start, at);
    const inner = rest.filter((span) => span.start < stop);
    const children = renderRange(
      text,
      begin,
      stop,
      inner.map((span) => ({ ...span, start: Math.max(span.start, begin) })),
      onCommand,
    );
    if (begin < stop) nodes.push(wrap(first, text.slice(begin, stop), children, onCommand));
    at = Math.max(at, stop);
    // what reaches beyond its neighbour goes on behind it
    spans = rest.filter((span) => span.end > at).map((span) => ({ ...span, start: Math.max(span.start, at) }));
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function wrap(entity, text, children, onCommand) {
  switch (entity.type) {
    case "pre":
      return el("pre", {}, el("code", { title: entity.language || "" }, children));
    case "spoiler":
      return spoiler(children);
    case "text_link":
    case "url":
      return link(entity.url || text, children);
    case "bot_command":
      return el(
        "a",
        {
          href: "#",
          class: "mention",
          on: {
            click: (event) => {
              event.preventDefault();
              onCommand(text);
            },
          },
        },
        children,
      );
    case "mention":
    case "text_mention":
    case "hashtag":
    case "cashtag":
    case "email":
    case "phone_number":
      return el("span", { class: "mention" }, children);
    default:
      return TAGS[entity.type] ? el(TAGS[entity.type], {}, children) : el("span", {}, children);
  }
}

function link(address, children) {
  const href = safeUrl(address);
  return href
    ? el("a", { href, target: "_blank", rel: "noopener noreferrer", title: href }, children)
    : el("span", {}, children);
}

function spoiler(children) {
  const show = (event) => {
    event.stopPropagation();
    node.classList.add("shown");
  };
  const node = el(
    "span",
    {
      class: "spoiler",
      role: "button",
      tabIndex: 0,
      title: "Hidden text",
      on: { click: show, keydown: (event) => event.key === "Enter" && show(event) },
    },
    children,
  );
  return node;
}
