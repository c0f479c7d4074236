// The signed-in agent's desk: what the page knows, kept in step with the server.
import { openCable } from "./cable.js";
import { createConversations } from "./conversations.js";
import { createInbox } from "./inbox.js";
import { createSeen } from "./seen.js";
import { createSignal } from "./signal.js";
import { createThread } from "./thread.js";
import { noteTyping } from "./typing.js";

/** The desk of `me`, as `/me` told; `close` it at sign-out. */
export function openDesk({ api, me, token, onSignedOut }) {
  const path = `/apps/${encodeURIComponent(me.app_key)}`;
  const myId = me.agent.id;
  const conversations = createConversations();
  const inbox = createInbox({ api, path, conversations, myId });
  const seen = createSeen(me.app_key);
  const changed = createSignal();
  const state = { connection: "connecting", agents: [], thread: null };
  const fetching = new Set();

  async function fetchConversation(key) {
    if (fetching.has(key)) return;
    fetching.add(key);
    try {
      conversations.put(await api.get(`${path}/conversations/${encodeURIComponent(key)}`));
    } finally {
      fetching.delete(key);
    }
  }

  /** Everything again: the cable tells only what happens while it stands. */
  function reload() {
    inbox.reload();
    loadAgents();
    if (!state.thread) return;
    state.thread.load();
    fetchConversation(state.thread.state.key).catch(() => {});
  }

  async function loadAgents() {
    const page = await api.get(`${path}/agents`).catch(() => null);
    if (page) state.agents = page.items;
    changed.tell();
  }

  function hear({ type, data }) {
    if (type === "conversation_part") hearPart(data);
    if (type === "conversations:update_state") hearConversation(data);
    if (type === "conversations:typing") hearTyping(data);
  }

  function hearPart(part) {
    const key = part.conversation_key;
    if (state.thread?.state.key === key) state.thread.hear(part);
    if (conversations.get(key)) conversations.heardOf(key, part);
    else
      fetchConversation(key).then(
        () => conversations.heardOf(key, part),
        () => {},
      );
    inbox.heardOf(key);
  }

  function hearConversation(conversation) {
    conversations.put(conversation);
    inbox.heardOf(conversation.key);
  }

  function hearTyping({ conversation_key, conversation, key, author, is_typing }) {
    const who = author ?? { id: "", name: "Somebody" };
    if (state.thread?.state.key !== (conversation_key ?? conversation ?? key) || who.id === myId || is_typing === false)
      return;
    noteTyping(state.thread, who);
  }

  /** Open a conversation, or none. */
  function open(key) {
    if (state.thread?.state.key === key) return;
    state.thread = key ? createThread({ api, path, key, myId }) : null;
    state.thread?.load();
    if (key && !conversations.get(key))
      fetchConversation(key).catch((error) => state.thread && (state.thread.state.error = error.message));
    changed.tell();
  }

  /** Change a conversation with a verb of the API and take the answer over. */
  async function act(key, verb, body) {
    try {
      conversations.put(await api.post(`${path}/conversations/${encodeURIComponent(key)}/${verb}`, body));
    } catch (error) {
      fetchConversation(key).catch(() => {});
      throw error;
    }
  }

  const cable = openCable({
    appKey: me.app_key,
    token,
    onMessage: hear,
    onLive: reload,
    onState(connection) {
      state.connection = connection;
      changed.tell();
      if (connection === "ended") onSignedOut();
    },
  });
  inbox.reload();
  loadAgents();

  return {
    me,
    state,
    inbox,
    conversations,
    seen,
    open,
    act,
    listen: changed.listen,
    contact: (id) => api.get(`${path}/app_users/${encodeURIComponent(id)}`),
    upload: (file, onProgress) => api.upload(`${path}/media`, file, onProgress),
    tellTyping: (key) => api.post(`${path}/conversations/${encodeURIComponent(key)}/typing`).catch(() => {}),
    close: () => cable.end(),
  };
}
