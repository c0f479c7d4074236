// What a message shows beside its text: pictures, players, files, cards.

import { el, map } from "./dom.js";
import { extensionOf, initialOf, hueOf, nameOf, sizeOf } from "./words.js";

const VISUAL = ["photo", "video", "animation"];
export const isVisual = (message) => VISUAL.includes(message.kind);

/** Whether the picture is the whole bubble, so that the time stands on it. */
export const isBare = (message) =>
  (isVisual(message) && !message.text) || message.kind === "sticker" || message.kind === "video_note";

/** The nodes of a message's media; [] for a text. */
export function renderMedia(message) {
  const { file, details } = message;
  switch (message.kind) {
    case "photo":
      return [
        el(
          "a",
          { href: file.url, target: "_blank", rel: "noopener", title: "Open the photo" },
          picture(file, message.text || "Photo"),
        ),
      ];
    case "video":
      return [
        el("video", {
          class: "picture",
          src: file.url,
          controls: true,
          preload: "metadata",
          playsInline: true,
          "aria-label": message.text || "Video",
          ...box(file),
        }),
      ];
    case "animation":
      return [
        file.mime_type === "image/gif"
          ? picture(file, "GIF")
          : el("video", {
              class: "picture",
              src: file.url,
              autoplay: true,
              loop: true,
              muted: true,
              playsInline: true,
              "aria-label": "GIF",
              ...box(file),
            }),
      ];
    case "video_note":
      return [
        el("video", {
          class: "round",
          src: file.url,
          controls: true,
          preload: "metadata",
          playsInline: true,
          "aria-label": "Video message",
        }),
      ];
    case "sticker":
      return [el("img", { src: file.url, alt: "Sticker", loading: "lazy" })];
    case "voice":
      return [player(file, "Voice message")];
    case "audio":
      return [
        el(
          "div",
          { class: "sound-name" },
          el("b", {}, file.title || file.name || "Audio"),
          el("small", {}, file.performer || sizeOf(file.size)),
        ),
        player(file, file.title || file.name || "Audio"),
      ];
    case "document":
      return [
        el(
          "a",
          { class: "file", href: file.url, download: file.name || "", title: "Save the file" },
          el("i", {}, extensionOf(file.name)),
          el(
            "span",
            {},
            el("b", {}, file.name || "File"),
            el("small", {}, [sizeOf(file.size), file.mime_type].filter(Boolean).join(" · ")),
          ),
        ),
      ];
    case "location":
      return [map(), place("Location", details)];
    case "venue":
      return [map(), place(details.title, details.location, details.address)];
    case "contact":
      return [
        el(
          "div",
          { class: "card" },
          el(
            "div",
            { class: `avatar ${hueOf(details.user_id || details.phone_number.length)}` },
            initialOf(details.first_name),
          ),
          el("div", {}, el("b", {}, nameOf(details)), el("small", {}, details.phone_number)),
        ),
      ];
    case "poll":
      return [
        el(
          "div",
          { class: "poll" },
          el("b", {}, details.question),
          el("small", {}, details.is_anonymous ? "Anonymous poll" : "Poll"),
          el(
            "ul",
            {},
            details.options.map((option) => el("li", {}, option.text)),
          ),
        ),
      ];
    case "dice":
      return [el("div", { class: "dice" }, details.emoji, el("small", {}, String(details.value)))];
    default:
      return [];
  }
}

const box = (file) => (file.width && file.height ? { width: file.width, height: file.height } : {});
const picture = (file, alt) => el("img", { class: "picture", src: file.url, alt, ...box(file) });
const player = (file, label) =>
  el("audio", { src: file.url, controls: true, preload: "metadata", "aria-label": label });

function place(title, location, address = null) {
  return el(
    "div",
    { class: "place" },
    el("b", {}, title),
    address ? el("div", {}, address) : null,
    el("span", {}, `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`),
  );
}
