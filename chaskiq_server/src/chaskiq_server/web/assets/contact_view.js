// Who the contact is, where they write, and who looks after them.
import { avatar } from "./avatar.js";
import { el, fill } from "./dom.js";
import { attempt } from "./toasts.js";

/** The panel beside a conversation: its element, `toggle` for narrow screens, and `close`. */
export function contactView(desk, key) {
  const root = el("aside", {
    class: "panel",
    "aria-label": "Contact",
    onkeydown: (event) => event.key === "Escape" && root.classList.remove("open"),
  });
  let contact = null;
  let asked = null;
  let shown = [];

  async function load(id) {
    asked = id;
    contact = await desk.contact(id).catch(() => null);
    show();
  }

  function show() {
    const conversation = desk.conversations.get(key);
    if (!conversation) return;
    const person = conversation.main_participant;
    if (asked !== person.id) load(person.id);
    const deps = [conversation, contact, desk.state.agents];
    if (deps.every((one, n) => one === shown[n])) return;
    shown = deps;
    fill(
      root,
      el(
        "button",
        { type: "button", class: "icon contact-close", "aria-label": "Close contact details", onclick: toggle },
        "×",
      ),
      el(
        "div",
        { class: "contact-head" },
        avatar(person, { size: "large" }),
        el("h3", {}, person.name),
        el("span", { class: "chip" }, person.kind),
      ),
      assignee(conversation, desk),
      el("dl", {}, facts(person, contact)),
      el("h4", {}, "Channels"),
      conversation.channels.length
        ? conversation.channels.map(channel)
        : el("p", { class: "quiet" }, "None: replies stay here."),
    );
  }

  function toggle() {
    root.classList.toggle("open");
  }

  const unlisten = [desk.conversations.listen(show), desk.listen(show)];
  show();
  return { root, toggle, close: () => unlisten.forEach((stop) => stop()) };
}

function assignee(conversation, desk) {
  const current = conversation.assignee?.id ?? "";
  const agents = desk.state.agents.filter((one) => one.id === current || (one.kind === "agent" && !one.disabled));
  const select = el(
    "select",
    { id: "assignee", "data-focus": "assignee", onchange: choose },
    el("option", { value: "" }, "Nobody"),
    agents.map((one) =>
      el(
        "option",
        { value: one.id, selected: one.id === current },
        one.id === desk.me.agent.id ? `${one.name} (me)` : one.name,
      ),
    ),
  );
  async function choose() {
    const body = { agent_id: select.value || null, expected_assignee_id: current || null };
    if (!(await attempt(() => desk.act(conversation.key, "assign", body)))) select.value = current;
  }
  return el("div", { class: "assignee" }, el("label", { for: "assignee" }, "Assignee"), select);
}

function facts(person, contact) {
  const known = { "E-mail": person.email, Phone: contact?.phone, ...contact?.properties };
  const rows = Object.entries(known).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return rows.length
    ? rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))])
    : el("dd", { class: "quiet" }, "No e-mail or phone is known.");
}

function channel({ provider, provider_channel_id, can_send }) {
  return el(
    "p",
    { class: "channel" },
    el("span", { class: "chip" }, provider),
    " ",
    el("span", {}, provider_channel_id),
    !can_send.free_form && el("small", { class: "error" }, can_send.reason ?? "can't send now"),
  );
}
