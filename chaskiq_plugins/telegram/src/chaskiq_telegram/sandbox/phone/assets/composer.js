// The line one writes in: text, files, an answer or an edit, a voice recording, the bot's keyboard.

import { bodyOf, openAttach } from "./attach.js";
import { byId, el, icon } from "./dom.js";
import { Picked } from "./picked.js";
import { canRecord, Recording } from "./voice.js";
import { lineOf, nameOf } from "./words.js";

const MAX_HEIGHT_PIXELS = 130;

export class Composer {
  /** `acts`: {send(body, files), edit(message, text)}; both answer whether it worked. */
  constructor(acts) {
    this.acts = acts;
    this.context = null; // {message, isEdit}
    this.hint = "Message";
    this.text = byId("text");
    this.picked = new Picked(() => this.onPicked());
    const icons = { attach: "attach", send: "send", record: "record", "stop-answering": "close" };
    Object.entries(icons).forEach(([id, name]) => byId(id).append(icon(name)));
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    byId("stop-answering").addEventListener("click", () => this.stopAnswering());
    byId("attach").addEventListener("click", (event) => this.openAttach(event.currentTarget));
    this.text.addEventListener("input", () => this.fit());
    this.text.addEventListener("keydown", (event) => this.onKey(event));
    this.text.addEventListener("paste", ({ clipboardData: { files } }) => files.length && this.picked.add([...files]));
    new Recording(byId("record"), (file, duration) => acts.send({ kind: "voice", duration }, [file]));
    canRecord().then((can) => {
      byId("record").hidden = !can;
    });
    this.fit();
  }

  onKey(event) {
    if (event.key === "Escape") this.stopAnswering();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  onPicked() {
    this.fit();
    if (this.picked.files.length) this.text.focus();
  }

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, MAX_HEIGHT_PIXELS)}px`;
    this.text.placeholder = this.picked.files.length ? "Caption" : this.hint;
    byId("send").disabled = !this.text.value.trim() && !this.picked.files.length;
  }

  async submit() {
    const text = this.text.value.trim();
    if (byId("send").disabled) return;
    const context = this.context;
    this.text.value = "";
    this.stopAnswering();
    const worked = await this.deliver(text, context);
    if (worked || this.text.value) return;
    // what was refused may be corrected
    if (context) this.answer(context.message, context.isEdit);
    this.text.value = text;
    this.fit();
  }

  async deliver(text, context) {
    if (context?.isEdit) return this.acts.edit(context.message, text);
    const reply = context ? { reply_to: context.message.message_id } : {};
    const albums = this.picked.take();
    if (!albums.length) return this.acts.send({ text, ...reply });
    let worked = true;
    for (const [place, { album, kind }] of albums.entries()) {
      const caption = text && place === 0 ? { caption: text } : {};
      worked = (await this.acts.send({ ...reply, ...caption, ...kind }, album)) && worked;
    }
    return worked;
  }

  /** Answer this message, or edit it. */
  answer(message, isEdit) {
    this.context = { message, isEdit };
    byId("answering").hidden = false;
    byId("answering-title").textContent = isEdit ? "Edit message" : `Reply to ${nameOf(message.from)}`;
    byId("answering-text").textContent = lineOf(message);
    if (isEdit) this.text.value = message.text || "";
    this.fit();
    this.text.focus();
  }

  stopAnswering() {
    if (this.context?.isEdit) this.text.value = "";
    this.context = null;
    byId("answering").hidden = true;
    this.fit();
  }

  openAttach(button) {
    openAttach(
      button,
      (accept, asDocument) => this.picked.choose(accept, asDocument),
      (body) => this.acts.send(body),
    );
  }

  /** The bot's reply keyboard, or none. */
  showKeyboard(keyboard) {
    const node = byId("keyboard");
    const rows = keyboard?.keyboard || [];
    const press = (button) => ({ type: "button", on: { click: () => this.acts.send(bodyOf(button)) } });
    const key = (button) => el("button", press(button), button.text);
    node.hidden = !rows.length;
    node.replaceChildren(...rows.map((buttons) => el("div", {}, buttons.map(key))));
    this.hint = keyboard?.input_field_placeholder || "Message";
    this.fit();
  }
}
