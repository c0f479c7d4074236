"""What Block Kit blocks and old attachments say, as mrkdwn: for a message whose own text is empty."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from chaskiq_core.plugin import JsonObject
from chaskiq_slack.escape import escape
from chaskiq_slack.fields import count_at, id_at, object_at, objects_at, text_at

MAX_BLOCKS = 100
"""Slack's own limits are 50 blocks and 100 attachments."""
MAX_ELEMENTS = 500


def words_of_blocks(blocks: list[JsonObject]) -> str:
    """The blocks' words, a line or more each."""
    return "\n".join(line for block in blocks[:MAX_BLOCKS] for line in _block(block) if line.strip())


def words_of_attachments(attachments: list[JsonObject]) -> str:
    """What attachments of other apps say."""
    return "\n\n".join(words for one in attachments[:MAX_BLOCKS] if (words := _attachment(one)))


def _attachment(attachment: JsonObject) -> str:
    said = [text_at(attachment, name) for name in ("pretext", "author_name", "title", "text")]
    said += [
        ": ".join(filter(None, (text_at(one, "title"), text_at(one, "value"))))
        for one in objects_at(attachment, "fields")[:MAX_BLOCKS]
    ]
    said.append(words_of_blocks(objects_at(attachment, "blocks")))
    words = "\n".join(line for line in said if line.strip())
    return words or text_at(attachment, "fallback") or text_at(attachment, "image_url")


def _block(block: JsonObject) -> Iterator[str]:
    match text_at(block, "type"):
        case "rich_text":
            for element in objects_at(block, "elements")[:MAX_ELEMENTS]:
                yield from _rich(element)
        case "section" | "header":
            yield _text(object_at(block, "text"))
            for one in objects_at(block, "fields")[:MAX_BLOCKS]:
                yield _text(one)
        case "context":
            yield " ".join(filter(None, map(_element, objects_at(block, "elements")[:MAX_ELEMENTS])))
        case "image" | "video":
            yield _text(object_at(block, "title")) or escape(text_at(block, "alt_text"))
        case "markdown":
            yield escape(text_at(block, "text"))


def _element(element: JsonObject) -> str:
    return escape(text_at(element, "alt_text")) if text_at(element, "type") == "image" else _text(element)


def _text(text: JsonObject) -> str:
    """A text object: mrkdwn is escaped already, plain text is not."""
    said = text_at(text, "text")
    return escape(said) if text_at(text, "type") == "plain_text" else said


def _rich(element: JsonObject) -> Iterator[str]:
    inside = objects_at(element, "elements")[:MAX_ELEMENTS]
    match text_at(element, "type"):
        case "rich_text_list":
            yield from ("• " + " ".join(_rich(one)) for one in inside)
        case "rich_text_quote":
            yield from ("&gt; " + line for line in _inline(inside).split("\n"))
        case "rich_text_preformatted":
            yield f"```\n{_inline(inside)}\n```"
        case _:
            yield _inline(inside)


def _inline(elements: Iterable[JsonObject]) -> str:
    return "".join(map(_one, elements))


def _one(element: JsonObject) -> str:
    match text_at(element, "type"):
        case "text":
            return escape(text_at(element, "text"))
        case "link":
            url, label = escape(text_at(element, "url")), escape(text_at(element, "text"))
            return f"<{url}|{label}>" if label else f"<{url}>"
        case "user":
            return f"<@{id_at(element, 'user_id')}>"
        case "channel":
            return f"<#{id_at(element, 'channel_id')}>"
        case "usergroup":
            return f"<!subteam^{id_at(element, 'usergroup_id')}>"
        case "broadcast":
            return f"<!{id_at(element, 'range')}>"
        case "emoji":
            return f":{id_at(element, 'name')}:"
        case "date":
            return escape(text_at(element, "fallback")) or _date(element)
        case "color":
            return escape(text_at(element, "value"))
    return ""


def _date(element: JsonObject) -> str:
    seconds = count_at(element, "timestamp")
    try:
        return datetime.fromtimestamp(seconds or 0, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, OSError, ValueError):
        return ""
