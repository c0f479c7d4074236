// Elements made of names, attributes and texts. A text is always a text node: nothing is ever read as HTML.

/** An element: `el("a", { class: "link", href: "#/", onclick: leave }, "Back")`; what is null or false is left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false)
      node.setAttribute(name, value === true ? "" : value);
  }
  fill(node, ...children);
  return node;
}

/** The node with these children and no others. */
export function fill(node, ...children) {
  node.replaceChildren(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

/** A text that only screen readers have. */
export function hidden(text) {
  return el("span", { class: "sr-only" }, text);
}
