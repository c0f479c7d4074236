// Where the page is, in the URL's fragment, so that Back works: the list, or one conversation.

const CONVERSATION = /^#\/conversations\/([\w-]+)$/;

/** The key of the conversation that the URL names; null: the list. */
export function openedKey() {
  const found = CONVERSATION.exec(location.hash);
  return found ? found[1] : null;
}

/** The URL of a conversation, or of the list. */
export function addressOf(key) {
  return key ? `#/conversations/${encodeURIComponent(key)}` : "#/";
}
