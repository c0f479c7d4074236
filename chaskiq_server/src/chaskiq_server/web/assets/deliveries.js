// How far a part got on its way out, and what an agent can do about it.
import { el } from "./dom.js";
import { attempt } from "./toasts.js";

const STATES = {
  queued: ["◷", "Queued"],
  sending: ["◷", "Sending"],
  sent: ["✓", "Sent"],
  delivered: ["✓✓", "Delivered"],
  read: ["✓✓", "Read"],
  failed: ["!", "Failed"],
  cancelled: ["–", "Cancelled"],
  unknown: ["?", "Unknown"],
};

/** The small sign of each delivery. */
export function ticks(deliveries) {
  return deliveries.map((one) => tick(one.state, deliveries.length > 1 ? one.provider : ""));
}

/** The sign of one state; `via` is a provider to name. */
export function tick(state, via = "") {
  const [mark, word] = Object.hasOwn(STATES, state) ? STATES[state] : ["?", state];
  const label = via ? `${word} (${via})` : word;
  return el("span", { class: `tick ${state}`, role: "img", "aria-label": label, title: label }, mark);
}

/** The sentences and buttons of deliveries that somebody must decide about. */
export function troubles(part, thread) {
  return part.deliveries.map((delivery) => trouble(part, delivery, thread)).filter(Boolean);
}

function trouble(part, delivery, thread) {
  const retry = (name) => button(name, () => thread.retryDelivery(part, delivery));
  switch (delivery.state) {
    case "failed":
      return line("Not delivered: ", delivery.error?.message ?? "no reason was given", retry("Retry"));
    case "cancelled":
      return line("Not sent", delivery.error ? `: ${delivery.error.message}` : ".", retry("Retry"));
    case "unknown":
      return line(
        "Nobody knows whether it arrived",
        delivery.error ? `: ${delivery.error.message}` : ".",
        retry("Send again"),
        button("It arrived", () => thread.confirmDelivery(part, delivery)),
      );
    default:
      return null;
  }
}

function line(start, reason, ...buttons) {
  return el("div", { class: "trouble" }, el("span", {}, start, reason), buttons);
}

function button(name, act) {
  const one = el("button", { type: "button", class: "small", onclick: press, "data-focus": name }, name);
  async function press() {
    one.disabled = true;
    await attempt(act);
    one.disabled = false;
  }
  return one;
}
