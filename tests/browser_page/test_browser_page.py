"""The same model file answers in the browser as in the engine, and no request leaves this computer."""

import http.client
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import curta
from curta.engine.files.held import ModelFile
from tests.servers.quiet import QuietServer

QUESTIONS = ["Eva lost a red kite in Oslo. Where is Eva?", "Ben has a blue drum in Rome. What does Ben have?"]
SCHEMA = {
    "type": "object",
    "properties": {"name": {"enum": ["Eva", "Ben"]}, "place": {"enum": ["Oslo", "Rome"]}},
    "required": ["name", "place"],
    "additionalProperties": False,
}


def ask(page: Any, words: str) -> str:
    """Type `words`; the whole answer, when it has ended."""
    before = page.locator(".figures").count()
    page.fill("#words", words)
    page.keyboard.press("Enter")
    page.locator(".figures").nth(before).wait_for()
    return str(page.locator(".said.assistant").last.inner_text())


def trouble(page: Any) -> str:
    """What went wrong, as the page says it."""
    page.locator("#error:visible").wait_for()
    return str(page.locator("#error").inner_text())


def test_the_answers_are_those_of_the_engine(loaded: Any, tiny_held: ModelFile) -> None:
    talk = curta.conversation("tiny")
    for question in QUESTIONS:
        assert ask(loaded, question) == talk.prompt(question, options={"temperature": 0}).text() != ""


def test_nothing_is_asked_of_any_other_host(loaded: Any, address: str) -> None:
    ask(loaded, QUESTIONS[0])
    assert {what for what in loaded.noticed if not what.startswith((address, f"blob:{address}"))} == set()
    assert f"{address}wllama/wllama.wasm" in loaded.noticed


def test_the_policy_of_the_page_lets_nothing_out(page: Any, address: str) -> None:
    heard: list[str] = []
    page.goto(address)

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)

    with QuietServer(Ear) as elsewhere:
        failed = page.evaluate(
            """async (url) => {
                const ends = (done) => Object.assign(new Image(), { onload: done, onerror: done, src: url });
                const image = new Promise(ends);
                const sent = await fetch(url, { mode: "no-cors" }).catch(() => "refused");
                await image;
                return sent;
            }""",
            f"{elsewhere.address}/told",
        )
    assert (failed, heard) == ("refused", [])


def test_a_file_is_chosen_from_the_disk_after_one_that_is_no_model(
    page: Any, address: str, tiny_gguf: Path, tmp_path: Path
) -> None:
    page.goto(address)
    (tmp_path / "letter.gguf").write_text("Dear reader")
    page.set_input_files("#file", tmp_path / "letter.gguf")
    assert "letter.gguf is no GGUF file." in trouble(page)
    page.set_input_files("#file", tiny_gguf)
    page.locator("#words:enabled").wait_for()
    assert not page.locator("#error").is_visible()
    assert "tiny.gguf · 877 kB · context of 2048 tokens" in page.locator("#status").inner_text()
    assert ask(page, QUESTIONS[0])
    assert not any("models/" in url for url in page.noticed)


@pytest.mark.parametrize("kept", [100, 5_000, 400_000, -1])
def test_a_file_whose_end_is_missing_is_named(
    page: Any, address: str, tiny_gguf: Path, tmp_path: Path, kept: int
) -> None:
    page.goto(address)
    (tmp_path / "half.gguf").write_bytes(tiny_gguf.read_bytes()[:kept])
    page.set_input_files("#file", tmp_path / "half.gguf")
    assert "half.gguf is not whole." in trouble(page)


def test_an_answer_follows_a_schema(loaded: Any) -> None:
    loaded.locator("summary").click()
    loaded.fill("#schema", json.dumps(SCHEMA))
    answer = json.loads(ask(loaded, QUESTIONS[0]))
    assert answer.keys() == {"name", "place"}
    assert answer["place"] in ("Oslo", "Rome")
    loaded.fill("#schema", "{")
    loaded.fill("#words", "again")
    loaded.locator("#send").click()
    assert "The schema is not valid JSON." in trouble(loaded)
    loaded.fill("#schema", "")
    loaded.locator("summary").click()


def test_an_answer_can_be_stopped_and_the_page_goes_on(loaded: Any) -> None:
    loaded.fill("#words", QUESTIONS[0])
    loaded.evaluate("""() => {
        document.getElementById("ask").requestSubmit();
        document.getElementById("stop").click();
    }""")
    loaded.locator(".figures").wait_for()
    assert "stopped" in loaded.locator(".figures").inner_text()
    assert ask(loaded, QUESTIONS[1])


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("http://127.0.0.1:9/x.gguf", "This page loads no model from elsewhere."),
        ("//evil.example/x.gguf", "This page loads no model from elsewhere."),
        ("nothing.gguf", "There is no model at /nothing.gguf."),
    ],
)
def test_a_model_comes_from_where_the_page_comes_from(page: Any, address: str, model: str, said: str) -> None:
    page.goto(f"{address}?model={model}")
    assert said in trouble(page)


# The server


def answer_to(site: ThreadingHTTPServer, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", site.server_address[1], timeout=30)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def test_the_page_and_nothing_else_is_served(site: ThreadingHTTPServer) -> None:
    assert answer_to(site, "/").status == 200
    for path in ("/serve.py", "/../serve.py", "/%2e%2e/%2e%2e/pyproject.toml", "/wllama/../serve.py", "/models/"):
        assert answer_to(site, path).status == 404


def test_a_page_of_the_net_that_took_our_address_gets_nothing(site: ThreadingHTTPServer) -> None:
    assert answer_to(site, "/", Host="evil.example").status == 403


def test_the_policy_is_that_of_the_page_itself(serve: ModuleType, site: ThreadingHTTPServer) -> None:
    response = answer_to(site, "/")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert policy.removesuffix("; frame-ancestors 'none'") in response.read().decode()


@pytest.mark.parametrize(
    ("npm", "why"),
    [('echo other > "$5/x.tgz"', "not the pinned one"), ("exit 1", "could not fetch"), ("", "not installed")],
)
def test_files_of_wllama_that_cannot_be_had_or_are_not_the_pinned_ones_are_not_kept(
    serve: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, npm: str, why: str
) -> None:
    (tmp_path / "bin").mkdir()
    if npm:
        (tmp_path / "bin/npm").write_text(f"#!/bin/sh\n{npm}\n")
        (tmp_path / "bin/npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(serve.VendorError, match=why):
        serve.vendored(tmp_path / "kept")
    assert list(tmp_path.glob("kept/*")) == []
