import { el } from "./dom.js";

/** Ask before something that can't be undone; whether the answer was yes. */
export function confirmed(question, yes) {
  return new Promise((resolve) => {
    const dialog = el(
      "dialog",
      { class: "dialog", "aria-label": question, onclose: () => resolve(dialog.returnValue === "yes") },
      el(
        "form",
        { method: "dialog" },
        el("p", {}, question),
        el(
          "div",
          { class: "buttons" },
          el("button", { value: "no" }, "Cancel"),
          el("button", { value: "yes", class: "danger" }, yes),
        ),
      ),
    );
    show(dialog);
  });
}

/** A picture, large; a click or Escape puts it away. */
export function showPicture(url, name) {
  const dialog = el(
    "dialog",
    { class: "picture", "aria-label": name, onclick: () => dialog.close() },
    el("img", { src: url, alt: name }),
    el("button", { class: "icon", "aria-label": "Close picture" }, "×"),
  );
  show(dialog);
}

function show(dialog) {
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
