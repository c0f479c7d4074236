"""Our signature is the one that oauthlib makes. It is not used outside of tests: at DEBUG it logs what it signs."""

import pytest
from oauthlib.oauth1 import Client

from chaskiq_x.manifest import MANIFEST, XSettings
from chaskiq_x.oauth import authorization

SETTINGS = XSettings.model_validate(MANIFEST.example_settings)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.x.com/2/users/me",
        "https://API.x.com/2/dm_conversations/with/17/messages?b=2&a=%20x&a=1+2",
        "http://127.0.0.1:8081/media/7",
    ],
)
def test_the_signature_is_oauthlib_s(url: str) -> None:
    known = Client(
        SETTINGS.consumer_key,
        SETTINGS.consumer_secret,
        SETTINGS.access_token,
        SETTINGS.access_token_secret,
        nonce="n-1",
        timestamp="1790000000",
    )
    _, headers, _ = known.sign(url, http_method="POST")
    ours = authorization(SETTINGS, "POST", url, nonce="n-1", timestamp="1790000000")["authorization"]

    assert _fields(ours) == _fields(headers["Authorization"])


def _fields(header: str) -> set[str]:
    return set(header.removeprefix("OAuth ").split(", "))
