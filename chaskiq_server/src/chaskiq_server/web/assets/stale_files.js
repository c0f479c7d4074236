// Addresses of files live ten minutes: whatever is opened later is asked for again, under a new one.
const AGAIN_MS = 5_000;
const MEDIA = ["IMG", "AUDIO", "VIDEO"];

/** Watch over what is shown inside `root`; `load` brings the parts with new addresses. */
export function watchFiles(root, load) {
  let askedAt = 0;
  let follows = false;

  /** A picture that can't be loaded, or a sound: events of that kind don't bubble, they are caught on their way down. */
  async function renew({ target }) {
    if (!MEDIA.includes(target.tagName) || Date.now() - askedAt < AGAIN_MS) return;
    askedAt = Date.now();
    await load();
    // within one minute the address is the same, and so is the element
    if (target.isConnected) target.src = target.getAttribute("src");
  }

  /** A link that is too old by this machine's clock, which may be wrong: it is followed once it was asked for anew. */
  async function follow(event) {
    const link = event.target.closest?.("a[download]");
    if (follows) return;
    const [path, ends] = parts(link?.getAttribute("href"));
    if (!ends || Number(ends) * 1000 > Date.now()) return;
    event.preventDefault();
    await load();
    const fresh = [...root.querySelectorAll("a[download]")].find((one) => parts(one.getAttribute("href"))[0] === path);
    follows = true;
    (fresh ?? link).click();
    follows = false;
  }

  root.addEventListener("error", renew, true);
  root.addEventListener("click", follow);
}

/** Which file an address opens, and the second in which it ends. */
function parts(address) {
  const [path, ends] = (address ?? "").split(".");
  return [path, ends];
}
