// Where an agent writes: a reply, a private note, an answer to one part, or another text for a part of their own.
import { draftOf, keepDraft } from "./drafts.js";
import { el, fill } from "./dom.js";
import { attempt } from "./toasts.js";
import { createTypingTeller } from "./typing.js";
import { createUploads } from "./uploads.js";

/** A thread's composer, which calls `onSent`: its element, `replyTo` and `edit` for the parts' menus, and `close`. */
export function composerView(desk, thread, key, { onSent }) {
  const text = el("textarea", {
    id: "reply",
    rows: 1,
    "aria-label": "Reply",
    placeholder: "Write a reply…",
    oninput: written,
    onkeydown: pressed,
    onpaste: pasted,
  });
  const note = el("input", { type: "checkbox", role: "switch", id: "private-note", onchange: show });
  const picker = el("input", { type: "file", multiple: true, hidden: true, onchange: picked });
  const attach = el("button", { type: "button", class: "small", onclick: () => picker.click() }, "Attach");
  const send = el("button", { class: "primary" }, "Send");
  const context = el("div", { class: "context" });
  const hint = el("p", { class: "hint" });
  const uploads = createUploads(desk, uploaded);
  const tellTyping = createTypingTeller(() => desk.tellTyping(key));
  const noteSwitch = el("label", { class: "check" }, note, "Private note");
  const root = el(
    "form",
    {
      class: "composer",
      onsubmit: submitted,
      ondragover: dragged,
      ondragleave: () => root.classList.remove("dropping"),
      ondrop: dropped,
    },
    context,
    hint,
    uploads.root,
    el("div", { class: "compose-line" }, text),
    el(
      "div",
      { class: "compose-foot" },
      attach,
      picker,
      noteSwitch,
      el("span", { class: "keys" }, "Enter sends, Shift+Enter is a new line"),
      send,
    ),
  );
  let about = null;
  let waiting = false;
  text.value = draftOf(key);

  function show() {
    const editing = about?.verb === "edit";
    root.classList.toggle("noting", note.checked && !editing);
    root.classList.toggle("editing", editing);
    attach.hidden = noteSwitch.hidden = editing;
    text.placeholder = note.checked && !editing ? "Write a note that only agents see…" : "Write a reply…";
    send.textContent = editing ? "Save" : waiting ? "Uploading…" : "Send";
    send.disabled = waiting || !(text.value.trim() || (!editing && (uploads.busy() || uploads.ready().length)));
    fill(context, about && contextOf(about, forget));
    hint.textContent = note.checked ? "" : hintOf(desk.conversations.get(key));
    grow();
  }

  /** A file came up or failed: what was to be sent with it goes now, or the agent looks at what is wrong. */
  function uploaded() {
    const goes = waiting && !uploads.busy();
    waiting = waiting && !goes;
    show();
    if (goes && !uploads.failed()) root.requestSubmit();
  }

  function grow() {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
  }

  function written() {
    if (about?.verb !== "edit") {
      keepDraft(key, text.value);
      if (!note.checked && text.value.trim()) tellTyping();
    }
    show();
  }

  function pressed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (!send.disabled) root.requestSubmit();
    } else if (event.key === "Escape" && about) forget();
  }

  function submitted(event) {
    event.preventDefault();
    if (send.disabled) return;
    if (about?.verb === "edit") save(about.part, text.value);
    else if (uploads.busy()) waiting = true;
    else {
      thread.send({
        text: text.value.trim(),
        privateNote: note.checked,
        replyTo: about?.part.key ?? null,
        attachments: uploads.ready(),
      });
      uploads.clear();
      keepDraft(key, "");
      about = null;
      text.value = "";
      onSent();
    }
    show();
    text.focus();
  }

  async function save(part, wanted) {
    send.disabled = true;
    if (await attempt(() => thread.edit(part, wanted.trim()))) forget();
    else show();
  }

  function take(verb, part) {
    about = { verb, part };
    waiting = false;
    if (verb === "edit") text.value = part.text;
    if (part.private_note && verb === "reply") note.checked = true;
    show();
    text.focus();
  }

  function forget() {
    if (about?.verb === "edit") text.value = draftOf(key);
    about = null;
    show();
  }

  function picked() {
    uploads.add(picker.files);
    picker.value = "";
  }

  function pasted(event) {
    if (!event.clipboardData.files.length || about?.verb === "edit") return;
    event.preventDefault();
    uploads.add(event.clipboardData.files);
  }

  function dragged(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    root.classList.add("dropping");
  }

  function dropped(event) {
    event.preventDefault();
    root.classList.remove("dropping");
    uploads.add(event.dataTransfer.files);
  }

  const unlisten = desk.conversations.listen(
    () => (hint.textContent = note.checked ? "" : hintOf(desk.conversations.get(key))),
  );
  queueMicrotask(show);
  return { root, replyTo: (part) => take("reply", part), edit: (part) => take("edit", part), close: unlisten };
}

function contextOf({ verb, part }, forget) {
  const title = verb === "edit" ? "Editing your message" : `Replying to ${part.author.name}`;
  return el(
    "div",
    { class: "context-line" },
    el(
      "span",
      {},
      el("strong", {}, title),
      verb === "edit" ? null : el("span", { class: "quiet" }, ` ${part.text || "attachment"}`),
    ),
    el("button", { type: "button", class: "icon", "aria-label": "Cancel", onclick: forget }, "×"),
  );
}

function hintOf(conversation) {
  if (!conversation) return "";
  if (!conversation.channels.length) return "This conversation has no channel: a reply stays here.";
  const stuck = conversation.channels.filter((one) => !one.can_send.free_form);
  return stuck
    .map((one) => `${one.provider} can't send now: ${one.can_send.reason ?? "no reason was given"}`)
    .join(" ");
}
