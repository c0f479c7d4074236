"""What a sound file is, by its first bytes, and how long an Ogg one lasts."""

from typing import BinaryIO

OPUS_RATE = 48_000  # Opus counts its samples at this rate, whatever it was recorded at
TAIL_BYTES = 65_536  # an Ogg page is never longer


def sound_type(head: bytes) -> str | None:
    """The MIME type of a sound that is no MP4; None if it is no sound."""
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    if head.startswith(b"fLaC"):
        return "audio/flac"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "audio/x-wav"
    return None


def is_opus(head: bytes) -> bool:
    return head.startswith(b"OggS") and b"OpusHead" in head[:128]


def opus_seconds(file: BinaryIO, size: int) -> int:
    """The length that the last page states; 0 if there is none."""
    file.seek(max(0, size - TAIL_BYTES))
    tail = file.read(TAIL_BYTES)
    at = tail.rfind(b"OggS")
    if at < 0 or at + 14 > len(tail):
        return 0
    samples = int.from_bytes(tail[at + 6 : at + 14], "little", signed=True)
    return max(0, samples) // OPUS_RATE
