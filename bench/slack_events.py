"""What Slack would post to an app of the bench's own, signed as it signs."""

import hashlib
import hmac
import time

from bench.updates import CHATS, TEXT

SIGNING_SECRET = "the-signing-secret-of-the-bench-s-own-app"
BOT_TOKEN = "xoxb-the-token-of-the-bench-s-own-app"
TEAM = "T0BENCH01"
APP = "A0BENCH01"


def posted(number: int) -> tuple[bytes, dict[str, str]]:
    """The message of that number, round robin over the chats, and its headers; good for five minutes."""
    body = slack_event(number)
    now = str(int(time.time()))
    signature = hmac.new(SIGNING_SECRET.encode(), b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
    return body, {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": f"v0={signature}"}


def slack_event(number: int) -> bytes:
    """An event of the Events API: somebody writes to the app in a direct message."""
    person, chat = f"U{1_111_111 + number % CHATS}", f"D{1_111_111 + number % CHATS}"
    at = f"1441645532.{number % 1_000_000:06}"
    return (
        f'{{"token":"unused","team_id":"{TEAM}","api_app_id":"{APP}","type":"event_callback",'
        f'"event":{{"type":"message","user":"{person}","ts":"{at}","client_msg_id":"message-{number}",'
        f'"team":"{TEAM}","channel":"{chat}","event_ts":"{at}","channel_type":"im","text":"{TEXT}"}},'
        f'"event_id":"Ev{number:09}","event_time":1441645532,'
        f'"authorizations":[{{"enterprise_id":null,"team_id":"{TEAM}","user_id":"U0BENCH01","is_bot":true,'
        '"is_enterprise_install":false}],"is_ext_shared_channel":false}'
    ).encode()
