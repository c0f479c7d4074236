// Speaks to the sandbox. A refusal is an Error with the sandbox's own sentence.

export class Refusal extends Error {}

async function read(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(body.error || body.description || `the sandbox answered ${response.status}`);
  return body;
}

/** Everything one person does with one bot. `business` is the connection of a business account's chat, or null. */
export class Api {
  constructor(token, person, business) {
    this.root = `/sandbox/bots/${encodeURIComponent(token)}`;
    this.person = person;
    this.business = business;
  }

  static async bots() {
    return (await read(await fetch("/sandbox/bots"))).bots;
  }

  get act() {
    return { from: { id: this.person.id }, ...(this.business ? { business_connection_id: this.business } : {}) };
  }

  async get(path, query = {}, signal = undefined) {
    const given = { ...query, ...(this.business ? { business_connection_id: this.business } : {}) };
    const text = new URLSearchParams(
      Object.entries(given).filter(([, value]) => value !== null && value !== undefined),
    );
    return read(await fetch(`${this.root}${path}?${text}`, { signal }));
  }

  async post(path, body = {}) {
    const headers = { "Content-Type": "application/json" };
    return read(await fetch(this.root + path, { method: "POST", headers, body: JSON.stringify(body) }));
  }

  async postFiles(path, body, files) {
    const form = new FormData();
    form.append("message", JSON.stringify(body));
    files.forEach((file) => form.append("file", file, file.name));
    return read(await fetch(this.root + path, { method: "POST", body: form }));
  }

  chats() {
    return this.get("/chats", { as: this.person.id });
  }

  changes(chatId, since, waitSeconds, signal) {
    return this.get(`/chats/${chatId}/messages`, { since, wait: waitSeconds }, signal);
  }

  send(body, files = []) {
    const whole = { ...this.act, ...body };
    return files.length ? this.postFiles("/messages", whole, files) : this.post("/messages", whole);
  }

  change(chatId, messageId, what, body = {}) {
    return this.post(`/chats/${chatId}/messages/${messageId}/${what}`, { ...this.act, ...body });
  }

  async answer(queryId, waitSeconds) {
    return (await this.get(`/presses/${queryId}`, { wait: waitSeconds })).answer;
  }

  rename(name) {
    return this.post("/people", { id: this.person.id, first_name: name });
  }

  setBlocked(blocked) {
    return this.post(`/chats/${this.person.id}/${blocked ? "block" : "unblock"}`);
  }
}
