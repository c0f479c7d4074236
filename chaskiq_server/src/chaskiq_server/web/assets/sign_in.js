import { el } from "./dom.js";

/** The form that asks for a token; `onToken` is tried with it, and what it raises is said. */
export function signIn({ sentence, onToken, token = "" }) {
  const field = el("input", {
    id: "token",
    name: "token",
    type: "password",
    value: token,
    autocomplete: "current-password",
    required: true,
    spellcheck: "false",
  });
  const stay = el("input", { type: "checkbox", id: "stay" });
  const button = el("button", { class: "primary" }, "Sign in");
  const error = el("p", { class: "error", role: "alert" }, sentence);

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    error.textContent = "";
    try {
      await onToken(field.value.trim(), { stay: stay.checked });
    } catch (problem) {
      error.textContent = problem.status === 401 ? "This token is not valid, or no longer." : problem.message;
    } finally {
      button.disabled = false;
    }
  }

  queueMicrotask(() => field.focus());
  return el(
    "main",
    { class: "sign-in" },
    el(
      "form",
      { class: "sign-in-form", onsubmit: submit },
      el("img", { src: "/assets/icon.svg", alt: "", width: 48, height: 48 }),
      el("h1", {}, "Chaskiq"),
      el("p", { class: "quiet" }, "Sign in with the bearer token that your administrator gave you."),
      el("label", { for: "token" }, "Token"),
      field,
      el("label", { class: "check" }, stay, "Keep me signed in"),
      button,
      error,
    ),
  );
}
