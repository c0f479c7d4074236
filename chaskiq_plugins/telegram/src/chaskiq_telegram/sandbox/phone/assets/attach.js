// What can be attached: files, and what is asked for in a form.

import { openForm, openMenu } from "./menus.js";

const SOMEWHERE = { latitude: 59.43696, longitude: 24.75353 };
const MENU_HEIGHT = 300;

/** The menu above this button; `choose(accept, asDocument)` picks files, `send(body)` sends the rest. */
export function openAttach(button, choose, send) {
  const at = button.getBoundingClientRect();
  const items = [
    { label: "Photo or video", icon: "photo", act: () => choose("image/*,video/*", false) },
    { label: "File", icon: "file", act: () => choose("", true) },
    { label: "Location", icon: "place", act: () => askLocation(send) },
    { label: "Contact", icon: "person", act: () => askContact(send) },
    { label: "Poll", icon: "poll", act: () => askPoll(send) },
    { label: "Dice", icon: "dice", act: () => send({ dice: "🎲" }) },
  ];
  openMenu(at.left, at.top - MENU_HEIGHT, items, { opener: button });
}

/** What a button of the bot's reply keyboard sends. */
export function bodyOf(button) {
  if (button.request_contact) return { contact: { first_name: "Me", phone_number: "+3725550100" } };
  return button.request_location ? { location: SOMEWHERE } : { text: button.text };
}

function askLocation(send) {
  const fields = {
    latitude: { label: "Latitude", type: "number", value: String(SOMEWHERE.latitude) },
    longitude: { label: "Longitude", type: "number", value: String(SOMEWHERE.longitude) },
  };
  openForm("Location", fields, ({ latitude, longitude }) => {
    send({ location: { latitude: Number(latitude), longitude: Number(longitude) } });
  });
}

function askContact(send) {
  const fields = { first_name: { label: "Name" }, phone_number: { label: "Phone number", type: "tel" } };
  openForm("Contact", fields, (contact) => send({ contact }));
}

function askPoll(send) {
  const fields = { question: { label: "Question" }, options: { label: "Answers, with commas between" } };
  openForm("Poll", fields, ({ question, options }) => {
    const given = options.split(",").map((option) => option.trim());
    send({ poll: { question, options: given.filter(Boolean) } });
  });
}
