"""A webhook's body as JSON: the quick decoder and the standard library's say the same, and what only one takes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core.errors import UnreadableError
from chaskiq_core.plugin import WebhookRequest

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(body=st.dictionaries(TEXTS, VALUES, max_size=5), ascii_only=st.booleans())
def test_any_object_is_read_as_the_standard_library_reads_it(body: dict[str, object], ascii_only: bool) -> None:
    text = json.dumps(body, ensure_ascii=ascii_only)

    read = WebhookRequest(body=text.encode()).json()

    assert read == json.loads(text)
    assert json.dumps(read) == json.dumps(json.loads(text))  # 1 and 1.0 are equal, and not the same


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'{"a":1e999}', {"a": float("inf")}),
        (b'{"a":123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a":"x\\ud800y"}', {"a": "x\ufffdy"}),
        (b'{"a\\ude00":["\\u0000"]}', {"a\ufffd": ["\ufffd"]}),
        (b'{"a":"\\\\u0000"}', {"a": "\\u0000"}),
    ],
)
def test_what_is_rare_is_read_all_the_same(body: bytes, read: object) -> None:
    assert WebhookRequest(body=body).json() == read


@pytest.mark.parametrize(
    "body",
    [
        b"", b"x", b"[]", b"1", b"{}x", b"\xef\xbb\xbf{}", b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":01}', b'{"a":1,}',
        b'{"a":"\xff"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\x01"}', b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":' + b"[" * 66 + b"]" * 66 + b"}", b'{"a":' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        WebhookRequest(body=body).json()
