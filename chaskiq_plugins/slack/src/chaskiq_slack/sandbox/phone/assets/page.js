// A person in the workspace: shows the channel's messages, writes, answers in threads, presses buttons.
const place = (id) => document.getElementById(id)
const LIVE = "live:"
let thread = ""
let known = ""

async function ask(path, options = {}) {
  const answer = await fetch(`/sandbox${path}`, options)
  const told = await answer.json()
  place("state").textContent = answer.ok ? "" : told.error
  return told
}

const send = (path, body, method = "POST") =>
  ask(path, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } })

const where = () => {
  const chosen = place("channel").value
  const named = { user: place("user").value.trim() || "U0MAYA" }
  return chosen === LIVE ? named : { ...named, channel: chosen }
}

async function listChannels() {
  const { channels } = await ask("/channels")
  const options = [[LIVE, "a direct message to the app"]]
  for (const one of channels) if (!one.is_im) options.push([one.id, `#${one.name}`])
  place("channel").replaceChildren(...options.map(([value, text]) => new Option(text, value)))
}

function element(name, text, className = "") {
  const made = document.createElement(name)
  made.textContent = text
  made.className = className
  return made
}

function button(text, act) {
  const made = element("button", text)
  made.type = "button"
  made.addEventListener("click", act)
  return made
}

function wordsOf(message) {
  const blocks = (message.blocks ?? []).map((block) => block.text?.text).filter(Boolean)
  const text = blocks.length ? blocks.join("\n") : (message.text ?? "")
  const plain = blocks.length && message.blocks[0].text.type === "plain_text" ? text : text
    .replace(/<[@#!]([^>|]*)\|?([^>]*)>/g, (_, id, label) => `@${label || id}`)
    .replace(/<([^>|]*)\|?([^>]*)>/g, (_, url, label) => (label ? `${label} (${url})` : url))
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")
  return plain + (message.files ?? []).map((file) => `\n📎 ${file.name} (${file.size} bytes)`).join("")
}

function shown(message, channel) {
  const made = element("article", "", message.thread_ts && message.thread_ts !== message.ts ? "reply" : "")
  const acts = element("div", "", "acts")
  made.append(element("b", message.bot_profile?.name ?? message.user), element("small", message.edited ? "edited" : ""))
  made.append(element("div", wordsOf(message)))
  for (const block of message.blocks ?? [])
    for (const one of block.elements ?? [])
      if (one.type === "button")
        acts.append(button(one.text.text, () => send("/presses", { ...where(), channel, ts: message.ts, action_id: one.action_id })))
  acts.append(button("answer in a thread", () => {
    thread = message.thread_ts || message.ts
    place("thread").hidden = false
    place("text").focus()
  }))
  made.append(acts)
  return made
}

async function watch() {
  for (;;) {
    try {
      const { channel, messages } = await ask(`/messages?${new URLSearchParams(where())}`)
      const now = JSON.stringify(messages)
      if (now !== known) {
        known = now
        place("messages").replaceChildren(...messages.map((one) => shown(one, channel)))
        place("messages").scrollTop = place("messages").scrollHeight
      }
    } catch {
      place("state").textContent = "the sandbox is away"
    }
    await new Promise((done) => setTimeout(done, 700))
  }
}

place("composer").addEventListener("submit", async (event) => {
  event.preventDefault()
  const body = { ...where(), text: place("text").value, ...(thread ? { thread_ts: thread } : {}) }
  const files = [...place("file").files]
  if (!body.text && !files.length) return
  if (files.length) {
    const form = new FormData()
    form.set("message", JSON.stringify(body))
    for (const file of files) form.append("file", file)
    await ask("/messages", { method: "POST", body: form })
  } else await send("/messages", body)
  place("composer").reset()
})
place("thread").addEventListener("click", () => {
  thread = ""
  place("thread").hidden = true
})

await listChannels()
watch()
