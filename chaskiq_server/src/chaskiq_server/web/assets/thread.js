// One conversation's parts: loaded whole, put right by what the cable tells, with what is on its way out behind them.
import { newId } from "./ids.js";
import { createSignal } from "./signal.js";

const PAGE = 100;

/** The state of an open conversation. */
export function createThread({ api, path, key, myId }) {
  const changed = createSignal();
  const url = `${path}/conversations/${encodeURIComponent(key)}`;
  const state = { key, parts: new Map(), outgoing: [], typing: new Map(), loading: false, loaded: false, error: null };
  const heardAt = new Map();
  let clock = 0;
  let asked = 0;

  /** Take a part over, unless it was heard of after `asOf`: what was asked for before is older. */
  function put(part, asOf = Infinity) {
    if ((heardAt.get(part.key) ?? 0) > asOf || isSame(state.parts.get(part.key), part)) return;
    state.parts.set(part.key, part);
    changed.tell();
  }

  /** A part out of the cable. */
  function hear(part) {
    heardAt.set(part.key, ++clock);
    state.typing.delete(part.author.id);
    put(part);
    if (part.author.id === myId) settleTwin(part);
    if (state.loaded && !state.loading && part.seq > state.parts.size) load();
  }

  /** The cable was faster than the answer to our request: what is shown already is not shown as on its way, too. */
  function settleTwin(part) {
    const twin = state.outgoing.find(
      (one) => one.state === "sending" && one.text === part.text && one.privateNote === part.private_note,
    );
    if (twin) drop(twin);
  }

  async function load() {
    const mine = ++asked;
    const asOf = clock;
    state.loading = true;
    state.error = null;
    changed.tell();
    try {
      let after;
      do {
        const page = await api.get(`${url}/parts`, { limit: PAGE, after });
        if (mine !== asked) return;
        for (const part of page.items) put(part, asOf);
        after = page.next;
      } while (after);
      state.loaded = true;
    } catch (error) {
      if (mine === asked) state.error = error.message;
    } finally {
      if (mine === asked) state.loading = false;
      changed.tell();
    }
  }

  /** Send a reply or a note; it is shown at once, and kept with its sentence when it did not work. */
  function send({ text, privateNote, replyTo, attachments }) {
    const one = {
      clientId: newId(),
      text,
      privateNote,
      replyTo,
      attachments,
      state: "sending",
      error: null,
      at: new Date().toISOString(),
    };
    state.outgoing = [...state.outgoing, one];
    return deliver(one);
  }

  async function deliver(one) {
    change(one, { state: "sending", error: null });
    const asOf = clock;
    try {
      const part = await api.post(`${url}/parts`, {
        ...(one.text ? { text: one.text } : {}),
        ...(one.attachments.length ? { attachments: one.attachments.map((file) => file.id) } : {}),
        ...(one.replyTo ? { reply_to: one.replyTo } : {}),
        private_note: one.privateNote,
        client_id: one.clientId,
      });
      drop(one);
      put(part, asOf);
    } catch (error) {
      change(one, { state: "failed", error: error.message });
    }
  }

  function change(one, values) {
    Object.assign(one, values);
    state.outgoing = [...state.outgoing.filter((other) => other.clientId !== one.clientId), { ...one }].sort((a, b) =>
      a.at.localeCompare(b.at),
    );
    changed.tell();
  }

  function drop(one) {
    state.outgoing = state.outgoing.filter((other) => other.clientId !== one.clientId);
    changed.tell();
  }

  /** Change something and take the answer over, unless the cable told something newer in the meantime. */
  async function ask(request) {
    const asOf = clock;
    const part = await request;
    if (part?.key) put(part, asOf);
  }

  async function settleDelivery(part, delivery, verb) {
    const asOf = clock;
    const answer = await api.post(`${path}/deliveries/${encodeURIComponent(delivery.id)}/${verb}`);
    const current = state.parts.get(part.key);
    if (!current || !answer?.id) return;
    put(
      { ...current, deliveries: current.deliveries.map((one) => (one.id === answer.id ? { ...one, ...answer } : one)) },
      asOf,
    );
  }

  return {
    state,
    hear,
    load,
    send,
    drop,
    deliver,
    listen: changed.listen,
    tell: changed.tell,
    edit: (part, text) => ask(api.patch(`${url}/parts/${encodeURIComponent(part.key)}`, { text })),
    remove: (part) => ask(api.remove(`${url}/parts/${encodeURIComponent(part.key)}`)),
    retryDelivery: (part, delivery) => settleDelivery(part, delivery, "retry"),
    confirmDelivery: (part, delivery) => settleDelivery(part, delivery, "confirm"),
    /** All parts in order. */
    ordered: () => [...state.parts.values()].sort((one, other) => one.seq - other.seq),
  };
}

function isSame(one, other) {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}
