"""Bodies that no provider sends: junk, and genuine ones with something missing, wrong or huge."""

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy

from hypothesis import strategies as st

MAX_PLACES = 4000
ODD: tuple[object, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, "", " ", "x" * 5000, "\u0000", "🚲", "null", [], [None], {}, {"id": None},
    [[[]]], "2026-13-45T99:99:99Z", "١٢٣", -(2**63),
)  # fmt: skip
Place = tuple[str | int, ...]

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
junk = st.binary(max_size=200) | st.dictionaries(st.text(max_size=8), values, max_size=5).map(
    lambda body: json.dumps(body).encode()
)
"""Any bytes, and any JSON object."""


@st.composite
def mutated(draw: st.DrawFn, genuine: Sequence[bytes]) -> bytes:
    """A genuine body in which one to three places were taken away, doubled, or replaced."""
    body = draw(st.sampled_from(genuine))
    try:
        value: object = json.loads(body)
    except ValueError:
        return _cut(draw, body)
    for _ in range(draw(st.integers(1, 3))):
        value = _change(draw, value)
    return json.dumps(value).encode()


def _change(draw: st.DrawFn, value: object) -> object:
    places = list(_places(value))
    if not places:
        return value
    place = draw(st.sampled_from(places))
    changed = deepcopy(value)
    holder = changed
    for step in place[:-1]:
        holder = _inside(holder, step)
    last = place[-1]
    how = draw(st.sampled_from(("gone", "odd", "odd", "odd", "twice")))
    if isinstance(holder, dict):
        if how == "gone":
            del holder[last]
        else:
            holder[last] = draw(st.sampled_from(ODD)) if how == "odd" else [holder[last], holder[last]]
    elif isinstance(holder, list) and isinstance(last, int):
        if how == "gone":
            del holder[last]
        elif how == "odd":
            holder[last] = draw(st.sampled_from(ODD))
        else:
            holder.insert(last, deepcopy(holder[last]))
    return changed


def _inside(holder: object, step: str | int) -> object:
    if isinstance(holder, dict):
        return holder.get(step)
    return holder[step] if isinstance(holder, list) and isinstance(step, int) else None


def _places(value: object, place: Place = ()) -> Iterator[Place]:
    if place:
        yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in inside:
        yield from _places(inner, (*place, step))


def _cut(draw: st.DrawFn, body: bytes) -> bytes:
    """Of what isn't JSON: some bytes gone, doubled or replaced."""
    start = draw(st.integers(0, max(0, len(body) - 1)))
    end = draw(st.integers(start, min(len(body), start + 60)))
    middle = draw(st.sampled_from((b"", body[start:end] * 2, b"\x00\xff\xfe", b"\r\n\r\n", b"=?utf-8?B?!!!?=", b"%00")))
    return body[:start] + middle + body[end:]
