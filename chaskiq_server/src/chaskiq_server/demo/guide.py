"""What is printed while the demo runs: where everything is, and how to talk to it by hand."""

from chaskiq_server.demo.running import BOT_TOKEN, EMAIL, Demo

CUSTOMER = 1001


def guide(demo: Demo) -> str:
    """The text, ready to be copied from."""
    return f"""
The demo runs; Ctrl-C stops it, and the next run goes on where this one ended.

  agents      {demo.url}/#token={demo.kept.token}
  customers   {demo.url}/phone
  API docs    {demo.url}/docs
  Telegram    {demo.telegram_url} (the sandbox)

Open the first two beside each other and talk with yourself.

Or use another terminal, with the customer's Telegram, the App, and the token of its agent {EMAIL}:

  BOT={demo.telegram_url}/sandbox/bots/{BOT_TOKEN}
  API={demo.url}/api/v1/apps/{demo.kept.app_key}
  TOKEN={demo.kept.token}
  JSON='Content-Type: application/json'

Write as a customer; a bot answers, and a rule assigns the conversation to the agent:

  curl -s $BOT/messages -H "$JSON" -d '{{"from": {{"id": {CUSTOMER}, "first_name": "Maya"}}, "text": "Where is it?"}}'

See the conversation, as the agent, and reply; KEY is its "key":

  curl -s $API/conversations -H "Authorization: Bearer $TOKEN"
  curl -s $API/conversations/KEY/parts -H "Authorization: Bearer $TOKEN" -H "$JSON" -d '{{"text": "On its way."}}'

See what the customer sees:

  curl -s $BOT/chats/{CUSTOMER}/messages
"""
