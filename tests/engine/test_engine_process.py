"""An engine process is started once, shared, found again, ended when idle, and leaves nothing behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from curta import errors
from curta.engine import process, tokens
from curta.engine.files.held import ModelFile
from curta.engine.process import settings, starting, state
from curta.engine.process.state import Address
from curta.errors import UnknownModel
from curta.http import HTTPRequest, stream
from tests.engine.waiting import until

pytest.importorskip("xllamacpp", reason="the engine")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a person is told beside the result."""
    sentences: list[str] = []
    monkeypatch.setattr(errors, "tell", sentences.append)
    return sentences


def is_alive(file: ModelFile) -> bool:
    return state.is_alive(state.place(file, settings.configured()))


def answers(address: Address) -> bool:
    """Whether the engine is there and has its model: it counts the tokens of a text."""
    return tokens.of_text(address, "Where is Ben?") > 0


def left(home: Path) -> list[str]:
    """The files of engines, but for the lock of those who start one."""
    return sorted(path.name for path in (home / "engines").iterdir() if path.name != "start.lock")


def test_an_engine_is_started_once_and_found_again(tiny_held: ModelFile) -> None:
    first = process.serve(tiny_held)
    assert answers(first)
    assert process.serve(tiny_held) == first
    (running,) = process.running()
    assert running.address == first
    assert first.key not in json.dumps(running.to_dict()) + repr(running)


def test_of_several_who_want_it_at_once_one_starts_it(tiny_held: ModelFile) -> None:
    program = "from curta.engine import process as p; from curta.engine.files.held import find; "
    program += "print(p.serve(find('tiny')).process)"
    asking = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    found = {each.communicate(timeout=60)[0] for each in asking}
    assert len(found) == 1
    assert found == {f"{process.serve(tiny_held).process}\n"}


def test_other_settings_are_another_engine(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    first = process.serve(tiny_held)
    monkeypatch.setenv("CURTA_ENGINE_CONTEXT", "512")
    monkeypatch.setenv("CURTA_ENGINE_THREADS", "1")
    second = process.serve(tiny_held)
    assert (second.context, second.threads) == (512, 1)
    assert {each.address.process for each in process.running()} == {first.process, second.process}
    assert process.stop("tiny") == ["tiny", "tiny"]


def test_its_files_are_the_user_s_own_and_its_key_is_nowhere_else(tiny_held: ModelFile, home: Path) -> None:
    address = process.serve(tiny_held)
    (kept,) = (home / "engines").glob("*.json")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert (home / "engines").stat().st_mode & 0o777 == 0o700
    assert Path(address.socket).parent.stat().st_mode & 0o077 == 0
    assert address.key in kept.read_text()
    if sys.platform == "linux":
        seen = [Path(f"/proc/{address.process}/{what}").read_bytes() for what in ("cmdline", "environ")]
        assert not any(address.key.encode() in each for each in seen)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_is_told_no_keys_of_the_environment(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a-secret-of-the-user")
    address = process.serve(tiny_held)
    assert b"a-secret-of-the-user" not in Path(f"/proc/{address.process}/environ").read_bytes()


def test_an_engine_that_was_killed_is_noticed_and_started_anew(
    tiny_held: ModelFile, told: list[str], home: Path
) -> None:
    killed = process.serve(tiny_held)
    os.kill(killed.process, signal.SIGKILL)
    until(lambda: not is_alive(tiny_held))
    assert left(home), "the kill left its files"
    again = process.serve(tiny_held)
    assert again.process != killed.process
    assert answers(again)
    assert told == ["The engine of tiny ended unexpectedly."]


def test_what_a_killed_engine_left_is_no_running_one(tiny_held: ModelFile, told: list[str], home: Path) -> None:
    os.kill(process.serve(tiny_held).process, signal.SIGKILL)
    until(lambda: not is_alive(tiny_held))
    assert process.running() == []
    assert left(home) == []


def test_it_ends_when_nobody_asks(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("CURTA_ENGINE_IDLE", "0.1")
    address = process.serve(tiny_held)
    until(lambda: not is_alive(tiny_held) and not left(home))
    assert not Path(address.socket).exists()


def test_a_caller_who_wants_it_longer_keeps_it(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURTA_ENGINE_IDLE", "20")
    process.serve(tiny_held)
    monkeypatch.setenv("CURTA_ENGINE_IDLE", "2000")
    process.serve(tiny_held)
    monkeypatch.setenv("CURTA_ENGINE_IDLE", "20")
    process.serve(tiny_held)
    (running,) = process.running()
    assert running.until > time.time() + 1000


def test_it_stays_while_it_works(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that takes many times as long as the engine may be idle."""
    monkeypatch.setenv("CURTA_ENGINE_IDLE", "0.5")
    address, place = process.serve(tiny_held), state.place(tiny_held, settings.configured())
    assert state.keep_warm(place, 1000)
    asking = threading.Thread(target=ask_much, args=(address,))
    asking.start()
    until(lambda: b"requests_processing 0\n" not in asked(address, "GET", "/metrics"))
    os.utime(place.state, (0, 0))  # it has not been asked for a long time
    time.sleep(1)  # long enough for several looks at that
    assert is_alive(tiny_held)
    process.stop()
    asking.join()


def ask_much(address: Address) -> None:
    """More than the engine can answer in a test."""
    body = {"prompt": ["Eva lost a red kite."] * 2000, "max_tokens": 1900, "ignore_eos": True}
    with pytest.raises(errors.ModelError):
        asked(address, "POST", "/v1/completions", json.dumps(body).encode())


def asked(address: Address, method: str, path: str, body: bytes = b"") -> bytes:
    headers = {"authorization": f"Bearer {address.key}", "content-type": "application/json"}
    url = address.url.removesuffix("/v1") + path
    with stream(HTTPRequest(method, url, headers, body, socket=address.socket)) as reply:
        return b"".join(reply.chunks)


def test_ctrl_c_and_a_closed_terminal_leave_it_warm(tiny_held: ModelFile) -> None:
    address = process.serve(tiny_held)
    assert os.getsid(address.process) != os.getsid(0)
    os.kill(address.process, signal.SIGINT)
    os.kill(address.process, signal.SIGHUP)
    assert answers(address)
    assert process.serve(tiny_held) == address


def test_stop_ends_it_and_leaves_nothing(tiny_held: ModelFile, home: Path) -> None:
    process.serve(tiny_held)
    started = starting._started[-1]  # others may still be ending
    assert process.stop("tiny") == ["tiny"]
    assert started.wait(timeout=60) == 0
    assert left(home) == []
    assert process.stop() == []
    with pytest.raises(UnknownModel, match="No engine of 'tiny' is running"):
        process.stop("tiny")


def test_an_engine_whose_folder_is_gone_ends(tiny_held: ModelFile, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURTA_ENGINE_IDLE", "0.4")  # how often it looks depends on this
    process.serve(tiny_held)
    started = starting._started[-1]  # others may still be ending
    shutil.rmtree(home / "engines")
    assert started.wait(timeout=60) == 0


def test_a_port_on_loopback_instead_of_a_socket(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURTA_ENGINE_PORT", "0")
    address = process.serve(tiny_held)
    assert address.url.startswith("http://127.0.0.1:")
    assert not address.socket
    assert answers(address)


def test_a_port_that_is_taken_is_left_to_who_has_it(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("CURTA_ENGINE_PORT", str(port))
        address = process.serve(tiny_held)
        assert address.url.startswith("http://127.0.0.1:")
        assert f":{port}/" not in address.url
        assert answers(address)


def test_where_the_folder_s_path_is_too_long_for_a_socket(
    tiny_gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tiny.fixtures import held

    monkeypatch.setenv("CURTA_HOME", str(tmp_path / ("long" * 30)))
    address = process.serve(held("tiny", tiny_gguf))
    assert answers(address)
    folder = Path(address.socket).parent
    process.stop()
    assert not folder.exists()
