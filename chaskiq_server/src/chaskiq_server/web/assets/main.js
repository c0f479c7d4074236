// The page: signed out it is a form, signed in it is the desk.
import { createApi } from "./api.js";
import { openDesk } from "./desk.js";
import { fill } from "./dom.js";
import { frame } from "./frame.js";
import { forgetToken, keepToken, takeToken } from "./session.js";
import { signIn } from "./sign_in.js";

const page = document.getElementById("page");
let leave = () => {};

const REFUSED = "This token is not valid, or no longer.";

/** Show the form, with a sentence if there is something to say. */
function signOut(sentence = "") {
  leave();
  leave = () => {};
  forgetToken();
  document.title = "Chaskiq";
  fill(page, signIn({ sentence, onToken: enter }));
}

/** Ask whom the token stands for, and open the desk; a sentence where that did not work. */
async function enter(token, { stay }) {
  const api = createApi(token, { onSignedOut: () => signOut(REFUSED) });
  const me = await api.get("/me");
  keepToken(token, { stay });
  open(token, api, me);
}

function open(token, api, me) {
  leave();
  let closed = false;
  const desk = openDesk({ api, me, token, onSignedOut: () => closed || signOut(REFUSED) });
  const shown = frame(desk, { onSignOut: () => signOut() });
  fill(page, shown.root);
  leave = () => {
    closed = true;
    desk.close();
    shown.close();
  };
}

async function start() {
  const token = takeToken();
  if (!token) return signOut();
  const api = createApi(token, { onSignedOut: () => signOut(REFUSED) });
  try {
    open(token, api, await api.get("/me"));
  } catch (error) {
    if (error.status !== 401) fill(page, signIn({ sentence: error.message, onToken: enter, token }));
  }
}

addEventListener("hashchange", () => location.hash.startsWith("#token=") && start());
start();
