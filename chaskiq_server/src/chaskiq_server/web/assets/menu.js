import { el } from "./dom.js";

let opened = null;

document.addEventListener("click", () => opened?.close());

/** A button that opens a list of actions `{ label, act }`; arrows, Escape and a click elsewhere do what one expects. */
export function menu(label, actions) {
  const items = actions.map(({ label: name, act }) =>
    el("button", { type: "button", role: "menuitem", onclick: act }, name),
  );
  const list = el("div", { class: "menu-list", role: "menu", hidden: true }, items);
  const button = el(
    "button",
    {
      type: "button",
      class: "icon",
      "aria-label": label,
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "data-focus": "menu",
    },
    "⋯",
  );
  const root = el("div", { class: "menu" }, button, list);
  const me = { close };

  function open() {
    opened?.close();
    opened = me;
    list.hidden = false;
    list.classList.toggle("above", button.getBoundingClientRect().bottom > innerHeight - 200);
    button.setAttribute("aria-expanded", "true");
    items[0].focus();
  }

  function close() {
    opened = null;
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
  }

  button.addEventListener("click", (event) => {
    event.stopPropagation();
    if (list.hidden) open();
    else close();
  });
  root.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    if (event.key === "Escape" && !list.hidden) {
      close();
      button.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (!list.hidden) items[(at + step + items.length) % items.length].focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return root;
}
