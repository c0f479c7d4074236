// The list of conversations under its filters: loaded page by page, and kept right by what the cable tells.
import { createSignal } from "./signal.js";

const PAGE = 30;
const LONGEST = 100;

/** The list's state; `reload` after each gap of the cable. */
export function createInbox({ api, path, conversations, myId }) {
  const changed = createSignal();
  const state = {
    filters: { state: "opened", who: "everyone", q: "" },
    keys: new Set(),
    next: null,
    loading: false,
    error: null,
  };
  let asked = 0;
  let heard = new Set();

  function query(limit) {
    const { filters } = state;
    const assignee = { mine: myId, unassigned: "none", everyone: "" }[filters.who];
    return { state: filters.state === "all" ? "" : filters.state, assignee_id: assignee, q: filters.q, limit };
  }

  async function load(limit, { after, keep }) {
    const mine = ++asked;
    heard = new Set();
    state.loading = true;
    state.error = null;
    changed.tell();
    try {
      const page = await api.get(`${path}/conversations`, { ...query(limit), after });
      if (mine !== asked) return;
      page.items.forEach(conversations.put);
      state.keys = new Set([...(keep ? state.keys : heard), ...page.items.map((one) => one.key)]);
      state.next = page.next;
    } catch (error) {
      if (mine === asked) state.error = error.message;
    } finally {
      if (mine === asked) state.loading = false;
      changed.tell();
    }
  }

  function filter(filters) {
    state.filters = { ...state.filters, ...filters };
    state.keys = new Set();
    state.next = null;
    return load(PAGE, { keep: false });
  }

  /** A conversation moved: it belongs to the list now, whether it was loaded or not. */
  function heardOf(key) {
    heard.add(key);
    state.keys.add(key);
    changed.tell();
  }

  /** Those that the filters let through, what moved last first. */
  function shown() {
    const fits = fitting(state.filters, myId);
    return [...state.keys]
      .map((key) => conversations.get(key))
      .filter((one) => one && fits(one))
      .sort((one, other) => other.updated_at.localeCompare(one.updated_at) || other.key.localeCompare(one.key));
  }

  return {
    state,
    shown,
    filter,
    heardOf,
    listen: changed.listen,
    tell: changed.tell,
    reload: () => load(Math.min(Math.max(state.keys.size, PAGE), LONGEST), { keep: false }),
    more: () => load(PAGE, { after: state.next, keep: true }),
  };
}

function fitting({ state, who, q }, myId) {
  const wanted = q.trim().toLowerCase();
  return (one) =>
    (state === "all" || one.state === state) &&
    (who === "everyone" || (who === "mine" ? one.assignee?.id === myId : one.assignee === null)) &&
    (!wanted || [one.subject, one.main_participant.name].some((text) => text?.toLowerCase().includes(wanted)));
}
