// A webmail for the people who write to the business: the mailbox, one mail, one form. Texts only, never a mail's HTML.
const byId = (id) => document.getElementById(id);
const [address, list, reader, form, hint, back] = ["address", "list", "reader", "form", "hint", "back"].map(byId);
let mails = [];
let opened = null;
let answers = null;
let watching = 0;

function make(tag, text, properties = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  made.textContent = text ?? "";
  return made;
}

async function call(path, options = {}) {
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail || answer.error || `${response.status}`);
  return answer;
}

function tell(text) {
  hint.textContent = text;
}

function show(view) {
  list.hidden = view !== list;
  reader.hidden = view !== reader;
  form.hidden = view !== form;
  back.hidden = view === list;
}

function drawList() {
  list.replaceChildren(
    ...[...mails].reverse().map((mail) => {
      const item = make("li");
      const button = make("button", "", { type: "button" });
      button.className = mail.seen ? "" : "new";
      const who = mail.sent ? `to ${mail.headers.to}` : mail.headers.from;
      button.append(make("strong", mail.headers.subject || "(no subject)"), make("br"), make("small", who));
      button.addEventListener("click", () => read(mail));
      item.append(button);
      return item;
    }),
  );
  tell(mails.length ? "" : `No mails for ${address.value} yet. Write one.`);
}

async function read(mail) {
  opened = mail;
  if (!mail.seen) await call(`/sandbox/mails/${mail.uid}/seen`, { method: "POST" });
  mail.seen = true;
  const facts = make("dl");
  for (const name of ["from", "to", "cc", "reply-to", "date", "message-id", "in-reply-to", "references", "auto-submitted"]) {
    if (mail.headers[name]) facts.append(make("dt", name), make("dd", mail.headers[name]));
  }
  const files = mail.attachments.map((file) =>
    make("a", `${file.filename || "file"} (${file.size} bytes)`, { href: `/sandbox/mails/${mail.uid}/files/${file.n}` }),
  );
  const acts = make("p", "", { className: "acts" });
  const answer = make("button", "Answer", { type: "button" });
  answer.addEventListener("click", () => write(mail));
  const raw = make("a", "the mail as it came", { href: `/sandbox/mails/${mail.uid}/raw` });
  acts.append(answer, raw, ...files);
  reader.replaceChildren(make("h1", mail.headers.subject || "(no subject)"), make("pre", mail.text ?? mail.html), acts, facts);
  show(reader);
  drawList();
  tell("");
}

function write(mail) {
  answers = mail;
  form.reset();
  form.elements.to.value = mail ? mail.headers["reply-to"] || mail.headers.from : form.elements.to.value;
  form.elements.to.type = mail ? "text" : "email";
  form.elements.subject.value = mail ? "" : form.elements.subject.value;
  form.elements.subject.placeholder = mail ? `Re: ${mail.headers.subject || ""}` : "";
  show(form);
  form.elements[mail ? "text" : "to"].focus();
}

function asBase64(file) {
  return new Promise((resolve, reject) => {
    const reading = new FileReader();
    reading.onload = () => resolve(String(reading.result).split(",")[1] || "");
    reading.onerror = () => reject(reading.error);
    reading.readAsDataURL(file);
  });
}

async function send(event) {
  event.preventDefault();
  const fields = form.elements;
  const attachments = [];
  for (const file of fields.file.files) {
    attachments.push({ filename: file.name, mime: file.type, content: await asBase64(file) });
  }
  const mail = {
    from: address.value,
    to: fields.to.value,
    subject: fields.subject.value,
    text: fields.text.value,
    rewrites_references: fields.rewrites.checked,
    quotes: Boolean(answers),
    attachments,
    ...(answers ? { answers: answers.uid } : {}),
  };
  try {
    await call("/sandbox/mails", { method: "POST", body: JSON.stringify(mail) });
    show(list);
    tell("Sent.");
  } catch (error) {
    tell(String(error.message));
  }
}

async function watch() {
  const turn = ++watching;
  mails = [];
  drawList();
  show(list);
  localStorage.setItem("address", address.value);
  while (turn === watching && address.value.includes("@")) {
    const after = mails.at(-1)?.uid ?? 0;
    try {
      const found = await call(`/sandbox/mailboxes/${encodeURIComponent(address.value)}?after=${after}&wait=20`);
      if (turn !== watching) return;
      mails.push(...found.mails);
      if (found.mails.length) drawList();
    } catch (error) {
      tell(String(error.message));
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

async function begin() {
  const { mailboxes } = await call("/sandbox/mailboxes");
  byId("known").replaceChildren(...mailboxes.map((name) => make("option", "", { value: name })));
  const given = new URLSearchParams(location.search).get("address");
  address.value = given || localStorage.getItem("address") || "maya@home.example";
  await watch();
}

back.addEventListener("click", () => show(list));
byId("cancel").addEventListener("click", () => show(opened && answers ? reader : list));
byId("compose").addEventListener("click", () => write(null));
form.addEventListener("submit", send);
address.addEventListener("change", watch);
begin();
