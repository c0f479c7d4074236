// A part's ProseMirror document as elements. What is not known here is shown as the text in it.
import { el } from "./dom.js";
import { mediaAddress, safeLink } from "./links.js";

const MAX_DEPTH = 20;
const MARKS = { bold: "strong", italic: "em", underline: "u", strike: "s", code: "code" };

/** The document's blocks. */
export function richText(content) {
  return blocks(content, 0);
}

function blocks(node, depth) {
  if (depth > MAX_DEPTH) return [];
  return list(node?.content).map((child) => block(child, depth + 1));
}

function block(node, depth) {
  switch (node?.type) {
    case "text":
    case "hardBreak":
      return inline(node);
    case "paragraph":
      return el("p", {}, inlines(node));
    case "heading":
      return el("p", { class: "heading", role: "heading", "aria-level": heading(node) }, inlines(node));
    case "blockquote":
      return el("blockquote", {}, blocks(node, depth));
    case "bulletList":
      return el("ul", {}, blocks(node, depth));
    case "orderedList":
      return el("ol", { start: Number.isInteger(node.attrs?.start) ? node.attrs.start : 1 }, blocks(node, depth));
    case "listItem":
      return el("li", {}, blocks(node, depth));
    case "codeBlock":
      return el(
        "pre",
        {},
        el(
          "code",
          {},
          list(node.content).map((child) => String(child?.text ?? "")),
        ),
      );
    case "DividerBlock":
      return el("hr");
    case "ImageBlock":
    case "FileBlock":
    case "VideoBlock":
    case "AudioRecorderBlock":
    case "EmbedBlock":
      return linked(node.attrs ?? {});
    default:
      return el("div", {}, blocks(node, depth));
  }
}

function inlines(node) {
  return list(node.content).map(inline);
}

function inline(node) {
  if (node?.type === "hardBreak") return el("br");
  return list(node?.marks).reduce(marked, document.createTextNode(String(node?.text ?? "")));
}

function marked(inner, mark) {
  if (mark?.type === "link") {
    const href = safeLink(mark.attrs?.href);
    return href ? el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, inner) : inner;
  }
  const tag = Object.hasOwn(MARKS, mark?.type) ? MARKS[mark.type] : null;
  return tag ? el(tag, {}, inner) : inner;
}

/** A medium inside a document: nothing is loaded from elsewhere, so it is a link. */
function linked({ url, caption, title }) {
  const href = mediaAddress(url ?? "");
  const name = String(caption || title || "attachment");
  return el(
    "p",
    {},
    url && href ? el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, name) : name,
  );
}

function heading(node) {
  const level = node.attrs?.level;
  return Number.isInteger(level) && level >= 1 && level <= 6 ? String(level) : "1";
}

function list(value) {
  return Array.isArray(value) ? value : [];
}
