"""What an MP4 tells of itself: how long it is, how large its picture, whether it has sound."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

CONTAINERS = frozenset({b"moov", b"trak", b"mdia"})
MAX_BOXES = 500  # a file that has more tells nothing


@dataclass(slots=True)
class Film:
    """An MP4's boxes, as far as they are understood."""

    brand: str = ""  # such as isom, or "M4A "
    width: int = 0  # 0: no picture
    height: int = 0
    duration_seconds: int = 0
    has_sound: bool = False


def read_film(file: BinaryIO, size: int) -> Film | None:
    """What the MP4 says; None if the file is none."""
    file.seek(0)
    head = file.read(12)
    if len(head) < 12 or head[4:8] != b"ftyp":
        return None
    film = Film(brand=head[8:12].decode("ascii", "replace"))
    left = MAX_BOXES
    for kind, start, length in _boxes(file, 0, size):
        left -= 1
        if left < 0:
            break
        if kind in (b"mvhd", b"tkhd", b"hdlr"):
            file.seek(start)
            _read_box(film, kind, file.read(min(length, 120)))
    return film


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Every box with the place and length of its body, those inside containers too."""
    at = start
    while at + 8 <= end:
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            return
        length, kind = struct.unpack(">I4s", header[:8])
        body = at + 8
        if length == 1 and len(header) == 16:
            length, body = struct.unpack(">Q", header[8:])[0], at + 16
        elif length == 0:  # up to the end of the file
            length = end - at
        if length < body - at or at + length > end:
            return
        yield kind, body, at + length - body
        if kind in CONTAINERS:
            yield from _boxes(file, body, at + length)
        at += length


def _read_box(film: Film, kind: bytes, body: bytes) -> None:
    is_long = body[:1] == b"\x01"
    if kind == b"hdlr":
        film.has_sound = film.has_sound or body[8:12] == b"soun"
    elif kind == b"mvhd":
        place = 20 if is_long else 12
        form = ">IQ" if is_long else ">II"
        if len(body) >= place + struct.calcsize(form):
            scale, duration = struct.unpack_from(form, body, place)
            film.duration_seconds = duration // scale if scale else 0
    else:
        place = 88 if is_long else 76
        if len(body) >= place + 8:
            width, height = struct.unpack_from(">II", body, place)
            film.width, film.height = max(film.width, width >> 16), max(film.height, height >> 16)
