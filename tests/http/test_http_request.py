"""Requests as values: what is shown of them, and what never is."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.errors import ConfigError, UsageError
from curta.http import HTTPRequest, Timeouts, _is_loopback, stream

SECRET = "sk-very-secret"


@pytest.mark.parametrize(
    "name", ["Authorization", "x-api-key", "api-key", "X-Goog-Api-Key", "Cookie", "Proxy-Authorization", "X-Auth-Token"]
)
def test_secrets_in_headers_are_never_shown(name: str) -> None:
    request = HTTPRequest("POST", "https://a.example/", {name: SECRET, "accept": "text/plain"})
    assert request.shown_headers() == {name: "****", "accept": "text/plain"}
    assert SECRET not in repr(request)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/v1?key=sk-very-secret&x=1", "https://a.example/v1?key=****&x=1"),
        ("https://me:sk-very-secret@a.example:8080/v1", "https://a.example:8080/v1"),
        ("https://a.example/v1", "https://a.example/v1"),
    ],
)
def test_secrets_in_urls_are_never_shown(url: str, shown: str) -> None:
    assert HTTPRequest("GET", url).shown_url() == shown
    assert SECRET not in repr(HTTPRequest("GET", url))


def test_a_body_is_shown_by_its_length_only() -> None:
    assert repr(HTTPRequest("POST", "http://x/", body=b"private")).endswith("body of 7 bytes)")


@given(st.text())
def test_any_text_as_a_url_has_a_shown_form(text: str) -> None:
    assert isinstance(HTTPRequest("GET", text).shown_url(), str)


@pytest.mark.parametrize(
    "url", ["", "a.example", "ftp://a.example/", "file:///etc/passwd", "http://", "http://\ud800/"]
)
def test_what_is_no_web_address_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError), stream(HTTPRequest("GET", url)):
        pass


@pytest.mark.parametrize("value", ["sk-\u2019quoted", "sk-1\nx-forged: 1", "sk-\x00"])
def test_a_key_http_cannot_carry_is_named_but_not_shown(value: str) -> None:
    request = HTTPRequest("GET", "http://127.0.0.1:9/", {"authorization": f"Bearer {value}"})
    with pytest.raises(ConfigError) as caught, stream(request):
        pass
    assert "authorization" in str(caught.value)
    assert "sk-" not in str(caught.value)


def test_timeouts_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Timeouts.configured() == Timeouts(connect=10, read=120)
    assert Timeouts.configured(whole=True) == Timeouts(connect=10, read=600)
    monkeypatch.setenv("CURTA_TIMEOUT", "600")
    monkeypatch.setenv("CURTA_CONNECT_TIMEOUT", "2.5")
    assert Timeouts.configured() == Timeouts(connect=2.5, read=600)


@pytest.mark.parametrize("value", ["soon", "-1", "0", "nan", "inf"])
def test_a_timeout_that_is_no_number_of_seconds_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURTA_TIMEOUT", value)
    with pytest.raises(ConfigError, match="CURTA_TIMEOUT"):
        Timeouts.configured()


def test_the_network_is_not_loaded_before_a_request_is_sent() -> None:
    code = "import sys, curta.models.exchange, curta.models.wires.openai_chat; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    costly = {"httpx2", "asyncio", "ssl", "socket", "urllib.request", "email", "random", "difflib", "base64", "http"}
    assert costly & set(loaded) == set()


@pytest.mark.parametrize("host", ["localhost", "api.localhost", "127.0.0.1", "127.1.2.3", "::1", "0.0.0.0"])
def test_this_computer_is_known_by_its_names(host: str) -> None:
    assert _is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example", "10.0.0.1", "a.example", "", "127.0.0.1.example"])
def test_other_hosts_are_not_this_computer(host: str) -> None:
    assert not _is_loopback(host)
