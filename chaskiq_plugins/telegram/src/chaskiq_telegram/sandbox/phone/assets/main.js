// The page: finds the bot, opens chats, and puts the other files together.

import { edit, openMessageMenu, pressButton, toggleReaction } from "./acts.js";
import { Api } from "./api.js";
import { openChats } from "./chats.js";
import { Composer } from "./composer.js";
import { byId, el, icon } from "./dom.js";
import { showHeader, showNotice } from "./header.js";
import { Log } from "./log.js";
import { attempt, done, openForm, openMenu, toast } from "./menus.js";
import { go, isPrivate, rememberPlace, seen, session } from "./session.js";
import { watch } from "./watch.js";
import { nameOf } from "./words.js";

const RETRY_MS = 1500;
let stopWatching = () => {};
let actionTimer = 0;

const composer = new Composer({ send, edit });
const log = new Log(byId("log"), byId("to-end"), {
  menu: (message, x, y, opener) => openMessageMenu(message, x, y, opener, (...what) => composer.answer(...what)),
  jump: (messageId) => log.jump(messageId),
  react: toggleReaction,
  press: pressButton,
  command: (text) => send({ text }),
});

byId("open-chats").append(icon("chats"));
byId("open-menu").append(icon("menu"));
byId("to-end").append(icon("more"));
byId("open-chats").addEventListener("click", () => attempt(showChats));
byId("open-menu").addEventListener("click", (event) => openHeaderMenu(event.currentTarget));
start();

async function start() {
  try {
    await findBot();
  } catch (error) {
    session.bot = null;
    if (!(error instanceof TypeError)) toast(error.message); // fetch throws a TypeError when nobody answers
  }
  if (!session.bot) {
    byId("chat-title").textContent = "No bot yet";
    byId("notice").hidden = false;
    byId("notice").textContent = "A bot appears here with its first call, or open this page with ?bot=TOKEN.";
    setTimeout(start, RETRY_MS);
    return;
  }
  byId("notice").hidden = true;
  openChat(session.chatId || session.me.id, session.thread);
}

async function findBot() {
  session.bots = await Api.bots();
  if (session.token && !session.bots.some((each) => each.token === session.token)) {
    // a token makes its bot at first sight
    await new Api(session.token, session.me, null).chats();
    session.bots = await Api.bots();
  }
  const found = session.token ? session.bots.find((each) => each.token === session.token) : session.bots[0];
  if (!found) return;
  session.token = found.token;
  session.api = new Api(found.token, session.me, session.business);
  if (session.me.name) await session.api.rename(session.me.name);
  else session.me.name = await knownName();
  session.bot = found.bot;
}

async function knownName() {
  const { chats } = await session.api.chats();
  const own = chats.find((chat) => chat.chat_id === session.me.id);
  const members = chats.flatMap((chat) => chat.members.map((member) => member.person));
  const known = own?.chat || members.find((person) => person.id === session.me.id);
  return known ? nameOf(known) : `Customer ${session.me.id}`;
}

function openChat(chatId, thread) {
  stopWatching();
  byId("sheet").close();
  Object.assign(session, { chatId, thread, isConnected: false });
  rememberPlace();
  Object.assign(seen, { messages: new Map(), chat: null, action: null });
  log.clear();
  composer.stopAnswering();
  showHeader();
  stopWatching = watch(session.api, chatId, takeNews, (isConnected) => {
    session.isConnected = isConnected;
    showHeader();
  });
}

function takeNews(news) {
  if (news.complete) seen.messages.clear();
  news.messages.forEach((message) => seen.messages.set(message.message_id, message));
  Object.assign(seen, { chat: news.chat, action: news.action });
  clearTimeout(actionTimer);
  if (news.action) actionTimer = setTimeout(forgetAction, news.action.seconds_left * 1000);
  composer.showKeyboard(news.keyboard);
  showHeader();
  showMessages();
  showNotice(() => done(() => session.api.setBlocked(false)));
}

function forgetAction() {
  seen.action = null;
  showHeader();
}

function showMessages() {
  const messages = [...seen.messages.values()].sort((one, other) => one.message_id - other.message_id);
  const inThread = (message) => session.thread === null || message.thread_id === session.thread;
  log.show(messages.filter(inThread), session.me, { isGroup: !isPrivate(), empty: emptyNode() });
}

function emptyNode() {
  const start = { type: "button", class: "start", on: { click: () => send({ text: "/start" }) } };
  return el(
    "div",
    { class: "empty" },
    el("p", {}, "No messages here yet."),
    isPrivate() ? el("button", start, "Start") : null,
  );
}

function send(body, files = []) {
  const place = isPrivate() ? {} : { chat_id: session.chatId };
  if (session.thread !== null) place.thread_id = session.thread;
  log.scrollToEnd();
  return done(() => session.api.send({ ...place, ...body }, files));
}

function openHeaderMenu(button) {
  const at = button.getBoundingClientRect();
  const isBlocked = Boolean(seen.chat?.blocked);
  const block = { label: isBlocked ? "Unblock bot" : "Block bot", icon: "block", danger: !isBlocked };
  const items = [
    { label: "Chats", icon: "chats", act: () => attempt(showChats) },
    { label: "Change your name", icon: "person", act: askName },
    isPrivate() && seen.chat && { ...block, act: () => done(() => session.api.setBlocked(!isBlocked)) },
  ];
  openMenu(at.right - 200, at.bottom + 4, items.filter(Boolean), { opener: button });
}

function askName() {
  const fields = { name: { label: "Name", value: session.me.name } };
  openForm("Your name", fields, ({ name }) => rename(name), { confirm: "Save" });
}

async function rename(name) {
  if (!(await done(() => session.api.rename(name)))) return;
  session.me.name = name;
  showHeader();
}

async function showChats() {
  const [bots, { chats }] = await Promise.all([Api.bots(), session.api.chats()]);
  session.bots = bots;
  const switchBot = (token) => go({ bot: token });
  const become = (id) => go({ bot: session.token, as: id });
  openChats(session, chats, { open: openChat, rename, switchBot, become });
}
