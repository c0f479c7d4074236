"""Looks into a file: what it is and how large, whatever its name says."""

from dataclasses import dataclass
from pathlib import Path

from chaskiq_telegram.sandbox.files.films import read_film
from chaskiq_telegram.sandbox.files.images import read_picture
from chaskiq_telegram.sandbox.files.sounds import is_opus, opus_seconds, sound_type

HEAD_BYTES = 262_144  # a JPEG may state its size behind a long preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is in a file; zeros where it doesn't say."""

    mime_type: str | None = None  # None: nothing that is known here
    width: int = 0
    height: int = 0
    duration_seconds: int = 0
    has_sound: bool = False
    is_voice: bool = False  # may be sent as a voice message: Opus in Ogg, MP3, M4A

    @property
    def is_image(self) -> bool:
        return bool(self.mime_type and self.mime_type.startswith("image/"))

    @property
    def is_sound(self) -> bool:
        return bool(self.mime_type and self.mime_type.startswith("audio/"))

    @property
    def is_video(self) -> bool:
        return self.mime_type == "video/mp4"


def look_at(path: Path) -> Look:
    """What the file at this path is."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if picture := read_picture(head):
            return Look(mime_type=picture.mime_type, width=picture.width, height=picture.height)
        if film := read_film(file, size):
            is_sound = film.brand.startswith("M4A") or (film.has_sound and not film.width)
            return Look(
                mime_type="audio/mp4" if is_sound else "video/mp4",
                width=film.width,
                height=film.height,
                duration_seconds=film.duration_seconds,
                has_sound=film.has_sound,
                is_voice=is_sound,
            )
        if sound := sound_type(head):
            return Look(
                mime_type=sound,
                duration_seconds=opus_seconds(file, size) if is_opus(head) else 0,
                has_sound=True,
                is_voice=is_opus(head) or sound == "audio/mpeg",
            )
    return Look(mime_type=_other_type(head))


def _other_type(head: bytes) -> str | None:
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    if head.startswith(b"\x1f\x8b"):
        return "application/gzip"
    return "application/pdf" if head.startswith(b"%PDF-") else None
