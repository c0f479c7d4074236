"""sendPhoto, sendVideo and all the others that send one file, with a caption where the kind can have one."""

from functools import partial

from chaskiq_core.testing.sandbox import JsonObject
from chaskiq_telegram.sandbox.files.media import shown_media
from chaskiq_telegram.sandbox.methods.call import Answer, Call, Method
from chaskiq_telegram.sandbox.methods.chats import open_chat
from chaskiq_telegram.sandbox.methods.given_files import given_file, read_hints
from chaskiq_telegram.sandbox.methods.sending import send
from chaskiq_telegram.sandbox.methods.texts import CAPTION, read_formatted, show_formatted

CAPTIONED = frozenset({"photo", "video", "animation", "audio", "voice", "document"})


def send_file(kind: str, call: Call) -> Answer:
    """Send a file as this kind."""
    caption = read_formatted(call.parameters, CAPTION) if kind in CAPTIONED else None
    open_chat(call)
    content: JsonObject = {}
    if caption:
        content = show_formatted(call.sandbox.state, caption, CAPTION)
        for flag in ("show_caption_above_media", "has_spoiler"):
            if call.parameters.flag(flag):
                content["has_media_spoiler" if flag == "has_spoiler" else flag] = True
    file = given_file(
        call,
        call.parameters.values.get(kind),
        kind,
        read_hints(call, call.parameters),
        part=kind,
        is_plain=call.parameters.flag("disable_content_type_detection"),
    )
    return send(call, shown_media(file) | content)


FILE_METHODS: dict[str, Method] = {
    "sendPhoto": partial(send_file, "photo"),
    "sendVideo": partial(send_file, "video"),
    "sendAnimation": partial(send_file, "animation"),
    "sendAudio": partial(send_file, "audio"),
    "sendVoice": partial(send_file, "voice"),
    "sendVideoNote": partial(send_file, "video_note"),
    "sendDocument": partial(send_file, "document"),
    "sendSticker": partial(send_file, "sticker"),
}
