// The cable: what happens, as it happens, over one WebSocket that comes back by itself (ActionCable's protocol).

const PROTOCOL = "actioncable-v1-json";
const IDENTIFIER = JSON.stringify({ channel: "EventsChannel" });
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 10_000;
const SILENCE_MS = 12_000;

/**
 * Listens to all that agents may see. `onLive` is called whenever the subscription stands, the first time and after
 * each gap; `onState` hears "connecting", "live" and "ended".
 */
export function openCable({ appKey, token, onMessage, onLive, onState }) {
  const query = new URLSearchParams({ app: appKey, token });
  const url = `${location.origin.replace(/^http/, "ws")}/cable?${query}`;
  let socket = null;
  let wait = FIRST_WAIT_MS;
  let retrying = 0;
  let watching = 0;
  let ended = false;

  function connect() {
    clearTimeout(retrying);
    onState("connecting");
    const opened = (socket = new WebSocket(url, [PROTOCOL]));
    watch();
    opened.onmessage = (event) => opened === socket && hear(JSON.parse(event.data));
    opened.onclose = () => opened === socket && tryAgain();
  }

  function hear(message) {
    watch();
    switch (message.type) {
      case "welcome":
        socket.send(JSON.stringify({ command: "subscribe", identifier: IDENTIFIER }));
        break;
      case "confirm_subscription":
        wait = FIRST_WAIT_MS;
        onState("live");
        onLive();
        break;
      case "reject_subscription":
        end();
        break;
      case "disconnect":
        if (message.reconnect === false) end();
        break;
      case "ping":
        break;
      default:
        if (message.message) onMessage(message.message);
    }
  }

  /** A connection that says nothing is none: the server pings every few seconds. */
  function watch() {
    clearTimeout(watching);
    watching = setTimeout(leave, SILENCE_MS);
  }

  function leave() {
    const left = socket;
    socket = null;
    left?.close();
    tryAgain();
  }

  function tryAgain() {
    clearTimeout(watching);
    clearTimeout(retrying);
    if (ended) return;
    socket = null;
    onState("connecting");
    retrying = setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }

  function tryNow() {
    if (ended || socket !== null || document.visibilityState === "hidden") return;
    wait = FIRST_WAIT_MS;
    connect();
  }

  function end() {
    ended = true;
    clearTimeout(watching);
    clearTimeout(retrying);
    removeEventListener("online", tryNow);
    document.removeEventListener("visibilitychange", tryNow);
    const left = socket;
    socket = null;
    left?.close();
    onState("ended");
  }

  addEventListener("online", tryNow);
  document.addEventListener("visibilitychange", tryNow);
  connect();
  return { end };
}
