// The page on which one is a customer: it writes, presses, reads, and shows what the business sent.
import { formatted } from "./words.js";

const log = document.getElementById("log");
const picker = document.getElementById("number");
const me = document.getElementById("me");
const toast = document.getElementById("toast");
const asked = new URLSearchParams(location.search);
let shown = "";
let watching = 0;

async function call(path, body, headers) {
  const isRaw = body instanceof Blob;
  const options = body === undefined ? {} : { method: "POST", headers, body: isRaw ? body : JSON.stringify(body) };
  const response = await fetch(`/sandbox${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  toast.hidden = true;
  return answer;
}

function told(error) {
  toast.textContent = error.message;
  toast.hidden = false;
}

const number = () => `/numbers/${encodeURIComponent(picker.value)}`;
const person = () => `${number()}/people/${encodeURIComponent(me.value)}`;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function media(kind, file) {
  const address = file.link ?? `/sandbox/files/${encodeURIComponent(file.id)}`;
  if (kind === "document") {
    const link = element("a", file.filename || "file");
    link.href = address;
    link.download = file.filename || "";
    return link;
  }
  const made = element({ image: "img", sticker: "img", video: "video", audio: "audio" }[kind]);
  made.src = address;
  if (made.tagName === "IMG") made.alt = file.caption || kind;
  else made.controls = true;
  return made;
}

function choices(message) {
  const told = message.interactive;
  const buttons = told?.action?.buttons?.map((one) => one.reply) ?? [];
  const rows = told?.action?.sections?.flatMap((one) => one.rows) ?? [];
  const own = (message.seen?.buttons ?? []).map((one) => ({ ...one, id: one.payload, title: one.text }));
  const list = element("div", undefined, "choices");
  for (const one of [...buttons, ...rows, ...own]) {
    const made = element(one.url ? "a" : "button", one.title);
    if (one.url) {
      made.href = one.url;
      made.rel = "noreferrer";
    } else {
      made.type = "button";
      made.addEventListener("click", () =>
        call(`${person()}/press`, { message_id: message.id, option: one.id }).then(look, told),
      );
    }
    list.append(made);
  }
  return list.childElementCount ? list : undefined;
}

function bubble(message, all) {
  const mine = message.direction === "in";
  const made = element("article", undefined, mine ? "message mine" : "message");
  made.dataset.id = message.id;
  const answered = all.find((one) => one.id === message.context?.id);
  if (answered) made.append(element("p", words(answered), "quote"));
  const seen = message.seen ?? {};
  const file = message[message.type];
  if (["image", "video", "audio", "document", "sticker"].includes(message.type)) made.append(media(message.type, file));
  for (const [kind, one] of Object.entries(seen.header ?? {})) if (typeof one === "object") made.append(media(kind, one));
  const text = words(message);
  if (text) made.append(formatted(text));
  if (seen.footer) made.append(element("p", seen.footer, "footer"));
  const pressable = mine ? undefined : choices(message);
  if (pressable) made.append(pressable);
  const meta = element("div", undefined, "meta");
  const reactions = Object.values(message.reactions ?? {}).join(" ");
  if (reactions) meta.append(element("span", reactions));
  meta.append(element("time", new Date(message.timestamp * 1000).toTimeString().slice(0, 5)));
  if (mine) meta.append(element("span", message.status === "read" ? "read" : "sent"));
  else meta.append(heart(message));
  made.append(meta);
  return made;
}

function heart(message) {
  const has = message.reactions?.customer;
  const made = element("button", has ? "♥" : "♡", "react");
  made.type = "button";
  made.setAttribute("aria-label", has ? "Take the heart away" : "React with a heart");
  made.addEventListener("click", () =>
    call(`${person()}/react`, { message_id: message.id, emoji: has ? "" : "❤️" }).then(look, told),
  );
  return made;
}

function words(message) {
  const seen = message.seen ?? {};
  const header = typeof seen.header === "string" ? seen.header : "";
  if (message.seen) return [header, seen.body].filter(Boolean).join("\n\n");
  const reply = message.interactive?.button_reply ?? message.interactive?.list_reply;
  return (
    message.text?.body ?? message[message.type]?.caption ?? message.interactive?.body?.text ?? reply?.title ??
    message.button?.text ?? (message.location ? `📍 ${message.location.name ?? "a place"}` : "")
  );
}

async function look() {
  if (!me.value || !picker.value) return;
  const here = ++watching;
  try {
    const answer = await call(`${person()}/messages`);
    if (here !== watching) return;
    const now = JSON.stringify(answer);
    if (now !== shown) {
      shown = now;
      log.replaceChildren(...answer.messages.map((one) => bubble(one, answer.messages)));
      log.scrollTop = log.scrollHeight;
      if (!document.hidden) await call(`${person()}/read`, {});
    }
    document.getElementById("title").textContent = answer.business;
    document.getElementById("state").textContent = answer.typing
      ? "typing…"
      : answer.window_open ? "the business may write freely" : "the business may send templates only";
  } catch (error) {
    if (here !== watching) return;
    log.replaceChildren();
    shown = "";
    document.getElementById("state").textContent = `write first: ${error.message}`;
  }
}

async function attach(file) {
  const kind = ["image", "video", "audio"].find((one) => file.type.startsWith(`${one}/`)) ?? "document";
  const stored = await call(`${number()}/files?filename=${encodeURIComponent(file.name)}`, file, {
    "content-type": file.type || "application/octet-stream",
  });
  await call(`${number()}/messages`, { from: { wa_id: me.value }, type: kind, [kind]: stored });
}

document.getElementById("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = document.getElementById("text");
  if (!text.value.trim()) return;
  try {
    await call(`${number()}/messages`, { from: { wa_id: me.value }, text: text.value });
    text.value = "";
    await look();
  } catch (error) {
    told(error);
  }
});
document.getElementById("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  document.getElementById("composer").requestSubmit();
});
document.getElementById("file").addEventListener("change", async (event) => {
  const input = event.target;
  for (const file of input.files) await attach(file).catch(told);
  input.value = "";
  await look();
});
me.addEventListener("change", look);
picker.addEventListener("change", look);

async function start() {
  const { numbers } = await call("/numbers");
  const names = numbers.length ? numbers.map((one) => one.id) : ["100000000000001"];
  picker.replaceChildren(...names.map((one) => element("option", one)));
  picker.value = asked.get("number") ?? names[0];
  me.value = asked.get("as") ?? "491711234567";
  await look();
  setInterval(look, 1000);
}
start().catch(told);
