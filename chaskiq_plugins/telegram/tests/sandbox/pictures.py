"""Small files of every kind, made by hand."""

import struct
import zlib

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"
GIF = b"GIF89a" + struct.pack("<HH", 12, 7) + b"\x00\x00\x00;"
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\x00" * 64
FLAC = b"fLaC" + b"\x00" * 60
WEBP = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\x00" * 4 + b"\xff\x01\x00\xff\x01\x00"


def png(width: int = 640, height: int = 480) -> bytes:
    """A whole picture, of one color."""
    rows = (b"\x00" + b"\x55\x99\xdd" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def jpeg(width: int, height: int) -> bytes:
    """The header of a picture."""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + b"\x00" * 9
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00" + b"\x00" * 9 + frame + b"\xff\xd9"


def mp4(width: int = 320, height: int = 180, seconds: int = 7, *, brand: bytes = b"isom") -> bytes:
    """A film's boxes without its pictures; no width, no picture."""
    movie = _box(b"mvhd", b"\x00" * 12 + struct.pack(">II", 1000, seconds * 1000) + b"\x00" * 80)
    track = _box(b"tkhd", b"\x00" * 76 + struct.pack(">II", width << 16, height << 16))
    sound = _box(b"hdlr", b"\x00" * 8 + b"soun" + b"\x00" * 12)
    tracks = _box(b"trak", track) + _box(b"trak", _box(b"mdia", sound))
    return _box(b"ftyp", brand + b"\x00" * 4) + _box(b"moov", movie + tracks)


def opus(seconds: int = 3) -> bytes:
    """A recording's first and last page."""
    first = b"OggS\x00\x02" + b"\x00" * 20 + b"\x01\x13OpusHead\x01" + b"\x00" * 10
    return first + b"OggS\x00\x04" + struct.pack("<q", seconds * 48_000) + b"\x00" * 13


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body
