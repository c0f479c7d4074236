// The sheet that says who one is, which bot and which chat is open, and leads to the others.

import { el } from "./dom.js";
import { openSheet } from "./menus.js";
import { hueOf, initialOf, lineOf, nameOf, timeOf } from "./words.js";

/** `session`: {bots, token, me, chatId, thread}; `acts`: {open(chatId, thread), rename(name), switchBot(token), become(id)}. */
export function openChats(session, chats, acts) {
  const own = { chat_id: session.me.id, chat: session.bot, last_message: null, topics: [] };
  const all = chats.some((chat) => chat.chat_id === session.me.id) ? chats : [own, ...chats];
  const lines = all
    .filter((chat) => !chat.migrated_to)
    .flatMap((chat) => [
      chatLine(session, chat, acts),
      ...chat.topics.map((topic) => topicLine(session, chat, topic, acts)),
    ]);
  const bot = el(
    "select",
    { "aria-label": "Bot", on: { change: (event) => acts.switchBot(event.target.value) } },
    session.bots.map((each) =>
      el(
        "option",
        { value: each.token, selected: each.token === session.token },
        `${each.bot.first_name} (@${each.bot.username})`,
      ),
    ),
  );
  const name = el("input", { value: session.me.name, maxLength: 64, "data-testid": "my-name" });
  const number = el("input", { type: "number", min: 1, value: String(session.me.id), "data-testid": "my-id" });
  const form = el(
    "form",
    {
      on: {
        submit: (event) => {
          event.preventDefault();
          close();
          if (Number(number.value) !== session.me.id) acts.become(Number(number.value));
          else if (name.value.trim() !== session.me.name) acts.rename(name.value.trim());
        },
      },
    },
    el("label", {}, "Your name", name),
    el("label", {}, "Your id", number),
    el("label", {}, "Bot", bot),
    el(
      "div",
      { class: "actions" },
      el("button", { type: "button", on: { click: () => close() } }, "Close"),
      el("button", { type: "submit", class: "main" }, "Save"),
    ),
  );
  const close = openSheet("Chats", ...lines, el("h3", {}, "You"), form);
}

function chatLine(session, chat, acts) {
  const isPrivate = chat.chat_id === session.me.id;
  const title = isPrivate ? session.bot.first_name : nameOf(chat.chat);
  const last = chat.last_message;
  const isOpen = chat.chat_id === session.chatId && session.thread === null;
  return el(
    "button",
    {
      type: "button",
      class: "chat-line",
      "data-testid": "chat",
      "data-chat-id": String(chat.chat_id),
      "aria-current": String(isOpen),
      on: { click: () => acts.open(chat.chat_id, null) },
    },
    el(
      "div",
      { class: `avatar ${hueOf(isPrivate ? session.bot.id : chat.chat_id)}`, "aria-hidden": "true" },
      initialOf(title),
    ),
    el("span", {}, el("b", {}, title), el("small", {}, last ? lineOf(last) : "No messages yet")),
    last ? el("time", {}, timeOf(last.date)) : null,
  );
}

function topicLine(session, chat, topic, acts) {
  const isOpen = chat.chat_id === session.chatId && session.thread === topic.thread_id;
  return el(
    "button",
    {
      type: "button",
      class: "chat-line",
      "data-testid": "topic",
      "data-thread-id": String(topic.thread_id),
      "aria-current": String(isOpen),
      on: { click: () => acts.open(chat.chat_id, topic.thread_id) },
    },
    el("div", { class: `avatar ${hueOf(topic.thread_id)}`, "aria-hidden": "true" }, "#"),
    el("span", {}, el("b", {}, topic.name), el("small", {}, `${nameOf(chat.chat)}${topic.closed ? ", closed" : ""}`)),
  );
}
