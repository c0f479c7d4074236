"""What the first bytes of a picture tell: its type and its size in pixels. Pure."""

import struct
from dataclasses import dataclass

JPEG_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # the frames that state a size
JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xDA)})  # the markers that stand without a length


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture's header."""

    mime_type: str
    width: int
    height: int


def read_picture(head: bytes) -> Picture | None:
    """The picture that begins with these bytes; None if they begin none."""
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= 24:
        return _picture("image/png", struct.unpack(">II", head[16:24]))
    if head[:6] in (b"GIF87a", b"GIF89a") and len(head) >= 10:
        return _picture("image/gif", struct.unpack("<HH", head[6:10]))
    if head.startswith(b"BM") and len(head) >= 26:
        width, height = struct.unpack("<ii", head[18:26])
        return _picture("image/bmp", (width, abs(height)))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _webp(head)
    return _jpeg(head) if head.startswith(b"\xff\xd8\xff") else None


def _picture(mime_type: str, size: tuple[int, ...]) -> Picture | None:
    width, height = size
    return Picture(mime_type=mime_type, width=width, height=height) if width > 0 and height > 0 else None


def _webp(head: bytes) -> Picture | None:
    form = head[12:16]
    if form == b"VP8X" and len(head) >= 30:
        width = int.from_bytes(head[24:27], "little") + 1
        return _picture("image/webp", (width, int.from_bytes(head[27:30], "little") + 1))
    if form == b"VP8 " and len(head) >= 30:
        width, height = struct.unpack("<HH", head[26:30])
        return _picture("image/webp", (width & 0x3FFF, height & 0x3FFF))
    if form == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return _picture("image/webp", ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
    return None


def _jpeg(head: bytes) -> Picture | None:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker in JPEG_SIZES:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return _picture("image/jpeg", (width, height))
        if marker == 0xFF:  # padding
            at += 1
        elif marker in JPEG_ALONE:
            at += 2
        else:
            at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None
