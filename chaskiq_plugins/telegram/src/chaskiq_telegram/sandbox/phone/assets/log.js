// The list of messages: days, albums, service lines; only what changed is drawn anew, so players play on.

import { el } from "./dom.js";
import { renderBubble } from "./bubbles.js";
import { dayKey, dayOf, serviceLine } from "./words.js";

const NEAR_END_PIXELS = 120;
const TOGETHER_SECONDS = 300;

export class Log {
  constructor(node, toEnd, acts) {
    this.node = node;
    this.toEnd = toEnd;
    this.acts = acts;
    this.drawn = new Map();
    this.wasNearEnd = true;
    node.addEventListener("scroll", () => {
      toEnd.hidden = this.wasNearEnd = this.isNearEnd;
    });
    // the line below grows and shrinks; whoever reads the end goes on reading the end
    new ResizeObserver(() => this.wasNearEnd && this.scrollToEnd()).observe(node);
    toEnd.addEventListener("click", () => this.scrollToEnd());
    node.addEventListener("load", () => this.wasNearEnd && this.scrollToEnd(), true);
  }

  get isNearEnd() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_END_PIXELS;
  }

  scrollToEnd() {
    this.node.scrollTop = this.node.scrollHeight;
  }

  clear() {
    this.drawn.clear();
    this.node.replaceChildren();
  }

  /** Show these messages to the person `me`; `empty` is what stands there when there are none. */
  show(messages, me, { isGroup, empty }) {
    this.wasNearEnd = this.drawn.size === 0 || this.isNearEnd;
    const rows = rowsOf(messages, me, isGroup);
    if (!messages.length) rows.push({ key: "empty", signature: "empty", build: () => empty });
    const kept = new Map();
    let place = this.node.firstChild;
    for (const row of rows) {
      const before = this.drawn.get(row.key);
      const node = before && before.signature === row.signature ? before.node : row.build(this.acts);
      if (before && before.node !== node) {
        if (before.node === place) place = place.nextSibling;
        before.node.remove();
      }
      if (node === place) place = place.nextSibling;
      else this.node.insertBefore(node, place);
      kept.set(row.key, { signature: row.signature, node });
    }
    for (const [key, { node }] of this.drawn) if (!kept.has(key)) node.remove();
    this.drawn = kept;
    if (this.wasNearEnd) this.scrollToEnd();
    this.toEnd.hidden = this.isNearEnd;
  }

  /** Scroll to a message and light it up. */
  jump(messageId) {
    const found = this.drawn.get(`message ${messageId}`)?.node;
    if (!found) return;
    found.scrollIntoView({ block: "center" });
    found.classList.add("flash");
    found.addEventListener("animationend", () => found.classList.remove("flash"), { once: true });
  }
}

function rowsOf(messages, me, isGroup) {
  const known = new Map(messages.map((message) => [message.message_id, message]));
  const bundles = bundle(messages.filter((message) => !message.deleted));
  const rows = [];
  let day = null;
  bundles.forEach((bundled, place) => {
    const message = bundled[0];
    const thisDay = dayKey(message.date);
    if (thisDay !== day) {
      rows.push({
        key: `day ${thisDay}`,
        signature: dayOf(message.date),
        build: () => el("div", { class: "day" }, dayOf(message.date)),
      });
      day = thisDay;
    }
    const service = serviceLine(message);
    if (service) {
      rows.push({
        key: `message ${message.message_id}`,
        signature: service,
        build: () =>
          el(
            "div",
            { class: "service", "data-testid": "service", "data-message-id": String(message.message_id) },
            service,
          ),
      });
      return;
    }
    const isFirst = !belongTogether(bundles[place - 1]?.at(-1), message);
    const isLast = !belongTogether(message, bundles[place + 1]?.[0]);
    const isMine = message.from?.id === me.id;
    const answered = message.reply_to ? known.get(message.reply_to) : null;
    const row = {
      messages: bundled,
      isMine,
      isFirst,
      isLast,
      answered,
      myId: me.id,
      showsAuthor: isGroup && !isMine && isFirst,
    };
    const signature = JSON.stringify([
      bundled.map((each) => [each.message_id, each.change]),
      isFirst,
      isLast,
      isMine,
      answered?.change,
    ]);
    rows.push({ key: `message ${message.message_id}`, signature, build: (acts) => renderBubble(row, acts) });
  });
  return rows;
}

function bundle(messages) {
  const bundles = [];
  for (const message of messages) {
    const last = bundles.at(-1);
    if (message.album && last && last[0].album === message.album) last.push(message);
    else bundles.push([message]);
  }
  return bundles;
}

function belongTogether(one, other) {
  return Boolean(
    one &&
    other &&
    !serviceLine(one) &&
    !serviceLine(other) &&
    one.from?.id === other.from?.id &&
    other.date - one.date < TOGETHER_SECONDS &&
    dayKey(one.date) === dayKey(other.date),
  );
}
