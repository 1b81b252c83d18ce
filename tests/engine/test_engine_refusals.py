"""What an engine cannot run is a sentence that says why and what to do, never a crash of ours."""

import signal
from pathlib import Path
from typing import Any

import pytest

from curta import memory
from curta.engine import process
from curta.engine.facts import FIXED, ModelFacts
from curta.engine.files.held import ModelFile
from curta.engine.process import package, plan, processor, settings, starting, state
from curta.errors import BadModelFile, ConfigError, EngineError, MissingExtra, UsageError
from curta.messages import sha256

pytest.importorskip("xllamacpp", reason="the engine")


def changed(file: ModelFile, folder: Path, old: bytes, new: bytes) -> ModelFile:
    """A copy of the model file in which these bytes are others."""
    data = file.path.read_bytes().replace(old, new)
    path = folder / "changed.gguf"
    path.write_bytes(data)
    return ModelFile("changed", path, sha256(data), len(data))


def package_that(crashes: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the engine's process import a package that does this."""
    (folder / "xllamacpp.py").write_text(f"import os, signal, sys\n{crashes}\n")
    monkeypatch.syspath_prepend(folder)


def test_an_architecture_it_does_not_know(tiny_held: ModelFile, tmp_path: Path) -> None:
    unknown = changed(tiny_held, tmp_path, b"llama", b"lemur")
    with pytest.raises(BadModelFile, match="does not know the architecture 'lemur' of changed") as caught:
        process.serve(unknown)
    assert "curta install -U 'curta[local]'" in caught.value.then


def test_a_file_that_lacks_what_the_engine_needs(tiny_held: ModelFile, tmp_path: Path) -> None:
    damaged = changed(tiny_held, tmp_path, b"llama.block_count", b"llama.block_skunk")
    with pytest.raises(EngineError, match="could not load changed") as caught:
        process.serve(damaged)
    assert "llama.block_count" in caught.value.why
    assert "curta models verify changed" in caught.value.then


def test_a_file_that_is_cut_off_never_reaches_the_engine(
    tiny_held: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "_process", lambda *_: pytest.fail("an engine was started"))
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny_held.path.read_bytes()[:100_000])
    with pytest.raises(BadModelFile, match="is cut off"):
        process.serve(ModelFile("cut", cut, sha256(b"cut"), 100_000))


@pytest.mark.parametrize(
    ("crash", "what", "why"),
    [
        ("os.kill(os.getpid(), signal.SIGILL)", "cannot run on this processor", "compiled for"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed while it loaded tiny (SIGSEGV)", ""),
        ("os.kill(os.getpid(), signal.SIGKILL)", "ended by the system", "memory ran out"),
        ("raise ImportError('libc.so.7: \\x1b[31mno such version')", "could not load tiny", "no such version"),
    ],
)
def test_a_crash_of_the_engine_is_a_sentence(
    tiny_held: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crash: str, what: str, why: str
) -> None:
    package_that(crash, tmp_path, monkeypatch)
    with pytest.raises(EngineError) as caught:
        process.serve(tiny_held)
    assert what in str(caught.value)
    assert why in caught.value.why
    assert "\x1b" not in str(caught.value)
    assert not process.running()


def test_ctrl_c_while_it_loads_ends_it(tiny_held: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package_that("import time; time.sleep(600)", tmp_path, monkeypatch)
    send = starting._send

    def sent(*arguments: Any) -> None:
        send(*arguments)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(starting, "_send", sent)
    with pytest.raises(KeyboardInterrupt):
        process.serve(tiny_held)
    assert starting._started[-1].poll() == -signal.SIGKILL


def test_a_model_that_does_not_fit_into_memory(
    tiny_held: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal: 64000 kB\nMemAvailable: 32000 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", told)
    monkeypatch.setattr(memory.sys, "platform", "linux")
    with pytest.raises(EngineError, match="tiny does not fit into memory") as caught:
        process.serve(tiny_held)
    assert "2,048 tokens of context" in caught.value.why
    assert "32.8 MB are to spare" in caught.value.why
    assert "CURTA_ENGINE_CONTEXT=1024" in caught.value.then


def test_a_processor_that_is_too_old(tiny_held: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text("processor : 0\nflags : fpu sse2 fma f16c\n")
    monkeypatch.setattr(processor, "_INFO", told)
    monkeypatch.setattr(processor.sys, "platform", "linux")
    monkeypatch.setattr(processor, "_machine", lambda: "x86_64")
    with pytest.raises(EngineError, match="cannot run on this processor") as caught:
        process.serve(tiny_held)
    assert caught.value.why == "It lacks AVX2, BMI2."
    assert "curta models add" in caught.value.then


def test_without_its_package(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "PACKAGE", "no_such_engine")
    with pytest.raises(MissingExtra, match="not installed") as caught:
        process.serve(tiny_held)
    assert "curta[local]" in caught.value.then


@pytest.mark.parametrize("name", settings.VARIABLES)
@pytest.mark.parametrize("value", ["many", "-1", "nan", "inf", "1e9"])
def test_settings_that_cannot_be_are_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if (name, value) == ("CURTA_ENGINE_IDLE", "1e9"):
        return  # 30 years are a number of seconds
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name):
        settings.configured()


def test_more_context_than_the_model_was_made_for(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURTA_ENGINE_CONTEXT", "4096")
    with pytest.raises(UsageError, match="2,048 tokens, not of 4,096"):
        process.serve(tiny_held)


def a_model(**other: object) -> ModelFacts:
    known = dict.fromkeys(ModelFacts._fields, "")
    return ModelFacts(
        **{**known, "context": 262_144, "per_token": 100_000, "working": 300_000_000, "parameters": 10**9, **other}
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spare", "context", "slots"),
    [(4e9, 8192, 1), (16e9, 32768, 1), (64e9, 131072, 1), (1e9, 2048, 1), (1e12, 262144, 4)],
)
def test_the_context_is_what_a_share_of_memory_allows(
    spare: float, context: int, slots: int, tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "free", lambda: int(spare))
    chosen = plan.plan(tiny_held, a_model(), settings.Settings())
    assert (chosen.context, chosen.slots) == (context, slots)
    assert chosen.bytes == tiny_held.bytes + 100_000 * context * slots + 300_000_000 + FIXED


def test_memory_that_nobody_tells_is_no_obstacle(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "free", lambda: None)
    chosen = plan.plan(tiny_held, a_model(), settings.Settings())
    assert (chosen.context, chosen.slots, chosen.fits) == (plan.UNKNOWN_CONTEXT, 1, True)


def test_two_threads_of_a_core_count_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        folder = tmp_path / f"cpu{number}/topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{number % 4},{number % 4 + 4}\n")
    quota = tmp_path / "cpu.max"
    quota.write_text("max 100000")
    monkeypatch.setattr(processor, "_CPUS", tmp_path)
    monkeypatch.setattr(processor, "_QUOTA", quota)
    monkeypatch.setattr(processor.sys, "platform", "linux")
    monkeypatch.setattr(processor.os, "sched_getaffinity", lambda process: range(8), raising=False)
    assert processor.physical_cores() == 4
    quota.write_text("200000 100000")
    assert processor.physical_cores() == 2


def test_a_state_file_that_makes_no_sense_is_no_engine(home: Path) -> None:
    folder = home / "engines"
    folder.mkdir(parents=True)
    for number, words in enumerate(["", "null", "[]", '{"name": "tiny"}', "\x00"]):
        (folder / f"{number}.json").write_text(words)
    assert process.running() == []
    assert list(state.places()) == []
    assert process.stop() == []
