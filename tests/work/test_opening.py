"""Opening a house: what stops it half-way lets go of all that was opened before."""

from pathlib import Path

import pytest

from chaskiq_core import Chaskiq, load_settings
from chaskiq_core.media.file_store import FileStore
from tests.harness.databases import new_sqlite
from tests.harness.house import SECRET_KEY
from tests.harness.redis_server import RedisServer

pytestmark = pytest.mark.anyio


class BrokenDisk(Exception):
    """The media folder can't be read."""


async def test_a_house_that_could_not_be_opened_holds_nothing(
    tmp_path: Path, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(
        database_url=new_sqlite(tmp_path).url,
        redis_url=redis.url,
        media_url=f"file://{tmp_path / 'media'}",
        secret_key=SECRET_KEY,
        _env_file=None,
    )

    async def fails(files: FileStore) -> None:
        raise BrokenDisk

    with monkeypatch.context() as broken:
        broken.setattr(FileStore, "tidy", fails)
        with pytest.raises(BrokenDisk):
            await Chaskiq(settings).open()

    async with Chaskiq(settings) as chaskiq:
        assert chaskiq.store.epoch
