"""The media store: a file is whole and there, or it is not there at all."""

import os
import time
from pathlib import Path

import pytest

from chaskiq_core.errors import InvalidError, NotFoundError, SettingsError, UnavailableError
from chaskiq_core.media.file_store import DRAFT_SECONDS, FileStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(f"file://{tmp_path}")


def files_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def test_what_was_kept_can_be_opened_and_removed(store: FileStore, tmp_path: Path) -> None:
    async with store.draft(max_bytes=100) as draft:
        for chunk in (b"one ", b"two"):
            await draft.write(chunk)
        key = (await store.keep(draft, "a.txt")).key

    async with store.open(key) as file:
        assert file.read() == b"one two"
    await store.remove(key)
    await store.remove(key)
    with pytest.raises(NotFoundError):
        store.path_of(key)
    assert files_in(tmp_path) == []


async def test_a_draft_that_was_not_kept_leaves_nothing(store: FileStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidError):
        async with store.draft(max_bytes=3) as draft:
            await draft.write(b"abcd")

    assert files_in(tmp_path) == []


@pytest.mark.parametrize("key", ["", "..", "../secret", "a/b", "drafts", "x" * 100, "ü" * 20])
async def test_a_key_is_no_path(store: FileStore, tmp_path: Path, key: str) -> None:
    (tmp_path.parent / "secret").write_text("secret")

    with pytest.raises(NotFoundError):
        store.path_of(key)


async def test_drafts_of_a_killed_process_go_and_young_ones_stay(store: FileStore, tmp_path: Path) -> None:
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    (drafts / "old").write_text("old")
    (drafts / "young").write_text("young")
    long_ago = time.time() - DRAFT_SECONDS - 60
    os.utime(drafts / "old", (long_ago, long_ago))

    await store.tidy()

    assert files_in(tmp_path) == [b"young"]


async def test_a_folder_that_can_t_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(UnavailableError, match="CHASKIQ_MEDIA_URL"):
        async with FileStore(f"file://{tmp_path / 'file'}").draft(max_bytes=1):
            pytest.fail("there is no draft")


@pytest.mark.parametrize("url", ["s3://bucket", "file://", "/tmp/media", ""])
def test_a_store_that_is_not_known_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="CHASKIQ_MEDIA_URL"):
        FileStore(url)
