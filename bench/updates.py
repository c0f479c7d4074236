"""What Telegram would post, and the tokens of the bench's own bot; no import, so that the load starts at once."""

LOOPBACK = "127.0.0.1"
WEBHOOK_PATH = "/webhook"
"""Where others than Chaskiq take updates."""
BOT_TOKEN = "42:the-token-of-the-bench-s-own-bot-00"
SECRET_HEADER = "x-telegram-bot-api-secret-token"
SECRET_TOKEN = "the-secret-of-the-bench-s-own-bot"
CHATS = 200
FIRST_CHAT = 1_111_111
TEXT = "Hello, I ordered two of them on Monday and only one has come. Can you look it up, please?"


def telegram_update(number: int, *, text: str = TEXT, chats: int = CHATS) -> bytes:
    """The message of that number, round robin over the chats."""
    chat = FIRST_CHAT + number % chats
    return (
        f'{{"update_id":{10_000 + number},"message":{{"message_id":{1365 + number},"date":1441645532,'
        f'"chat":{{"id":{chat},"type":"private","first_name":"Test","last_name":"Lastname",'
        f'"username":"Testusername"}},"from":{{"id":{chat},"is_bot":false,"first_name":"Test",'
        f'"last_name":"Lastname","username":"Testusername","language_code":"en"}},"text":"{text}"}}}}'
    ).encode()


def posted(number: int, *, text: str = TEXT, chats: int = CHATS) -> tuple[bytes, dict[str, str]]:
    """The message of that number, and the header that shows that Telegram sends it."""
    return telegram_update(number, text=text, chats=chats), {SECRET_HEADER: SECRET_TOKEN}
