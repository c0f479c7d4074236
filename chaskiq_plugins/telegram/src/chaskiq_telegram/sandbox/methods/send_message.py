"""sendMessage: the text, by parse mode or given entities, within Telegram's limits."""

from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.methods.call import Answer, Call
from chaskiq_telegram.sandbox.methods.chats import open_chat
from chaskiq_telegram.sandbox.methods.sending import send
from chaskiq_telegram.sandbox.methods.texts import TEXT, read_formatted, show_formatted


def send_message(call: Call) -> Answer:
    """Send a text."""
    if not call.parameters.text("text"):
        raise bad_request("message text is empty")
    formatted = read_formatted(call.parameters, TEXT)
    if not formatted.text:
        raise bad_request("text must be non-empty")
    open_chat(call)  # Telegram looks for the chat before it measures the text
    return send(call, show_formatted(call.sandbox.state, formatted, TEXT))
