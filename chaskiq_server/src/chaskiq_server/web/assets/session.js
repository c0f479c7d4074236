// The bearer token: taken from the link or from what was kept, and forgotten at sign-out.

const NAME = "chaskiq.token";
const IN_LINK = /^#token=([^&]+)$/;

/** The token to begin with: the link's, which is taken out of the URL, or the one that was kept, or null. */
export function takeToken() {
  const link = IN_LINK.exec(location.hash);
  if (link) {
    history.replaceState(null, "", `${location.pathname}${location.search}#/`);
    keepToken(decode(link[1]), { stay: false });
  }
  return sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME);
}

/** Keep it for this tab, or with `stay` for this browser. */
export function keepToken(token, { stay }) {
  forgetToken();
  (stay ? localStorage : sessionStorage).setItem(NAME, token);
}

/** Nobody is signed in here any more. */
export function forgetToken() {
  sessionStorage.removeItem(NAME);
  localStorage.removeItem(NAME);
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
