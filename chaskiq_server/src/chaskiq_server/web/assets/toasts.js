import { el } from "./dom.js";

const SHOWN_MS = 8_000;

/** Show a sentence for a while; it can be put away at once. */
export function toast(sentence) {
  const one = el(
    "div",
    { class: "toast" },
    el("span", {}, sentence),
    el("button", { class: "icon", "aria-label": "Dismiss", onclick: () => one.remove() }, "×"),
  );
  document.getElementById("toasts").append(one);
  setTimeout(() => one.remove(), SHOWN_MS);
}

/** Do something that may fail; its error becomes a toast. Whether it went well. */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    toast(sentenceOf(error));
    return false;
  }
}

function sentenceOf(error) {
  return error.message.charAt(0).toLocaleUpperCase() + error.message.slice(1);
}
