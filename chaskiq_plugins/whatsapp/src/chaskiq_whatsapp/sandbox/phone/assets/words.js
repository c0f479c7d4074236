// WhatsApp's signs as looks: elements are made one by one, never from text.
const SIGNS = { "*": "strong", _: "em", "~": "s", "`": "code" };
const PAIR = /(^|[^\p{L}\p{N}])([*_~`])(?=\S)([^\n]*?\S)\2(?![\p{L}\p{N}])/u;

export function formatted(text) {
  const made = document.createElement("p");
  text.split("```").forEach((part, place, parts) => {
    if (place % 2 && place < parts.length - 1) {
      const block = document.createElement("pre");
      block.textContent = part;
      made.append(block);
      return;
    }
    append(made, place % 2 ? "```" + part : part);
  });
  return made;
}

function append(parent, text) {
  let rest = text;
  for (let found = PAIR.exec(rest); found; found = PAIR.exec(rest)) {
    parent.append(rest.slice(0, found.index) + found[1]);
    const made = document.createElement(SIGNS[found[2]]);
    if (found[2] === "`") made.textContent = found[3];
    else append(made, found[3]);
    parent.append(made);
    rest = rest.slice(found.index + found[0].length);
  }
  parent.append(rest);
}
