// Which addresses a stranger's message may lead to.

const LINK_SCHEMES = ["http:", "https:", "mailto:"];
const OWN_PATH = "/api/v1/";

/** A link's address if it may be followed, else null. */
export function safeLink(address) {
  const url = parse(address, undefined);
  return url && LINK_SCHEMES.includes(url.protocol) ? url.href : null;
}

/** Where a file of ours is: the server may know itself by another name than this page does. */
export function mediaAddress(address) {
  const url = parse(address, location.origin);
  if (!url || !["http:", "https:"].includes(url.protocol)) return null;
  return url.pathname.startsWith(OWN_PATH) ? url.pathname + url.search : url.href;
}

function parse(address, base) {
  try {
    return new URL(String(address), base);
  } catch {
    return null;
  }
}
