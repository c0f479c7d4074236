// Subscribes with Rails' own client and writes what happens to it, a line of JSON each, until its input ends.
//
//     node client.js CABLE_URL IDENTIFIER_AS_JSON
"use strict"

const ws = require("ws")
const { adapters, createConsumer } = require("@rails/actioncable")

// What the client expects of a browser.
adapters.WebSocket = ws
globalThis.document = { visibilityState: "visible" }
globalThis.addEventListener = () => {}
globalThis.removeEventListener = () => {}

const say = (event, data) => process.stdout.write(JSON.stringify({ event, data: data ?? null }) + "\n")
const [url, identifier] = process.argv.slice(2)

const consumer = createConsumer(url)
consumer.subscriptions.create(JSON.parse(identifier), {
  connected: () => say("connected"),
  disconnected: (data) => say("disconnected", data),
  rejected: () => say("rejected"),
  received: (data) => say("received", data),
})

process.stdin.on("end", () => process.exit(0)).resume()
