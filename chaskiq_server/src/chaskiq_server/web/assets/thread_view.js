// An open conversation: its head, its parts, the composer, and who the contact is.
import { avatar } from "./avatar.js";
import { composerView } from "./composer.js";
import { contactView } from "./contact_view.js";
import { el, fill } from "./dom.js";
import { partRows } from "./part_rows.js";
import { dayRow, eventRow, messageRow, outgoingRow } from "./part_view.js";
import { addressOf } from "./routes.js";
import { showRows } from "./rows.js";
import { watchFiles } from "./stale_files.js";
import { attempt } from "./toasts.js";

const ROWS_AT_ONCE = 60;
const NEAR_PX = 80;

/** The view of a thread: its element, its key, and `close`. */
export function threadView(desk, thread) {
  const { key } = thread.state;
  const head = el("header", { class: "thread-head" });
  const earlier = el("div", { class: "earlier" });
  const rows = el("div", { class: "rows", role: "log", "aria-label": "Messages" });
  const typing = el("div", { class: "typing", "aria-live": "polite" });
  const scroller = el(
    "div",
    { class: "scroller", tabindex: "0", role: "region", "aria-label": "Conversation", onscroll: scrolled },
    earlier,
    rows,
    typing,
  );
  const down = el("button", { type: "button", class: "down", hidden: true, onclick: toEnd }, "Newest messages ↓");
  const composer = composerView(desk, thread, key, { onSent: toEnd });
  const contact = contactView(desk, key);
  const root = el(
    "div",
    { class: "thread" },
    el("div", { class: "talk" }, head, el("div", { class: "scroll-area" }, scroller, down), composer.root),
    contact.root,
  );
  watchFiles(rows, thread.load);
  let count = ROWS_AT_ONCE;
  let atEnd = true;

  function scrolled() {
    atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
    down.hidden = atEnd;
    if (scroller.scrollTop < NEAR_PX) more();
  }

  function toEnd() {
    atEnd = true;
    scroller.scrollTop = scroller.scrollHeight;
  }

  /** Earlier rows, with what is on the screen staying where it is. */
  function more() {
    if (count >= partRows(thread.ordered()).length) return;
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    count += ROWS_AT_ONCE;
    show();
    scroller.scrollTop = scroller.scrollHeight - fromEnd;
  }

  function show() {
    const { outgoing, loading, loaded, error } = thread.state;
    const all = partRows(thread.ordered());
    showRows(rows, [...all.slice(-count).map(partRow), ...outgoing.map(outRow)]);
    fill(
      earlier,
      loading && !loaded && el("p", { class: "quiet" }, "Loading messages…"),
      error &&
        el(
          "p",
          { class: "error" },
          `The messages could not be loaded: ${error}`,
          " ",
          el("button", { type: "button", class: "small", onclick: thread.load }, "Try again"),
        ),
      all.length > count && el("button", { type: "button", class: "small", onclick: more }, "Show earlier messages"),
      loaded &&
        !all.length &&
        !outgoing.length &&
        el("p", { class: "quiet" }, "Nothing was written yet. Your reply begins the conversation."),
    );
    const names = [...thread.state.typing.values()].map((one) => one.name);
    typing.textContent = names.length
      ? `${new Intl.ListFormat(undefined).format(names)} ${names.length > 1 ? "are" : "is"} typing…`
      : "";
    if (atEnd) toEnd();
    look();
  }

  function partRow(row) {
    if (row.kind === "day") return { key: row.key, deps: [row.time], render: () => dayRow(row.time) };
    if (row.kind === "event") return { key: row.key, deps: [row.part], render: () => eventRow(row.part) };
    const [first] = row.parts;
    const answered = first.reply_to ? thread.state.parts.get(first.reply_to) : undefined;
    const mine = first.author.type === "agent" && first.author.id === desk.me.agent.id;
    return {
      key: row.key,
      deps: [row.follows, answered, ...row.parts],
      render: () => messageRow(row.parts, { follows: row.follows, answered, mine, thread, composer }),
    };
  }

  function outRow(one) {
    return { key: `out ${one.clientId}`, deps: [one], render: () => outgoingRow(one, thread) };
  }

  /** What is on the screen of somebody who looks is read. */
  function look() {
    const last = Math.max(0, ...[...thread.state.parts.values()].map((part) => part.seq));
    if (document.visibilityState === "visible" && atEnd && desk.seen.mark(key, last)) desk.inbox.tell();
  }

  function showHead() {
    const conversation = desk.conversations.get(key);
    if (conversation) fill(head, headOf(conversation, desk, { onDetails: contact.toggle }));
  }

  const watched = new ResizeObserver(() => atEnd && toEnd());
  watched.observe(rows);
  watched.observe(scroller);
  document.addEventListener("visibilitychange", look);
  const unlisten = [thread.listen(show), desk.conversations.listen(showHead), desk.listen(showHead)];
  showHead();
  show();
  return {
    root,
    key,
    close() {
      watched.disconnect();
      document.removeEventListener("visibilitychange", look);
      unlisten.forEach((stop) => stop());
      composer.close();
      contact.close();
    },
  };
}

function headOf(conversation, desk, { onDetails }) {
  const person = conversation.main_participant;
  const closed = conversation.state === "closed";
  const act = (verb, body) => () => attempt(() => desk.act(conversation.key, verb, body));
  const isMine = conversation.assignee?.id === desk.me.agent.id;
  return [
    el("a", { class: "back", href: addressOf(null), "aria-label": "Back to the list" }, "‹"),
    avatar(person),
    el("div", { class: "head-text" }, el("h2", {}, person.name), el("p", { class: "quiet" }, subtitle(conversation))),
    !isMine &&
      el(
        "button",
        {
          type: "button",
          class: "small wide-only",
          onclick: act("assign", {
            agent_id: desk.me.agent.id,
            expected_assignee_id: conversation.assignee?.id ?? null,
          }),
        },
        "Assign to me",
      ),
    closed || conversation.state === "snoozed"
      ? el("button", { type: "button", class: "small", onclick: act("reopen") }, "Reopen")
      : null,
    closed ? null : el("button", { type: "button", class: "small", onclick: act("close") }, "Close"),
    el(
      "button",
      { type: "button", class: "small details-button", "aria-label": "Contact details", onclick: onDetails },
      "Info",
    ),
  ];
}

function subtitle({ channels, state, assignee, subject }) {
  const providers = [...new Set(channels.map((channel) => channel.provider))].join(", ");
  return [subject, providers, state === "opened" ? null : state, assignee ? assignee.name : "unassigned"]
    .filter(Boolean)
    .join(" · ");
}
