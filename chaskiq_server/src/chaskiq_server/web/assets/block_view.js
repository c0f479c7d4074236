import { el } from "./dom.js";

/** A block that asks for something: its question, and its answers as buttons that only the contact can press. */
export function blockView(block) {
  const options = (Array.isArray(block.schema) ? block.schema : []).filter((one) => one?.label);
  const chosen = block.values ?? {};
  return el(
    "div",
    { class: "block" },
    block.label && el("p", {}, String(block.label)),
    el(
      "div",
      { class: "options" },
      options.map((one) => option(one, isChosen(one, chosen))),
    ),
    block.state === "replied" && !options.some((one) => isChosen(one, chosen)) && el("small", {}, "Answered"),
  );
}

function option(one, chosen) {
  return el(
    "button",
    { type: "button", disabled: true, class: chosen ? "option chosen" : "option", "aria-pressed": String(chosen) },
    chosen ? "✓ " : "",
    String(one.label),
  );
}

function isChosen(one, values) {
  return values.id !== undefined
    ? String(values.id) === String(one.id)
    : values.label !== undefined && values.label === one.label;
}
