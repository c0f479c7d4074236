// Who plays whom, and what is known of the open chat: the page's only memory.

const query = new URLSearchParams(location.search);

export const session = {
  bots: [], // [{token, bot}]
  token: query.get("bot"),
  bot: null, // the bot as the sender of a message
  me: { id: Number(query.get("as")) || 1001, name: query.get("name") || "" },
  business: query.get("business"), // the connection of a business account's chats
  chatId: Number(query.get("chat")) || null,
  thread: Number(query.get("thread")) || null,
  api: null,
  isConnected: false,
};

export const seen = { messages: new Map(), chat: null, action: null };

export const isPrivate = () => session.chatId === session.me.id;

/** Put what is open into the address, so that a reload opens it again. */
export function rememberPlace() {
  const address = new URL(location.href);
  const place = {
    bot: session.token,
    as: session.me.id,
    chat: isPrivate() ? null : session.chatId,
    thread: session.thread,
    name: null,
  };
  for (const [name, value] of Object.entries(place)) {
    if (value === null) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  history.replaceState(null, "", address);
}

/** Open the page anew, as somebody else or with another bot. */
export function go(place) {
  location.search = new URLSearchParams({ as: session.me.id, ...place });
}
