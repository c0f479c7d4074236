// Menus, toasts and sheets: what comes over the page and goes again.

import { byId, el, icon } from "./dom.js";

const TOAST_MS = 4500;
let toastTimer = 0;
let closeOpenMenu = () => {};

export function toast(text) {
  const node = byId("toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    node.hidden = true;
  }, TOAST_MS);
}

/** Do it; a refusal becomes a toast. */
export async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    // fetch throws a TypeError when nobody answers
    toast(error instanceof TypeError ? "The sandbox can't be reached" : error.message);
    return undefined;
  }
}

/** Whether it worked; what didn't is told. */
export async function done(act) {
  return (
    (await attempt(async () => {
      await act();
      return true;
    })) === true
  );
}

/** `items`: [{label, icon, act, danger}]; `faces`: [{label, text, checked, act}]. */
export function openMenu(x, y, items, { faces = [], opener = document.activeElement } = {}) {
  closeOpenMenu();
  const node = byId("menu");
  const close = () => {
    node.hidden = true;
    node.replaceChildren();
    removeEventListener("pointerdown", outside, true);
    closeOpenMenu = () => {};
  };
  const outside = (event) => node.contains(event.target) || close();
  const choose = (act) => () => {
    close();
    opener?.focus?.({ preventScroll: true });
    act();
  };
  if (faces.length) {
    node.append(
      el(
        "div",
        { class: "faces", role: "group", "aria-label": "React" },
        faces.map((face) =>
          el(
            "button",
            {
              type: "button",
              role: "menuitemcheckbox",
              "aria-checked": String(face.checked),
              "aria-label": face.label,
              on: { click: choose(face.act) },
            },
            face.text,
          ),
        ),
      ),
    );
  }
  node.append(
    ...items.map((item) =>
      el(
        "button",
        { type: "button", role: "menuitem", class: item.danger ? "danger" : "", on: { click: choose(item.act) } },
        icon(item.icon),
        el("span", {}, item.label),
      ),
    ),
  );
  node.hidden = false;
  const box = node.getBoundingClientRect();
  node.style.left = `${Math.max(8, Math.min(x, innerWidth - box.width - 8))}px`;
  node.style.top = `${Math.max(8, Math.min(y, innerHeight - box.height - 8))}px`;
  node.onkeydown = (event) =>
    moveInMenu(event, node, () => {
      close();
      opener?.focus?.();
    });
  addEventListener("pointerdown", outside, true);
  closeOpenMenu = close;
  node.querySelector("[role=menuitem]")?.focus();
}

function moveInMenu(event, node, leave) {
  const buttons = [...node.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") leave();
  else if (step) buttons[(at + step + buttons.length) % buttons.length].focus();
  else return;
  event.preventDefault();
}

/** A sheet with these nodes; closes by Escape, by its buttons and by a click beside it. */
export function openSheet(title, ...children) {
  const sheet = byId("sheet");
  sheet.replaceChildren(el("h2", { id: "sheet-title" }, title), ...children);
  sheet.setAttribute("aria-labelledby", "sheet-title");
  sheet.onclick = (event) => {
    if (event.target === sheet) sheet.close();
  };
  if (!sheet.open) sheet.showModal();
  return () => sheet.close();
}

/** Ask for values; `fields`: {name: {label, value, type}}. */
export function openForm(title, fields, done, { confirm = "Send" } = {}) {
  const inputs = Object.entries(fields).map(([name, field]) => [
    name,
    el("input", {
      name,
      type: field.type || "text",
      value: field.value || "",
      step: "any",
      required: field.required !== false,
    }),
  ]);
  const form = el(
    "form",
    {
      on: {
        submit: (event) => {
          event.preventDefault();
          close();
          done(Object.fromEntries(inputs.map(([name, input]) => [name, input.value.trim()])));
        },
      },
    },
    inputs.map(([name, input]) => el("label", {}, fields[name].label, input)),
    el(
      "div",
      { class: "actions" },
      el("button", { type: "button", on: { click: () => close() } }, "Cancel"),
      el("button", { type: "submit", class: "main" }, confirm),
    ),
  );
  const close = openSheet(title, form);
  inputs[0][1].focus();
}

export function openAlert(text) {
  const close = openSheet(
    "",
    el("p", { class: "alert", "data-testid": "alert" }, text),
    el(
      "div",
      { class: "actions" },
      el("button", { type: "button", class: "main", on: { click: () => close() } }, "OK"),
    ),
  );
}
