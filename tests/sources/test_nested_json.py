"""JSON as `json` reads it, at any depth."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.sources.nested import _Reader, loads

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.text(), below),
    max_leaves=20,
)


@given(_VALUES, st.sampled_from([None, 1]))
def test_the_reader_reads_what_json_writes(value: object, indent: int | None) -> None:
    assert _Reader(json.dumps(value, indent=indent)).read() == value


@given(st.text(st.sampled_from('[]{},:"1a\\ -.tn'), max_size=12))
def test_the_reader_refuses_what_json_refuses(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - the message is the reader's own
            _Reader(text).read()
    else:
        assert _Reader(text).read() == expected


def test_a_hundred_thousand_levels() -> None:
    value = loads('[{"a":' * 50_000 + "1" + "}]" * 50_000)
    for _ in range(50_000):
        value = value[0]["a"]
    assert value == 1


def test_a_deep_text_that_breaks_off_is_not_json() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        loads("[" * 100_000)
