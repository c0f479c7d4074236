// The files that were picked and not sent yet.

import { byId, el, icon } from "./dom.js";
import { toast } from "./menus.js";
import { extensionOf } from "./words.js";

const MAX_FILES = 10;

export class Picked {
  /** `onChange` is called when there are more or fewer files. */
  constructor(onChange) {
    this.files = [];
    this.asDocument = false;
    this.onChange = onChange;
    byId("files").addEventListener("change", (event) => this.add([...event.target.files]));
    const log = byId("log");
    log.addEventListener("dragover", (event) => event.preventDefault());
    log.addEventListener("drop", (event) => {
      event.preventDefault();
      this.add([...event.dataTransfer.files]);
    });
  }

  /** Let the person choose files; as documents they are sent as they are. */
  choose(accept, asDocument) {
    this.asDocument = asDocument;
    byId("files").accept = accept;
    byId("files").click();
  }

  add(files) {
    if (this.files.length + files.length > MAX_FILES) toast(`An album has up to ${MAX_FILES} files`);
    this.files = [...this.files, ...files].slice(0, MAX_FILES);
    byId("files").value = "";
    this.show();
  }

  /** The albums that the files make; none is left here. Pictures and films stand together, other files beside them. */
  take() {
    const isVisual = (file) => !this.asDocument && /^(image\/(?!gif|svg)|video\/)/.test(file.type);
    const albums = [this.files.filter(isVisual), this.files.filter((file) => !isVisual(file))];
    const kind = this.asDocument ? { kind: "document" } : {};
    this.files = [];
    this.asDocument = false;
    this.show();
    return albums.filter((album) => album.length).map((album) => ({ album, kind }));
  }

  show() {
    const strip = byId("picked");
    strip.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    strip.replaceChildren(...this.files.map((file) => this.figure(file)));
    strip.hidden = !this.files.length;
    this.onChange();
  }

  figure(file) {
    const isImage = file.type.startsWith("image/");
    const remove = () => {
      this.files = this.files.filter((each) => each !== file);
      this.show();
    };
    return el(
      "figure",
      {},
      isImage
        ? el("img", { src: URL.createObjectURL(file), alt: "" })
        : el("div", { class: "blank" }, extensionOf(file.name)),
      el("figcaption", {}, file.name),
      el("button", { type: "button", "aria-label": `Remove ${file.name}`, on: { click: remove } }, icon("close")),
    );
  }
}
