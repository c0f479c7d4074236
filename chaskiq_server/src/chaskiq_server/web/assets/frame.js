// The desk's frame: who is signed in, whether the cable stands, and beside each other the list and a conversation.
import { el, fill } from "./dom.js";
import { inboxView } from "./inbox_view.js";
import { openedKey } from "./routes.js";
import { threadView } from "./thread_view.js";

const CONNECTIONS = { connecting: "Connecting…", live: "Live", ended: "Signed out" };

/** The frame of a desk: its element, and `close`. */
export function frame(desk, { onSignOut }) {
  const status = el("span", { class: "connection", role: "status" });
  const side = el("section", { class: "side", "aria-label": "Conversations" });
  const main = el("main", { class: "main" });
  const root = el("div", { class: "desk" }, header(), el("div", { class: "panes" }, side, main));
  const inbox = inboxView(desk);
  let thread = null;
  side.append(inbox.root);

  function header() {
    return el(
      "header",
      { class: "top" },
      el("img", { src: "/assets/icon.svg", alt: "", width: 24, height: 24 }),
      el("strong", { class: "app-name" }, desk.me.app_name),
      status,
      el("span", { class: "me" }, desk.me.agent.name),
      el("button", { type: "button", class: "small", onclick: onSignOut }, "Sign out"),
    );
  }

  function route() {
    const key = openedKey();
    root.dataset.screen = key ? "conversation" : "list";
    desk.open(key);
    if (thread?.key === key) return;
    thread?.close();
    thread = key ? threadView(desk, desk.state.thread) : null;
    fill(main, thread ? thread.root : nothingOpen());
    inbox.show();
  }

  function show() {
    const { connection } = desk.state;
    status.dataset.state = root.dataset.connection = connection;
    status.textContent = CONNECTIONS[connection];
    const unread = desk.inbox.shown().filter(desk.seen.isUnread).length;
    document.title = `${unread ? `(${unread}) ` : ""}${desk.me.app_name}`;
  }

  const unlisten = [desk.listen(show), desk.conversations.listen(show), desk.inbox.listen(show)];
  addEventListener("hashchange", route);
  route();
  show();
  return {
    root,
    close() {
      removeEventListener("hashchange", route);
      unlisten.forEach((stop) => stop());
      inbox.close();
      thread?.close();
    },
  };
}

function nothingOpen() {
  return el(
    "div",
    { class: "empty" },
    el("p", { class: "big" }, "No conversation is open"),
    el("p", {}, "Choose one from the list. New messages appear there by themselves."),
  );
}
