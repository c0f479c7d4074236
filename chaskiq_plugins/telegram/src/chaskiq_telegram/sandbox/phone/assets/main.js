// The page: who plays whom, in which chat; puts the other files together.

import { Api } from "./api.js";
import { openChats } from "./chats.js";
import { Composer } from "./composer.js";
import { byId, el, icon } from "./dom.js";
import { Log } from "./log.js";
import { attempt, openAlert, openForm, openMenu, toast } from "./menus.js";
import { watch } from "./watch.js";
import { hueOf, initialOf, nameOf } from "./words.js";

const FACES = ["👍", "❤", "😁", "🔥", "🎉", "😢"];
const ANSWER_WAIT_SECONDS = 20;
const RETRY_MS = 1500;
const ACTIONS = { typing: "typing", upload_photo: "sending a photo", upload_video: "sending a video", upload_document: "sending a file", upload_voice: "sending a voice message", record_voice: "recording a voice message", record_video: "recording a video", choose_sticker: "choosing a sticker", find_location: "finding a place" };

const query = new URLSearchParams(location.search);
const session = { bots: [], token: query.get("bot"), bot: null, me: { id: Number(query.get("as")) || 1001, name: query.get("name") || "" }, chatId: null, thread: Number(query.get("thread")) || null };
const seen = { messages: new Map(), chat: null, action: null };
let api = null;
let stopWatching = () => {};
let isConnected = false;
let actionTimer = 0;

const acts = { menu: openMessageMenu, jump: (id) => log.jump(id), react: toggleReaction, press: pressButton, command: (text) => send({ text }) };
const log = new Log(byId("log"), byId("to-end"), acts);
const composer = new Composer({ send, edit: (message, text) => done(() => api.change(session.chatId, message.message_id, "edit", { text })) });

byId("open-chats").append(icon("chats"));
byId("open-menu").append(icon("menu"));
byId("to-end").append(icon("more"));
byId("open-chats").addEventListener("click", () => attempt(showChats));
byId("open-menu").addEventListener("click", (event) => openHeaderMenu(event.currentTarget));

start();

async function start() {
  try {
    session.bots = await Api.bots();
    if (session.token && !session.bots.some((each) => each.token === session.token)) {
      await new Api(session.token, session.me, null).chats(); // a token makes its bot at first sight
      session.bots = await Api.bots();
    }
  } catch (error) {
    if (error instanceof TypeError) showStatus();
    else toast(error.message);
  }
  const found = session.bots.find((each) => each.token === session.token) || (session.token ? null : session.bots[0]);
  if (!found) {
    byId("chat-title").textContent = "No bot yet";
    byId("notice").hidden = false;
    byId("notice").textContent = "A bot appears here with its first call, or open this page with ?bot=TOKEN.";
    setTimeout(start, RETRY_MS);
    return;
  }
  byId("notice").hidden = true;
  session.token = found.token;
  session.bot = found.bot;
  api = new Api(found.token, session.me, query.get("business"));
  await attempt(learnName);
  openChat(Number(query.get("chat")) || session.me.id, session.thread);
}

async function learnName() {
  if (session.me.name) {
    await api.rename(session.me.name);
    return;
  }
  const { chats } = await api.chats();
  const own = chats.find((chat) => chat.chat_id === session.me.id);
  session.me.name = own ? nameOf(own.chat) : `Customer ${session.me.id}`;
}

function openChat(chatId, thread) {
  stopWatching();
  byId("sheet").close();
  Object.assign(session, { chatId, thread });
  const address = new URL(location.href);
  const place = { bot: session.token, as: session.me.id, chat: chatId === session.me.id ? null : chatId, thread };
  for (const [name, value] of Object.entries(place)) value === null ? address.searchParams.delete(name) : address.searchParams.set(name, value);
  address.searchParams.delete("name");
  history.replaceState(null, "", address);
  seen.messages.clear();
  seen.chat = null;
  log.clear();
  composer.stopAnswering();
  isConnected = false;
  showStatus();
  stopWatching = watch(api, chatId, takeNews, (state) => { isConnected = state; showStatus(); });
}

function takeNews(news) {
  if (news.complete) seen.messages.clear();
  news.messages.forEach((message) => seen.messages.set(message.message_id, message));
  seen.chat = news.chat;
  seen.action = news.action;
  clearTimeout(actionTimer);
  if (news.action) actionTimer = setTimeout(() => { seen.action = null; showStatus(); }, news.action.seconds_left * 1000);
  composer.showKeyboard(news.keyboard);
  draw();
}

function draw() {
  const messages = [...seen.messages.values()].sort((one, other) => one.message_id - other.message_id);
  const shown = session.thread === null ? messages : messages.filter((message) => message.thread_id === session.thread);
  log.show(shown, session.me, { isGroup: session.chatId !== session.me.id, empty: emptyNode() });
  showStatus();
  showNotice();
}

function emptyNode() {
  return el("div", { class: "empty" }, el("p", {}, "No messages here yet."), session.chatId === session.me.id ? el("button", { type: "button", class: "start", on: { click: () => send({ text: "/start" }) } }, "Start") : null);
}

function showStatus() {
  const isPrivate = session.chatId === session.me.id;
  const chat = seen.chat;
  const topic = chat?.topics.find((each) => each.thread_id === session.thread);
  const title = isPrivate || !chat ? session.bot?.first_name || "…" : topic ? `${nameOf(chat.chat)} › ${topic.name}` : nameOf(chat.chat);
  byId("chat-title").textContent = title;
  document.title = `${title} · ${session.me.name || session.me.id}`;
  const avatar = byId("avatar");
  avatar.className = `avatar ${hueOf(isPrivate ? session.bot?.id || 0 : session.chatId || 0)}`;
  avatar.textContent = initialOf(title);
  const status = byId("chat-status");
  status.className = seen.action && isConnected ? "busy" : "";
  if (!isConnected) status.textContent = "connecting…";
  else if (seen.action) status.replaceChildren(`${ACTIONS[seen.action.action] || "busy"}…`);
  else status.textContent = isPrivate ? `bot · you are ${session.me.name}` : `${chat?.members.filter((member) => !["left", "kicked"].includes(member.status)).length || 0} people · you are ${session.me.name}`;
}

function showNotice() {
  const notice = byId("notice");
  const isBlocked = Boolean(seen.chat?.blocked);
  notice.hidden = !isBlocked;
  byId("composer").hidden = isBlocked;
  if (isBlocked) {
    byId("keyboard").hidden = true;
    notice.replaceChildren("You blocked this bot. ", el("button", { type: "button", class: "unblock", on: { click: () => done(() => api.setBlocked(false)) } }, "Unblock"));
  }
}

function send(body, files = []) {
  const place = { ...(session.chatId === session.me.id ? {} : { chat_id: session.chatId }), ...(session.thread === null ? {} : { thread_id: session.thread }) };
  log.scrollToEnd();
  return done(() => api.send({ ...place, ...body }, files));
}

/** Whether it worked; what didn't is told. */
async function done(act) {
  return (await attempt(async () => { await act(); return true; })) === true;
}

function openMessageMenu(message, x, y, opener) {
  const isMine = message.from?.id === session.me.id;
  const mine = message.reactions.filter((reaction) => reaction.by.includes(session.me.id)).map((reaction) => reaction.emoji);
  const faces = FACES.map((emoji) => ({ label: `React ${emoji}`, text: emoji, checked: mine.includes(emoji), act: () => toggleReaction(message, emoji) }));
  const isEditable = isMine && (message.kind === "text" || (message.file && !["sticker", "video_note"].includes(message.kind)));
  const items = [
    { label: "Reply", icon: "reply", act: () => composer.answer(message) },
    isEditable && { label: "Edit", icon: "edit", act: () => composer.answer(message, true) },
    message.text && { label: "Copy", icon: "copy", act: () => copy(message.text) },
    isMine && { label: "Delete", icon: "remove", danger: true, act: () => done(() => api.change(session.chatId, message.message_id, "delete")) },
  ].filter(Boolean);
  openMenu(x, y, items, { faces, opener });
}

function toggleReaction(message, emoji) {
  const mine = message.reactions.filter((reaction) => reaction.by.includes(session.me.id)).map((reaction) => reaction.emoji);
  return done(() => api.change(session.chatId, message.message_id, "react", { emoji: mine.includes(emoji) ? [] : [emoji] }));
}

async function pressButton(message, button, node) {
  if (button.copy_text) {
    copy(button.copy_text.text);
    return;
  }
  if (!button.callback_data) {
    toast("This button does nothing here");
    return;
  }
  node.setAttribute("aria-busy", "true");
  await attempt(async () => {
    const pressed = await api.change(session.chatId, message.message_id, "press", { data: button.callback_data });
    const answer = await api.answer(pressed.callback_query_id, ANSWER_WAIT_SECONDS);
    if (answer?.text) (answer.alert ? openAlert : toast)(answer.text);
  });
  node.removeAttribute("aria-busy");
}

function copy(text) {
  navigator.clipboard?.writeText(text).then(() => toast("Copied"), () => toast("Copying is not allowed here"));
}

function openHeaderMenu(button) {
  const at = button.getBoundingClientRect();
  const isPrivate = session.chatId === session.me.id;
  const items = [
    { label: "Chats", icon: "chats", act: () => attempt(showChats) },
    { label: "Change your name", icon: "person", act: () => openForm("Your name", { name: { label: "Name", value: session.me.name } }, ({ name }) => rename(name), { confirm: "Save" }) },
    isPrivate && !seen.chat?.blocked && { label: "Block bot", icon: "block", danger: true, act: () => done(() => api.setBlocked(true)) },
    isPrivate && seen.chat?.blocked && { label: "Unblock bot", icon: "block", act: () => done(() => api.setBlocked(false)) },
  ].filter(Boolean);
  openMenu(at.right - 200, at.bottom + 4, items, { opener: button });
}

async function showChats() {
  const [bots, { chats }] = await Promise.all([Api.bots(), api.chats()]);
  session.bots = bots;
  openChats(session, chats, { open: openChat, rename, switchBot: (token) => go({ bot: token }), become: (id) => go({ bot: session.token, as: id }) });
}

async function rename(name) {
  if (!(await done(() => api.rename(name)))) return;
  session.me.name = name;
  showStatus();
}

function go(place) {
  location.search = new URLSearchParams({ as: session.me.id, ...place });
}
