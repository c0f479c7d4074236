// The bar above the messages: which chat it is, what the bot is doing, whether the sandbox can be reached.

import { byId, el } from "./dom.js";
import { isPrivate, seen, session } from "./session.js";
import { hueOf, initialOf, nameOf } from "./words.js";

const ACTIONS = {
  typing: "typing",
  upload_photo: "sending a photo",
  upload_video: "sending a video",
  upload_document: "sending a file",
  upload_voice: "sending a voice message",
  record_voice: "recording a voice message",
  record_video: "recording a video",
  choose_sticker: "choosing a sticker",
  find_location: "finding a place",
};
const OUTSIDE = ["left", "kicked"];

export function showHeader() {
  const title = titleOf();
  byId("chat-title").textContent = title;
  document.title = `${title} · ${session.me.name || session.me.id}`;
  const avatar = byId("avatar");
  avatar.className = `avatar ${hueOf(isPrivate() ? session.bot?.id || 0 : session.chatId || 0)}`;
  avatar.textContent = initialOf(title);
  const status = byId("chat-status");
  status.className = seen.action && session.isConnected ? "busy" : "";
  status.textContent = statusOf();
}

function titleOf() {
  const chat = seen.chat;
  if (isPrivate() || !chat) return session.bot?.first_name || "…";
  const topic = chat.topics.find((each) => each.thread_id === session.thread);
  return topic ? `${nameOf(chat.chat)} › ${topic.name}` : nameOf(chat.chat);
}

function statusOf() {
  if (!session.isConnected) return "connecting…";
  if (seen.action) return `${ACTIONS[seen.action.action] || "busy"}…`;
  if (isPrivate()) return `bot · you are ${session.me.name}`;
  const people = seen.chat?.members.filter((member) => !OUTSIDE.includes(member.status)).length || 0;
  return `${people} people · you are ${session.me.name}`;
}

/** What stands in the place of the composer when nothing can be written; `unblock` is called by its button. */
export function showNotice(unblock) {
  const isBlocked = Boolean(seen.chat?.blocked);
  byId("notice").hidden = !isBlocked;
  byId("composer").hidden = isBlocked;
  if (!isBlocked) return;
  byId("keyboard").hidden = true;
  const button = el("button", { type: "button", class: "unblock", on: { click: unblock } }, "Unblock");
  byId("notice").replaceChildren("You blocked this bot. ", button);
}
