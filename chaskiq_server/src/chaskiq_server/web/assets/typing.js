// Who writes just now: told to others at most every few seconds, and believed of others for a little while.

const TELL_EVERY_MS = 4_000;
const BELIEVE_MS = 6_000;

/** A function to call at each key: it tells the server now and then. */
export function createTypingTeller(tell) {
  let last = -Infinity;
  return () => {
    if (performance.now() - last < TELL_EVERY_MS) return;
    last = performance.now();
    tell();
  };
}

/** Note in a thread that somebody else types, until they are silent. */
export function noteTyping(thread, author) {
  const { typing } = thread.state;
  clearTimeout(typing.get(author.id)?.timer);
  const timer = setTimeout(() => {
    typing.delete(author.id);
    thread.tell();
  }, BELIEVE_MS);
  typing.set(author.id, { name: author.name, timer });
  thread.tell();
}
