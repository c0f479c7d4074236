// A person's chat: shows what is there, waits for more, sends what is written.
const chat = "/sandbox/people/1001/messages";
const list = document.getElementById("messages");
const form = document.getElementById("form");
const text = document.getElementById("text");

function show(messages) {
  list.replaceChildren(
    ...messages.map((message) => {
      const line = document.createElement("li");
      line.textContent = `${message.direction === "in" ? "you" : "they"}: ${message.text}`;
      return line;
    }),
  );
  return messages.length;
}

async function follow() {
  for (let known = 0; ; ) {
    const answer = await fetch(`${chat}?wait=30&known=${known}`);
    known = show((await answer.json()).messages);
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await fetch(chat, { method: "POST", body: JSON.stringify({ name: "Maya", text: text.value }) });
  text.value = "";
});
follow();
