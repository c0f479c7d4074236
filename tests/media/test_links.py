"""The addresses of files: bound to their App, their file and their time, under any of the house's keys."""

from datetime import UTC, datetime, timedelta

import pytest

from chaskiq_core.errors import NotFoundError
from chaskiq_core.media.links import MediaLinks
from chaskiq_core.secrets import Signer

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
OLD, NEW = "an old secret key, long enough for one", "a new secret key, long enough for one"


def links(*keys: str) -> MediaLinks:
    return MediaLinks(Signer(keys), "https://chat.example.org")


def signed(url: str) -> str:
    return url.rpartition("/")[2]


def test_an_address_opens_its_file_until_it_ends() -> None:
    url = links(NEW).url("app", "file", now=NOW, valid_for=timedelta(minutes=10))

    assert url.startswith("https://chat.example.org/api/v1/apps/app/media/file.")
    assert links(NEW).key_of("app", signed(url), now=NOW + timedelta(minutes=9)) == "file"
    with pytest.raises(NotFoundError):
        links(NEW).key_of("app", signed(url), now=NOW + timedelta(minutes=11))


def test_addresses_of_one_minute_are_the_same_so_that_a_browser_keeps_the_file() -> None:
    urls = {links(NEW).url("app", "file", now=NOW + timedelta(seconds=seconds)) for seconds in range(60)}

    assert len(urls) == 1


@pytest.mark.parametrize("app", ["other", "", "app "])
def test_an_address_is_of_one_app(app: str) -> None:
    url = links(NEW).url("app", "file", now=NOW)

    with pytest.raises(NotFoundError):
        links(NEW).key_of(app, signed(url), now=NOW)


def test_an_address_lives_through_a_rotation_and_dies_with_its_key() -> None:
    url = links(OLD).url("app", "file", now=NOW)

    assert links(NEW, OLD).key_of("app", signed(url), now=NOW) == "file"
    with pytest.raises(NotFoundError):
        links(NEW).key_of("app", signed(url), now=NOW)


@pytest.mark.parametrize("forged", ["", ".", "..", "file", "file.1", "file.1.", "file.x.y", "file.²²².y", "file.9" * 9])
def test_what_is_not_signed_opens_nothing(forged: str) -> None:
    with pytest.raises(NotFoundError):
        links(NEW).key_of("app", forged, now=NOW)
