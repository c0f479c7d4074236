// Makes nodes. Text goes in as text only: nothing a bot sends is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  back: "M15 5l-7 7 7 7",
  chats: "M4 6h16M4 12h16M4 18h10",
  menu: "M12 6v.01M12 12v.01M12 18v.01",
  attach:
    "M20 11.500l-8 8a5 5 0 0 1-7-7l8.500-8.500a3.300 3.300 0 0 1 4.700 4.700L10 16.900a1.600 1.600 0 0 1-2.300-2.300l7.600-7.600",
  send: "M5 12l14-7-4.500 14-3-6z",
  record:
    "M12 4a2.800 2.800 0 0 0-2.800 2.800v4.400a2.800 2.800 0 0 0 5.600 0V6.800A2.800 2.800 0 0 0 12 4zM6.500 11.500a5.500 5.500 0 0 0 11 0M12 17v3",
  close: "M6 6l12 12M18 6L6 18",
  reply: "M10 7l-5 5 5 5M5 12h8a6 6 0 0 1 6 6",
  edit: "M5 19l1-4L16 5l3 3L9 18z",
  copy: "M9 9h10v10H9zM5 15V5h10",
  remove: "M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12",
  more: "M6 10l6 6 6-6",
  photo: "M4 6h16v12H4zM4 16l5-5 4 4 3-3 4 4",
  file: "M7 4h7l4 4v12H7zM14 4v4h4",
  place: "M12 21s-6-6-6-10.500a6 6 0 0 1 12 0C18 15 12 21 12 21zM12 8.500v3.500",
  person: "M12 12a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM5 20a7 7 0 0 1 14 0",
  poll: "M6 19V11M12 19V5M18 19v-6",
  dice: "M5 5h14v14H5zM9 9v.01M15 9v.01M9 15v.01M15 15v.01",
  block: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.500 6.500l11 11",
};

/** An element with properties and children; strings become text nodes, null children are left out. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name === "on") Object.entries(value).forEach(([event, act]) => node.addEventListener(event, act));
    else if (name === "class") node.className = value;
    else if (name in node && !name.startsWith("aria")) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = {
    viewBox: "0 0 24 24",
    fill: "none",
    stroke: "currentColor",
    "stroke-width": name === "menu" || name === "dice" ? 2.4 : 1.9,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "aria-hidden": "true",
  };
  Object.entries(attributes).forEach(([key, value]) => svg.setAttribute(key, value));
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A drawing of a map, the same for every place, with a pin on it. */
export function map() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 262 132");
  svg.setAttribute("class", "map");
  svg.setAttribute("aria-hidden", "true");
  const draw = (tag, attributes) => {
    const node = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    svg.append(node);
  };
  draw("rect", { width: 262, height: 132, fill: "#d9e8d2" });
  draw("path", { d: "M-5 112C60 80 90 140 150 100S240 90 270 60V140H-5z", fill: "#a9d2ee" });
  draw("path", {
    d: "M-5 40L90 58 270 20M70-5L110 140M180-5L150 62 190 140",
    stroke: "#fff",
    "stroke-width": 8,
    fill: "none",
  });
  draw("path", { d: "M131 88s-17-18-17-31a17 17 0 0 1 34 0c0 13-17 31-17 31z", fill: "currentColor" });
  draw("circle", { cx: 131, cy: 57, r: 6.5, fill: "#fff" });
  return svg;
}

export const byId = (id) => document.getElementById(id);
