// Attachments by their type: seen, heard, or saved.
import { showPicture } from "./dialogs.js";
import { el, hidden } from "./dom.js";
import { mediaAddress } from "./links.js";
import { sizeText } from "./sizes.js";

const NAMES = {
  image: "Photo",
  video: "Video",
  audio: "Audio",
  voice: "Voice message",
  file: "File",
  sticker: "Sticker",
  location: "Location",
  contact: "Contact",
};

/** What a type is called, such as "Voice message". */
export function typeName(type) {
  return Object.hasOwn(NAMES, type) ? NAMES[type] : "Attachment";
}

/** An attachment as an element. */
export function attachment(file) {
  if (file.latitude !== null && file.longitude !== null) return place(file);
  if (file.type === "contact") return person(file);
  const url = file.url ? mediaAddress(file.url) : null;
  if (file.state === "failed") return unfetched(file);
  if (!url) return file.state === "pending" ? pending(file) : wordless(file);
  const kind = viewOf(file);
  if (kind === "image") return picture(file, url);
  if (kind === "video")
    return el("video", {
      class: "video",
      src: url,
      controls: true,
      preload: "metadata",
      playsinline: true,
      "aria-label": nameOf(file),
    });
  if (kind === "audio") return sound(file, url);
  return card(file, url);
}

/** How it is shown: by its type, unless its bytes are of another kind. */
function viewOf({ type, mime }) {
  const wanted = { image: "image", sticker: "image", video: "video", audio: "audio", voice: "audio" }[type] ?? "file";
  const major = mime ? mime.split("/")[0] : wanted;
  return wanted !== "file" && ["image", "video", "audio"].includes(major) ? major : "file";
}

function picture(file, url) {
  const name = nameOf(file);
  const image = el("img", { src: url, alt: name, loading: "lazy", width: file.width, height: file.height });
  if (file.type === "sticker") return el("div", { class: "sticker" }, image);
  return el(
    "button",
    { type: "button", class: "thumb", "aria-label": `Open ${name}`, onclick: () => showPicture(url, name) },
    image,
  );
}

function sound(file, url) {
  const title = file.type === "voice" ? "Voice message" : nameOf(file);
  return el(
    "figure",
    { class: "sound" },
    el("figcaption", {}, file.type === "voice" ? "🎙 " : "♪ ", title, length(file)),
    el("audio", { src: url, controls: true, preload: "none", "aria-label": title }),
  );
}

function card(file, url) {
  return el(
    "a",
    { class: "card", href: url, download: file.filename ?? "", target: "_blank", rel: "noopener noreferrer" },
    sign("📄"),
    el("span", { class: "card-text" }, el("strong", {}, nameOf(file)), el("small", {}, details(file))),
  );
}

function pending(file) {
  return el(
    "div",
    { class: "card quiet" },
    el("span", { class: "spinner", "aria-hidden": "true" }),
    el("span", { class: "card-text" }, el("strong", {}, nameOf(file)), el("small", {}, "Being fetched…")),
  );
}

function unfetched(file) {
  return el(
    "div",
    { class: "card quiet" },
    sign("⚠"),
    el("span", { class: "card-text" }, el("strong", {}, nameOf(file)), el("small", {}, "It could not be fetched")),
  );
}

function wordless(file) {
  if (file.emoji) return el("div", { class: "sticker emoji" }, file.emoji, hidden(typeName(file.type)));
  return el(
    "div",
    { class: "card quiet" },
    sign("📄"),
    el("span", { class: "card-text" }, el("strong", {}, nameOf(file)), el("small", {}, details(file))),
  );
}

function place({ latitude, longitude, name, address }) {
  const [lat, lon] = [Number(latitude), Number(longitude)];
  const map = `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=16/${lat}/${lon}`;
  return el(
    "a",
    { class: "card", href: map, target: "_blank", rel: "noopener noreferrer" },
    sign("📍"),
    el(
      "span",
      { class: "card-text" },
      el("strong", {}, name || "Location"),
      address && el("small", {}, address),
      el("small", {}, `${lat.toFixed(5)}, ${lon.toFixed(5)} · OpenStreetMap`),
    ),
  );
}

function person({ name, phone }) {
  return el(
    "div",
    { class: "card" },
    sign("👤"),
    el("span", { class: "card-text" }, el("strong", {}, name || "Contact"), phone && el("small", {}, phone)),
  );
}

function nameOf(file) {
  return file.filename || file.name || typeName(file.type);
}

function details(file) {
  return [typeName(file.type), file.size !== null && sizeText(file.size)].filter(Boolean).join(" · ");
}

function length({ duration }) {
  if (!duration) return "";
  const seconds = Math.round(duration);
  return ` · ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function sign(text) {
  return el("span", { class: "sign", "aria-hidden": "true" }, text);
}
