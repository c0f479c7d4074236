// How far this browser has shown each conversation: what is behind it is unread.

const MAX_KEPT = 1000;

/** The places of one App, kept in the browser. */
export function createSeen(appKey) {
  const name = `chaskiq.seen.${appKey}`;
  const { since, places } = read(name);
  const seen = new Map(Object.entries(places));

  return {
    /** Whether more was said than was shown here; of what is older than the first sign-in, a contact's last word. */
    isUnread({ key, last_part: last, updated_at }) {
      if (!last || last.seq <= (seen.get(key) ?? 0)) return false;
      return last.from_contact || updated_at > since;
    },
    /** Everything up to this part was looked at; whether that is news. */
    mark(key, seq) {
      if ((seen.get(key) ?? 0) >= seq) return false;
      seen.delete(key);
      seen.set(key, seq);
      localStorage.setItem(name, JSON.stringify({ since, places: Object.fromEntries([...seen].slice(-MAX_KEPT)) }));
      return true;
    },
  };
}

function read(name) {
  try {
    const { since, places } = JSON.parse(localStorage.getItem(name));
    return { since, places };
  } catch {
    return { since: new Date().toISOString(), places: {} };
  }
}
