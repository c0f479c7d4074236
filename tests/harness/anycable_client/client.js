// Subscribes with AnyCable's own client and writes what happens to it, a line of JSON each; the line `cut` ends the
// connection without a word, as a lost network does.
//
//     node client.js CABLE_URL IDENTIFIER_AS_JSON
import { createInterface } from "node:readline"
import { createCable } from "@anycable/core"
import ws from "ws"

const say = (event, data) => process.stdout.write(JSON.stringify({ event, data: data ?? null }) + "\n")
const [url, identifier] = process.argv.slice(2)
const { channel: name, ...params } = JSON.parse(identifier)

// What a browser needs none of.
const options = { websocketImplementation: ws, reconnectStrategy: () => 50 }

const cable = createCable(url, { protocol: "actioncable-v1-ext-json", ...options })
const channel = cable.subscribeTo(name, params)
channel.on("message", (message) => say("received", message))
channel.on("info", (info) => say(info.type)) // history_received or history_not_found
channel.on("connect", () => say("connected"))
channel.on("close", () => say("rejected"))

const lines = createInterface({ input: process.stdin })
lines.on("line", () => cable.transport.ws.terminate())
lines.on("close", () => process.exit(0))
