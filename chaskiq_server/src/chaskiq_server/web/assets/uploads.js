// Files that an agent attaches: uploaded at once, kept until the message is sent.
import { el, fill } from "./dom.js";
import { sizeText } from "./sizes.js";

/** The files of one composer; `onChange` is called whenever one begins, ends or goes. */
export function createUploads(desk, onChange) {
  const files = [];
  const root = el("ul", { class: "uploads", "aria-label": "Attached files" });

  function add(list) {
    for (const file of list) start(file);
    show();
  }

  function start(file) {
    const one = { file, progress: 0, media: null, error: null };
    const { done, stop } = desk.upload(file, (progress) => {
      one.progress = progress;
      one.bar.value = progress;
    });
    one.stop = stop;
    one.bar = el("progress", { max: 1, value: 0, "aria-label": `Uploading ${file.name}` });
    files.push(one);
    done
      .then((media) => (one.media = media))
      .catch((error) => (one.error = error.message))
      .finally(show);
  }

  function remove(one) {
    if (!one.media && !one.error) one.stop();
    if (files.includes(one)) files.splice(files.indexOf(one), 1);
    show();
  }

  function show() {
    fill(root, files.map(item));
    onChange();
  }

  function item(one) {
    return el(
      "li",
      {},
      el("span", { class: "upload-name" }, one.file.name || "file"),
      one.error
        ? el("small", { class: "error" }, one.error)
        : one.media
          ? el("small", { class: "quiet" }, sizeText(one.file.size))
          : one.bar,
      el(
        "button",
        {
          type: "button",
          class: "icon",
          "aria-label": `Remove ${one.file.name || "file"}`,
          onclick: () => remove(one),
        },
        "×",
      ),
    );
  }

  return {
    root,
    add,
    /** Whether something still goes up. */
    busy: () => files.some((one) => !one.media && !one.error),
    failed: () => files.some((one) => one.error),
    ready: () => files.filter((one) => one.media).map((one) => ({ filename: one.file.name, ...one.media })),
    clear: () => (files.splice(0), show()),
  };
}
