"""When to try again, and how long to wait: one pure function for sync and async code."""

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.http import ATTEMPTS, LONGEST_DELAY, Retry, next_delay, retry_after

REQUEST = httpx2.Request("GET", "https://a.example/")


def longest() -> float:
    return 1.0


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_again(status: int) -> None:
    assert next_delay(1, status, {}, longest) == 0.5


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 413, 422, 501])
def test_what_will_not_pass_is_not_tried_again(status: int) -> None:
    assert next_delay(1, status, {}, longest) is None


def test_the_delay_doubles_up_to_a_cap() -> None:
    assert [next_delay(n, 500, {}, longest) for n in range(1, ATTEMPTS + 1)] == [0.5, 1, 2, 4, None]


@given(st.integers(1, ATTEMPTS - 1), st.floats(0, 1, exclude_max=True))
def test_jitter_is_full(attempt: int, random: float) -> None:
    delay = next_delay(attempt, 503, {}, lambda: random)
    assert delay is not None
    assert 0 <= delay <= min(LONGEST_DELAY, 0.5 * 2**attempt)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "0", "retry-after": "7"}, 0),
        ({"retry-after": "Sun, 22 Nov 2026 02:00:30 GMT", "date": "Sun, 22 Nov 2026 02:00:00 GMT"}, 30),
        ({"retry-after": "Sun, 22 Nov 2026 01:00:00 GMT", "date": "Sun, 22 Nov 2026 02:00:00 GMT"}, 0),
        ({"retry-after": "Fri, 01 Jan 1999 00:00:00 GMT"}, 0),
        ({"retry-after": "when the cows come home"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_the_host_says_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds
    if seconds is not None:
        assert next_delay(1, 429, headers, longest) == seconds


@given(st.text(), st.text())
def test_any_header_is_survived(after: str, now: str) -> None:
    assert retry_after({"retry-after": after, "date": now}) is None or retry_after({"retry-after": after}) != -1


def test_nobody_waits_longer_than_a_minute() -> None:
    assert next_delay(1, 429, {"retry-after": "60"}, longest) == 60
    assert next_delay(1, 429, {"retry-after": "61"}, longest) is None


def test_the_host_may_overrule_its_own_status() -> None:
    assert next_delay(1, 429, {"x-should-retry": "false"}, longest) is None
    assert next_delay(1, 400, {"x-should-retry": "true"}, longest) == 0.5


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (httpx2.ConnectError("refused"), True),
        (httpx2.ConnectTimeout("slow"), True),
        (httpx2.ReadError("reset"), True),
        (httpx2.RemoteProtocolError("disconnected"), True),
        (httpx2.ReadTimeout("the answer may be under way, and paid for"), False),
        (httpx2.ProxyError("no"), False),
        (ValueError("not of the net"), False),
    ],
)
def test_errors_of_the_net_are_tried_again_where_that_is_safe(error: Exception, again: bool) -> None:
    if isinstance(error, httpx2.RequestError):
        error.request = REQUEST
    assert (next_delay(1, error, {}, longest) is not None) is again


def test_a_retry_says_what_a_face_needs() -> None:
    assert str(Retry(3.0, "429", 2)) == "waiting 3 s (429), attempt 2 of 5"
