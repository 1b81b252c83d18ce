"""HTTP errors of providers: one class per next step, the provider's own sentence, never the key."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.errors import BadKey, ModelError, ProviderError, RateLimited, Refused, TimedOut, UnknownModel
from curta.models.wires.failures import LONGEST_SENTENCE, Source, failure

KEY = "sk-proj-0123456789abcdef"
SOURCE = Source("api.example", "gpt-x", KEY)


def told(status: int, body: Any, headers: dict[str, str] | None = None) -> ModelError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return failure(SOURCE, status, headers or {}, data)


def said(message: str, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": code}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, said("Bad temperature."), ProviderError, "options"),
        (400, said("Too long.", "context_length_exceeded"), ProviderError, "larger context window"),
        (400, said("Filtered.", "content_filter"), Refused, "for its content"),
        (401, said("Wrong."), BadKey, "curta keys set"),
        (402, said("Pay."), ProviderError, "credit"),
        (403, said("Region."), BadKey, "Region."),
        (404, said("No.", "model_not_found"), UnknownModel, "no model 'gpt-x'"),
        (404, {"detail": "Not Found"}, ProviderError, "/v1"),
        (408, said("Slow."), TimedOut, "took too long"),
        (413, b"", ProviderError, "too large"),
        (422, {"detail": [{"msg": "field required", "loc": ["body"]}]}, ProviderError, "field required"),
        (429, said("Slow down."), RateLimited, "in a minute"),
        (429, said("Broke.", "insufficient_quota"), RateLimited, "Add credit"),
        (500, b"<html><title>Bad gateway</title>", ProviderError, "A web page: Bad gateway"),
        (503, b"upstream connect error", ProviderError, "upstream connect error"),
        (504, b"", TimedOut, "took too long"),
    ],
)
def test_each_status_has_its_class_and_next_step(status: int, body: Any, kind: type, words: str) -> None:
    error = told(status, body)
    assert type(error) is kind
    assert words in str(error)
    assert "api.example" in error.what
    if isinstance(error, ProviderError):
        assert error.status == status


@pytest.mark.parametrize(
    "body",
    [
        {"error": "The sentence."},
        {"message": "The sentence."},
        {"detail": "The sentence."},
        [{"error": {"message": "The sentence."}}],
        {"error": {"message": {"message": "The sentence."}}},
        {"errors": ["The sentence."]},
    ],
)
def test_the_sentence_is_found_in_every_shape(body: Any) -> None:
    assert told(400, body).why == "The sentence."


@pytest.mark.parametrize(
    ("seconds", "words"), [("90", "in 90 seconds."), ("300", "in 5 minutes."), ("86400", "in 24 hours.")]
)
def test_a_limit_says_when_to_come_back(seconds: str, words: str) -> None:
    assert told(429, said("Slow down."), {"retry-after": seconds}).then.endswith(words)


def test_the_key_is_never_repeated() -> None:
    for text in (f"Incorrect API key provided: {KEY}.", f"key={KEY}", "Incorrect: sk-proj-****cdef."):
        error = str(told(401, said(text)))
        assert KEY not in error
        assert "cdef" not in error


def test_a_long_sentence_is_cut() -> None:
    assert len(told(400, said("x" * 100_000)).why) == LONGEST_SENTENCE


@given(
    st.integers(400, 599),
    st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")) | st.just(b"[" * 5000),
    st.text(),
)
def test_any_error_answer_has_a_clear_error(status: int, body: bytes, after: str) -> None:
    error = failure(SOURCE, status, {"retry-after": after}, body)
    assert "\n" not in error.what + error.why + error.then
    assert error.why == "" or error.why.isprintable()
