// The list of conversations with its filters.
import { typeName } from "./attachments.js";
import { avatar } from "./avatar.js";
import { el, fill, hidden } from "./dom.js";
import { addressOf, openedKey } from "./routes.js";
import { showRows } from "./rows.js";
import { ago, wholeTime } from "./times.js";

const STATES = { opened: "Open", snoozed: "Snoozed", closed: "Closed", all: "All" };
const WHO = { everyone: "Everyone's", mine: "Mine", unassigned: "Unassigned" };
const SEARCH_AFTER_MS = 250;
const AGAIN_MS = 30_000;

/** The list's element, `show` for when the URL changed, and `close`. */
export function inboxView(desk) {
  const { inbox } = desk;
  const list = el("ul", { class: "conversations", "aria-label": "Conversations" });
  const foot = el("div", { class: "list-foot" });
  let searching = 0;
  let minute = 0;

  function search(event) {
    clearTimeout(searching);
    const q = event.target.value;
    searching = setTimeout(() => inbox.filter({ q }), SEARCH_AFTER_MS);
  }

  const states = tabs(STATES, inbox.state.filters.state, (state) => inbox.filter({ state }));
  const who = el(
    "select",
    { "aria-label": "Assigned to", onchange: (event) => inbox.filter({ who: event.target.value }) },
    Object.entries(WHO).map(([value, name]) => el("option", { value }, name)),
  );
  const root = el(
    "div",
    { class: "inbox" },
    el(
      "div",
      { class: "filters" },
      el(
        "div",
        { class: "filter-row" },
        el("input", { type: "search", placeholder: "Search", "aria-label": "Search", oninput: search }),
        who,
      ),
      states,
    ),
    list,
    foot,
  );

  function show() {
    const shown = inbox.shown();
    const opened = openedKey();
    showRows(
      list,
      shown.map((one) => {
        const unread = desk.seen.isUnread(one);
        return {
          key: one.key,
          deps: [one, unread, one.key === opened, minute],
          render: () => item(one, { unread, opened: one.key === opened }),
        };
      }),
    );
    fill(foot, footOf(inbox, shown.length));
  }

  const timer = setInterval(() => {
    minute += 1;
    show();
  }, AGAIN_MS);
  const unlisten = [inbox.listen(show), desk.conversations.listen(show), desk.listen(show)];
  show();
  return {
    root,
    show,
    close() {
      clearInterval(timer);
      unlisten.forEach((stop) => stop());
    },
  };
}

function footOf(inbox, count) {
  const { loading, error, next, filters } = inbox.state;
  if (loading && !count) return el("p", { class: "quiet" }, "Loading…");
  if (error)
    return el(
      "p",
      { class: "error" },
      `The list could not be loaded: ${error}`,
      " ",
      el("button", { type: "button", class: "small", onclick: inbox.reload }, "Try again"),
    );
  if (next)
    return el(
      "button",
      { type: "button", class: "wide", disabled: loading, onclick: inbox.more },
      loading ? "Loading…" : "Load more",
    );
  if (count) return null;
  if (filters.q) return el("p", { class: "quiet" }, `Nobody here is called “${filters.q}”.`);
  if (filters.state === "opened" && filters.who === "everyone")
    return el("p", { class: "quiet" }, "No open conversations. When somebody writes, it appears here.");
  return el("p", { class: "quiet" }, "Nothing here under these filters.");
}

function tabs(names, chosen, choose) {
  const buttons = Object.entries(names).map(([value, name]) => {
    const one = el("button", { type: "button", class: "tab", "aria-pressed": String(value === chosen) }, name);
    one.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === one));
      choose(value);
    });
    return one;
  });
  return el("div", { class: "tabs", role: "group", "aria-label": "State" }, buttons);
}

function item(one, { unread, opened }) {
  const person = one.main_participant;
  const providers = [...new Set(one.channels.map((channel) => channel.provider))];
  return el(
    "li",
    {},
    el(
      "a",
      {
        class: unread ? "item unread" : "item",
        href: addressOf(one.key),
        "aria-current": opened ? "true" : null,
        "data-focus": "item",
      },
      avatar(person),
      el(
        "span",
        { class: "item-text" },
        el(
          "span",
          { class: "item-line" },
          el("strong", { class: "item-name" }, person.name),
          one.priority && el("span", { class: "flag", title: "Priority" }, "★"),
          el("time", { datetime: one.updated_at, title: wholeTime(one.updated_at) }, ago(one.updated_at)),
        ),
        el(
          "span",
          { class: "item-line" },
          el("span", { class: "preview" }, preview(one)),
          unread && el("span", { class: "dot" }, hidden("Unread")),
        ),
        el(
          "span",
          { class: "item-line small" },
          providers.map((provider) => el("span", { class: "chip" }, provider)),
          one.state !== "opened" && el("span", { class: "chip" }, one.state),
          el("span", { class: "item-assignee" }, one.assignee ? one.assignee.name : "Unassigned"),
        ),
      ),
    ),
  );
}

function preview({ last_part: last, subject }) {
  if (!last) return subject ?? "";
  if (last.deleted) return "Message deleted";
  const text = last.text || (last.attachment ? typeName(last.attachment) : "Message");
  return last.private_note ? `Note: ${text}` : last.from_contact ? text : `↩ ${text}`;
}
