"""Files go both ways, within their limits; what does not fit becomes something simpler, and is never lost."""

import struct
import zlib
from collections.abc import Callable, Mapping

from chaskiq_core.store.call import utc_now
from chaskiq_core.testing.conformance.checks.outbound import SENT, conversation_of
from chaskiq_core.testing.conformance.desk import Desk, until
from chaskiq_core.testing.conformance.driver import MAYA, Shown
from chaskiq_core.testing.conformance.kit import Kit, rule
from chaskiq_core.testing.conformance.tiers import ExcusedError, Tier

LARGEST_TRIED = 17_000_000


class FileRules(Kit):
    """Of files."""

    @rule("files.in", Tier.SILVER, "a file that a person sends is there, byte for byte")
    async def test_a_file_comes_in(self) -> None:
        if "fetch_media" not in self.manifest.offers:
            self.saw("files of people", "dropped")
            raise ExcusedError("the manifest does not declare fetch_media")
        content = png(20, 30)
        async with self.at_desk() as desk:
            await desk.driver.write(MAYA, "See the photo")
            conversation = await desk.conversation_with("See the photo")
            await desk.driver.send_file(MAYA, "photo.png", content)

            async def ready() -> bool:
                return [file["state"] for file in await _attached(desk, conversation.key)] == ["ready"]

            await until(ready, what="the file")
            [file] = await _attached(desk, conversation.key)
            assert _bytes_of(desk, file) == content, "other bytes arrived"
            self.saw("files of people", "full")

    @rule("files.out", Tier.SILVER, "a file of each declared type goes out as one; without any, its address does")
    async def test_files_go_out(self) -> None:
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            declared = self.manifest.capabilities.media
            for type_ in self._types():
                content = SAMPLES[type_]()
                [shown] = await _sent_file(desk, key, f"sample.{EXTENSIONS[type_]}", content)
                assert [file.type for file in shown.files] == [type_], f"{type_} is shown as {shown.files}"
                self.saw(type_, f"full, up to {declared[type_].max_bytes:,} bytes")
            if not declared:
                [shown] = await _sent_file(desk, key, "photo.png", png(20, 30))
                assert "photo.png: http" in shown.text, f"neither file nor address: {shown.text!r}"
                self.saw("files", "fallback: an address")

    def _types(self) -> list[str]:
        """The declared types that an agent can upload."""
        return [type_ for type_ in SAMPLES if type_ in self.manifest.capabilities.media]

    @rule("files.beyond", Tier.GOLD, "a file over its limit goes out as something simpler")
    async def test_a_file_over_its_limit(self) -> None:
        sizes = {name: one.max_bytes for name, one in self.manifest.capabilities.media.items() if name == "image"}
        sizes = sizes or {name: self.manifest.capabilities.media[name].max_bytes for name in self._types()}
        small = min(sizes.values(), default=LARGEST_TRIED)
        if small >= LARGEST_TRIED:
            raise ExcusedError("no limit is small enough to be tried")
        type_ = next(name for name, size in sizes.items() if size == small)
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            content = SAMPLES[type_]()
            shown = await _sent_file(desk, key, f"large.{EXTENSIONS[type_]}", content + bytes(small + 1 - len(content)))
            assert shown, "nothing arrived"
            assert [file.type for one in shown for file in one.files] != [type_], "it went out over its limit"
            as_file = any(one.files for one in shown)
            assert as_file or any("://" in one.text for one in shown), "neither a file nor an address"
            self.saw(f"{type_} over its limit", "as a file" if as_file else "as an address")

    @rule("files.album", Tier.GOLD, "an album has as many files as declared, and the rest is another one")
    async def test_albums(self) -> None:
        album = self.manifest.capabilities.album
        together = [types for types in (album.together if album else ()) if "image" in types]
        if album is None or not together:
            self.saw("albums", "dropped")
            raise ExcusedError("the manifest declares no album of images")
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            ids = [await desk.upload(f"{n}.png", png(10 + n, 10)) for n in range(album.max_items + 1)]
            part = await desk.reply(key, "", attachments=tuple(ids))
            delivery = await desk.delivery(key, part.key)
            assert delivery.state in SENT, f"{delivery.state}: {delivery.error}"
            files = [file for one in await desk.driver.shown(MAYA) for file in one.files]
            assert len(files) == len(ids), f"{len(ids)} files left and {len(files)} arrived"
            self.saw("albums", f"full, up to {album.max_items}")

    @rule("files.caption", Tier.GOLD, "text beside a file arrives with it or before it, whole")
    async def test_text_beside_a_file(self) -> None:
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            media = await desk.upload("photo.png", png(20, 30))
            part = await desk.reply(key, "Here it is", attachments=(media,))
            delivery = await desk.delivery(key, part.key)
            assert delivery.state in SENT, f"{delivery.state}: {delivery.error}"
            shown = await desk.driver.shown(MAYA)
            assert any("Here it is" in one.text for one in shown), "the text is missing"
            with_it = any(one.files and "Here it is" in one.text for one in shown)
            declared = self.manifest.capabilities.caption is not None and bool(self.manifest.capabilities.media)
            assert with_it == declared, "a caption is declared and was not seen, or the other way round"
            self.saw("caption", "full" if with_it else "fallback: a message of its own")


def png(width: int, height: int) -> bytes:
    """A small grey picture, whole enough for whoever looks into it."""
    rows = b"".join(b"\x00" + bytes([128]) * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def pdf() -> bytes:
    """What begins and ends as a PDF."""
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def mp4() -> bytes:
    """What begins as a film."""
    return struct.pack(">I", 24) + b"ftypisom\x00\x00\x02\x00isomiso2" + struct.pack(">I", 8) + b"mdat"


def mp3() -> bytes:
    """A sound with its tag and one silent frame."""
    return b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + bytes(413)


SAMPLES: Mapping[str, Callable[[], bytes]] = {"image": lambda: png(20, 30), "video": mp4, "audio": mp3, "file": pdf}
"""What an agent can upload; a voice message is recorded, not uploaded."""
EXTENSIONS = {"image": "png", "video": "mp4", "audio": "mp3", "file": "pdf"}


async def _sent_file(desk: Desk, key: str, filename: str, content: bytes) -> list[Shown]:
    """What Maya is shown beyond what she was shown before."""
    before = len(await desk.driver.shown(MAYA))
    part = await desk.reply(key, "", attachments=(await desk.upload(filename, content),))
    delivery = await desk.delivery(key, part.key)
    assert delivery.state in SENT, f"{filename} is {delivery.state}: {delivery.error}"
    return list(await desk.driver.shown(MAYA))[before:]


def _bytes_of(desk: Desk, file: Mapping[str, object]) -> bytes:
    signed = str(file["url"]).rsplit("/", 1)[1]
    key = desk.chaskiq.media_links.key_of(desk.app_key, signed, now=utc_now())
    return desk.chaskiq.files.path_of(key).read_bytes()


async def _attached(desk: Desk, key: str) -> list[dict[str, object]]:
    return [dict(file) for part in await desk.parts(key) for file in part.attachments]
