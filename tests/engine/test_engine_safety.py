"""The engine's own defaults would let any page of the web use a model and read prompts. Ours: one test each."""

import sys
from collections.abc import Iterator

import pytest

from curta.engine import process
from curta.engine.files.held import ModelFile
from curta.engine.process.state import Address

httpx2 = pytest.importorskip("httpx2")
pytest.importorskip("xllamacpp", reason="the engine")


@pytest.fixture(params=["socket", "port"])
def engine(
    request: pytest.FixtureRequest, tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Address, "httpx2.Client"]]:
    """The engine of the tiny model, and a client that sends nothing of its own."""
    if request.param == "port":
        monkeypatch.setenv("CURTA_ENGINE_PORT", "0")
    elif sys.platform == "win32":
        pytest.skip("has no Unix sockets")
    address = process.serve(tiny_held)
    transport = httpx2.HTTPTransport(uds=address.socket or None)
    with httpx2.Client(base_url=address.url.removesuffix("/v1"), transport=transport) as client:
        yield address, client


def keyed(address: Address) -> dict[str, str]:
    return {"authorization": f"Bearer {address.key}"}


def test_nothing_is_answered_without_the_key(engine: tuple[Address, "httpx2.Client"]) -> None:
    address, client = engine
    body = {"messages": [{"role": "user", "content": "Where is Ben?"}]}
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Bearer {address.key}x"}):
        for path in ("/v1/chat/completions", "/v1/completions", "/tokenize", "/apply-template", "/v1/messages"):
            assert client.post(path, json=body, headers=headers).status_code == 401
        for path in ("/v1/models", "/metrics", "/props", "/slots"):
            assert client.get(path, headers=headers).status_code == 401
    assert client.get("/v1/models", headers=keyed(address)).status_code == 200


def test_no_page_of_the_web_may_use_it(engine: tuple[Address, "httpx2.Client"]) -> None:
    address, client = engine
    for origin in ("https://evil.example", "http://127.0.0.1:8000", "http://localhost", "null"):
        asked = {"origin": origin, "access-control-request-method": "POST", "access-control-request-headers": "*"}
        answers = [
            client.get("/v1/models", headers={**keyed(address), "origin": origin}),
            client.options("/v1/chat/completions", headers=asked),
        ]
        for answer in answers:
            assert not answer.headers.get("access-control-allow-origin")
            assert answer.headers.get("access-control-allow-credentials", "false") == "false"


def test_it_shows_no_prompts_and_no_pages(engine: tuple[Address, "httpx2.Client"]) -> None:
    address, client = engine
    for path, status in (("/slots", 501), ("/", 404), ("/index.html", 404), ("/cors-proxy", 403), ("/tools", 403)):
        assert client.get(path, headers=keyed(address)).status_code == status


def test_what_it_counts_holds_no_words(engine: tuple[Address, "httpx2.Client"]) -> None:
    address, client = engine
    body = {"messages": [{"role": "user", "content": "a-word-of-the-prompt"}], "max_tokens": 4}
    assert client.post("/v1/chat/completions", json=body, headers=keyed(address)).status_code == 200
    for path in ("/metrics", "/props", "/v1/models"):
        assert "a-word-of-the-prompt" not in client.get(path, headers=keyed(address)).text
