// The line one writes in: text, files, an answer or an edit, a voice recording, the bot's keyboard.

import { byId, el, icon } from "./dom.js";
import { openForm, openMenu, toast } from "./menus.js";
import { canRecord, Recording } from "./voice.js";
import { extensionOf, lineOf, nameOf } from "./words.js";

const MAX_FILES = 10;

export class Composer {
  /** `acts`: {send(body, files), edit(message, text)}; both answer whether it worked. */
  constructor(acts) {
    this.acts = acts;
    this.files = [];
    this.context = null; // {message, isEdit}
    this.asDocument = false;
    this.text = byId("text");
    byId("attach").append(icon("attach"));
    byId("send").append(icon("send"));
    byId("record").append(icon("record"));
    byId("stop-answering").append(icon("close"));
    byId("composer").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    byId("stop-answering").addEventListener("click", () => this.stopAnswering());
    byId("attach").addEventListener("click", (event) => this.openAttach(event.currentTarget));
    byId("files").addEventListener("change", (event) => this.pick([...event.target.files]));
    this.text.addEventListener("input", () => this.fit());
    this.text.addEventListener("keydown", (event) => this.onKey(event));
    this.text.addEventListener("paste", (event) => event.clipboardData.files.length && this.pick([...event.clipboardData.files]));
    const phone = byId("log");
    phone.addEventListener("dragover", (event) => event.preventDefault());
    phone.addEventListener("drop", (event) => { event.preventDefault(); this.pick([...event.dataTransfer.files]); });
    this.recording = new Recording(byId("record"), (file, seconds) => this.acts.send({ kind: "voice", duration: seconds }, [file]));
    canRecord().then((can) => { byId("record").hidden = !can; });
    this.fit();
  }

  onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") this.stopAnswering();
  }

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 130)}px`;
    byId("send").disabled = !this.text.value.trim() && !this.files.length;
  }

  async submit() {
    const text = this.text.value.trim();
    if (byId("send").disabled) return;
    const { context, files, asDocument } = this;
    if (context?.isEdit) {
      this.stopAnswering();
      if (!(await this.acts.edit(context.message, text))) this.answer(context.message, true, text);
      return;
    }
    this.text.value = "";
    this.drop();
    this.stopAnswering();
    const reply = context ? { reply_to: context.message.message_id } : {};
    const worked = files.length ? await this.sendFiles(text, files, reply, asDocument) : await this.acts.send({ text, ...reply });
    if (!worked && !this.text.value) {
      this.text.value = text;
      this.fit();
    }
  }

  async sendFiles(text, files, reply, asDocument) {
    // pictures and films stand together in an album; other files are albums of their own
    const isVisual = (file) => !asDocument && /^(image\/(?!gif|svg)|video\/)/.test(file.type);
    const albums = [files.filter(isVisual), files.filter((file) => !isVisual(file))].filter((album) => album.length);
    let worked = true;
    for (const [place, album] of albums.entries()) {
      const body = { ...reply, ...(text && place === 0 ? { caption: text } : {}), ...(asDocument ? { kind: "document" } : {}) };
      worked = (await this.acts.send(body, album)) && worked;
    }
    return worked;
  }

  /** Answer this message, or edit it. */
  answer(message, isEdit = false, text = message.text || "") {
    this.context = { message, isEdit };
    byId("answering").hidden = false;
    byId("answering-title").textContent = isEdit ? "Edit message" : `Reply to ${nameOf(message.from)}`;
    byId("answering-text").textContent = lineOf(message);
    if (isEdit) this.text.value = text;
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
    const at = button.getBoundingClientRect();
    const ask = (title, fields, toBody) => () => openForm(title, fields, (values) => this.acts.send(toBody(values)));
    openMenu(at.left, at.top - 300, [
      { label: "Photo or video", icon: "photo", act: () => this.choose("image/*,video/*", false) },
      { label: "File", icon: "file", act: () => this.choose("", true) },
      { label: "Location", icon: "place", act: ask("Location", { latitude: { label: "Latitude", type: "number", value: "59.43696" }, longitude: { label: "Longitude", type: "number", value: "24.75353" } }, (values) => ({ location: { latitude: Number(values.latitude), longitude: Number(values.longitude) } })) },
      { label: "Contact", icon: "person", act: ask("Contact", { first_name: { label: "Name" }, phone_number: { label: "Phone number", type: "tel" } }, (values) => ({ contact: values })) },
      { label: "Poll", icon: "poll", act: ask("Poll", { question: { label: "Question" }, options: { label: "Answers, with commas between" } }, (values) => ({ poll: { question: values.question, options: values.options.split(",").map((option) => option.trim()).filter(Boolean) } })) },
      { label: "Dice", icon: "dice", act: () => this.acts.send({ dice: "🎲" }) },
    ], { opener: button });
  }

  choose(accept, asDocument) {
    this.asDocument = asDocument;
    const input = byId("files");
    input.accept = accept;
    input.click();
  }

  pick(files) {
    if (this.files.length + files.length > MAX_FILES) toast(`An album has up to ${MAX_FILES} files`);
    this.files = [...this.files, ...files].slice(0, MAX_FILES);
    byId("files").value = "";
    this.showPicked();
    this.text.focus();
  }

  drop(place = null) {
    this.files = place === null ? [] : this.files.filter((_, index) => index !== place);
    if (!this.files.length) this.asDocument = false;
    this.showPicked();
  }

  showPicked() {
    const strip = byId("picked");
    strip.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    strip.replaceChildren(...this.files.map((file, place) => el("figure", {},
      file.type.startsWith("image/") ? el("img", { src: URL.createObjectURL(file), alt: "" }) : el("div", { class: "blank" }, extensionOf(file.name)),
      el("figcaption", {}, file.name),
      el("button", { type: "button", "aria-label": `Remove ${file.name}`, on: { click: () => this.drop(place) } }, icon("close")))));
    strip.hidden = !this.files.length;
    this.text.placeholder = this.files.length ? "Caption" : "Message";
    this.fit();
  }

  /** The bot's reply keyboard, or none. */
  showKeyboard(keyboard) {
    const rows = keyboard?.keyboard || [];
    const node = byId("keyboard");
    node.hidden = !rows.length;
    node.replaceChildren(...rows.map((buttons) => el("div", {}, buttons.map((button) => el("button", { type: "button", on: { click: () => this.pressReply(button) } }, button.text)))));
    if (!this.files.length) this.text.placeholder = keyboard?.input_field_placeholder || "Message";
  }

  pressReply(button) {
    if (button.request_contact) this.acts.send({ contact: { first_name: "Me", phone_number: "+3725550100" } });
    else if (button.request_location) this.acts.send({ location: { latitude: 59.43696, longitude: 24.75353 } });
    else this.acts.send({ text: button.text });
  }
}
