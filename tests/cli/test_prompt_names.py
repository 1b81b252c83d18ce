"""Models by part of their name or by address, files with their type, instructions to read, a log elsewhere."""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from curta.errors import UnknownModel, UsageError
from curta.models import addresses, registry
from curta.models.listing import matching
from tests.cli.conftest import Curta

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(16)


def test_a_model_is_found_by_part_of_its_name(added: Curta) -> None:
    assert added("-q", "HEL", "say hi").out.strip() == "Hello, wörld! 👋🏽"
    assert matching(["err", "500"]) == "error-500"
    done = added("-q", "no-such", "hi")
    assert (done.code, "'no-such'" in done.err) == (2, True)


def test_of_several_models_the_shortest_name_is_taken() -> None:
    for name in ("dog", "dog-large"):
        registry.add(name, url="http://127.0.0.1:9/v1", model=name)
    assert matching(["dog"]) == "dog"
    with pytest.raises(UnknownModel, match="'dog' and 'tiny'"):
        matching(["dog", "tiny"])


def test_a_server_is_named_by_its_address_and_logged_like_any_model(curta: Curta, openai_server) -> None:  # type: ignore[no-untyped-def]
    assert curta("-m", f"{openai_server.url}#hello", "hi").code == 0
    assert curta("--endpoint", openai_server.url, "-m", "hello", "hi").code == 0
    logged = curta("logs", "--json").json
    assert [call["model"] for call in logged] == [f"{openai_server.url}#hello"] * 2
    assert not [1 for request in openai_server.requests if "authorization" in request.headers]


def test_a_server_with_several_models_says_which(curta: Curta, openai_server) -> None:  # type: ignore[no-untyped-def]
    done = curta("--endpoint", openai_server.url, "hi")
    assert (done.code, "hello" in done.err) == (2, True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "ftp://x", "127.0.0.1:8080"])
def test_what_is_no_server_is_named(url: str) -> None:
    with pytest.raises((UsageError, UnknownModel)):
        addresses.at_address(url)


def test_a_password_in_an_address_would_be_logged_and_is_refused(curta: Curta) -> None:
    done = curta("-m", "http://ann:hunter2@127.0.0.1:9/v1#m", "hi")
    assert (done.code, "hunter2" not in done.err) == (2, True)
    with pytest.raises(UsageError, match="is a server, not a model"):
        registry.find("http://127.0.0.1:9/v1")


def test_options_lists_the_options_of_the_model_and_asks_nothing(added: Curta, openai_server) -> None:  # type: ignore[no-untyped-def]
    done = added("--options", "-m", "hello")
    assert "-o temperature float" in done.out
    assert not openai_server.requests


def test_a_file_whose_kind_cannot_be_told_is_sent_with_its_type(added: Curta, openai_server, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "blob").write_bytes(b"who knows")
    assert added("-m", "hello", "-a", "blob", "What?").code == 2
    assert added("-m", "hello", "--at", "blob", "image/png", "What?").code == 0
    image = openai_server.requests[-1].body["messages"][0]["content"][1]["image_url"]["url"]
    assert image.startswith("data:image/png;base64,")
    assert b64decode(image.partition(",")[2]) == b"who knows"


def test_a_picture_can_be_piped_in(added: Curta, openai_server) -> None:  # type: ignore[no-untyped-def]
    for flags in (("-a", "-"), ("--at", "-", "image/png")):
        assert added("-m", "hello", *flags, "What?", stdin=PICTURE).code == 0
        content = openai_server.requests[-1].body["messages"][0]["content"]
        assert [part["type"] for part in content] == ["text", "image_url"]


def test_instructions_can_be_read(added: Curta, openai_server, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "style.txt").write_text("Write in verse.")
    assert added("-m", "hello", "--sf", "style.txt", "-s", "Be brief.", "hi").code == 0
    told = openai_server.requests[-1].body["messages"][0]
    assert told["role"] == "system"
    assert told["content"].index("Write in verse.") < told["content"].index("Be brief.")
    logged = added("logs", "--json").json[0]
    assert (logged["system"], logged["documents"][0]["uri"]) == ("Be brief.", "style.txt")
    assert added("-c", "--sf", "style.txt", "-s", "Be brief.", "more", "-m", "hello").code == 0
    roles = [message["role"] for message in openai_server.requests[-1].body["messages"]]
    assert roles == ["system", "user", "assistant", "user"]


def test_a_log_elsewhere(added: Curta, tmp_path: Path) -> None:
    assert added("-m", "hello", "-d", "other.db", "hi").code == 0
    assert added("logs", "--json").json == []
    assert len(added("logs", "-d", "other.db", "--json").json) == 1
    assert added("-m", "echo", "-d", "other.db", "-c", "more").out.startswith("user: hi")


def test_what_llm_users_type_is_taken(added: Curta, openai_server) -> None:  # type: ignore[no-untyped-def]
    done = added(
        *(
            "prompt",
            "--model",
            "hello",
            "--async",
            "--no-stream",
            "--option",
            "seed",
            "3",
            "--system",
            "Be brief.",
            "hi",
        )
    )
    assert done.code == 0
    sent = openai_server.requests[-1].body
    assert (sent["seed"], sent["messages"][0]["content"]) == (3, "Be brief.")
    assert json.loads(added("logs", "--json").out)[0]["options"] == {"seed": 3}
