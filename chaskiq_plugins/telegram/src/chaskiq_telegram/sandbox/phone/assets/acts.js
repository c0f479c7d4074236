// What is done to a message that stands already: answer, edit, delete, react, copy, press a button.

import { attempt, done, openAlert, openMenu, toast } from "./menus.js";
import { session } from "./session.js";

const FACES = ["👍", "❤", "😁", "🔥", "🎉", "😢"];
const ANSWER_WAIT_SECONDS = 20;
const WITHOUT_CAPTION = ["sticker", "video_note"];

const change = (message, what, body) => session.api.change(session.chatId, message.message_id, what, body);

export const edit = (message, text) => done(() => change(message, "edit", { text }));

/** `answer(message, isEdit)` puts the message above the composer. */
export function openMessageMenu(message, x, y, opener, answer) {
  const isMine = message.from?.id === session.me.id;
  const isEditable = isMine && (message.kind === "text" || (message.file && !WITHOUT_CAPTION.includes(message.kind)));
  const mine = ownReactions(message);
  const faces = FACES.map((emoji) => ({
    label: `React ${emoji}`,
    text: emoji,
    checked: mine.includes(emoji),
    act: () => toggleReaction(message, emoji),
  }));
  const items = [
    { label: "Reply", icon: "reply", act: () => answer(message, false) },
    isEditable && { label: "Edit", icon: "edit", act: () => answer(message, true) },
    message.text && { label: "Copy", icon: "copy", act: () => copy(message.text) },
    isMine && { label: "Delete", icon: "remove", danger: true, act: () => done(() => change(message, "delete")) },
  ].filter(Boolean);
  openMenu(x, y, items, { faces, opener });
}

export function toggleReaction(message, emoji) {
  return done(() => change(message, "react", { emoji: ownReactions(message).includes(emoji) ? [] : [emoji] }));
}

const ownReactions = (message) =>
  message.reactions.filter((reaction) => reaction.by.includes(session.me.id)).map((reaction) => reaction.emoji);

/** Press a button of an inline keyboard, and show what the bot says to it. */
export async function pressButton(message, button, node) {
  if (button.copy_text) return copy(button.copy_text.text);
  if (!button.callback_data) return toast("This button does nothing here");
  node.setAttribute("aria-busy", "true");
  await attempt(async () => {
    const pressed = await change(message, "press", { data: button.callback_data });
    const answer = await session.api.answer(pressed.callback_query_id, ANSWER_WAIT_SECONDS);
    if (answer?.text) (answer.alert ? openAlert : toast)(answer.text);
  });
  return node.removeAttribute("aria-busy");
}

function copy(text) {
  const refused = () => toast("Copying is not allowed here");
  if (!navigator.clipboard) return refused();
  return navigator.clipboard.writeText(text).then(() => toast("Copied"), refused);
}
