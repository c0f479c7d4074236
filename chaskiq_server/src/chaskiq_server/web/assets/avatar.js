import { el } from "./dom.js";

const HUES = 8;

/** A round sign with a person's initials, in a colour of their own. */
export function avatar(person, { size = "medium" } = {}) {
  const hue = [...String(person.id)].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) % HUES;
  return el("span", { class: `avatar ${size} hue-${hue}`, "aria-hidden": "true" }, initials(person.name));
}

function initials(name) {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0].toLocaleUpperCase()).join("") || "?";
}
