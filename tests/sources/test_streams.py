"""What an index is given of files and folders."""

import os
import socket
from pathlib import Path

import pytest

from curta.errors import CurtaError, SourceError, SourceNotFound, SourceTooLarge
from curta.sources import load, stream
from tests.sources.pdfs import pdf


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(spec: str) -> tuple[list[str], list[str]]:
    problems = list[CurtaError]()
    return [document.uri for document in stream(spec, problem=problems.append)], [each.what for each in problems]


def large_text(path: str) -> None:
    with open(path, "wb") as file:
        file.write(b"words " * 2_000)
        file.truncate(500 * 2**20)


def test_a_folder_is_read_file_by_file_and_each_row_of_a_table(here: Path) -> None:
    Path("d").mkdir()
    Path("d/a.txt").write_text("plain")
    Path("d/b.pdf").write_bytes(pdf("Words"))
    Path("d/c.jsonl").write_text('{"id": 1, "text": "a"}\nnope\n{"id": 2, "text": "b"}\n')
    Path("d/d.eml").write_text("From: a@x\n\nwords")
    Path("d/e.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    uris, problems = read("d")
    assert uris == ["d/a.txt", "d/b.pdf", "d/c.jsonl#1", "d/c.jsonl#2", "d/d.eml"]
    assert problems == ["d/c.jsonl, line 2, is not JSON."]
    assert read("d/*.jsonl")[0] == ["d/c.jsonl#1", "d/c.jsonl#2"]


def test_a_table_without_texts_is_a_text_in_a_folder_and_an_error_by_itself(here: Path) -> None:
    Path("d").mkdir()
    Path("d/prices.csv").write_text("name,price\ntea,2\n")
    assert read("d") == (["d/prices.csv"], [])
    with pytest.raises(SourceError, match="has no field 'text'"):
        read("d/prices.csv")


def test_what_cannot_be_read_in_a_folder_is_named_and_loses_nothing_else(here: Path) -> None:
    Path("d").mkdir()
    large_text("d/a.txt")
    Path("d/b.pdf").write_bytes(pdf("Words", password="secret"))
    Path("d/c.txt").write_text("words")
    assert read("d") == (
        ["d/c.txt"],
        ["d/a.txt is larger than 64 MB.", "d/b.pdf is encrypted: it opens only with a password."],
    )


def test_a_text_of_500_mb_is_refused_with_the_limit(here: Path) -> None:
    large_text("a.txt")
    for reading in (load, lambda spec: list(stream(spec))):
        with pytest.raises(SourceTooLarge, match=r"a\.txt is larger than 64 MB"):
            reading("a.txt")


@pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX") or not hasattr(os, "mkfifo"), reason="needs sockets in the file system"
)
def test_sockets_pipes_and_loops_of_links_are_left_out(here: Path) -> None:
    Path("d/e").mkdir(parents=True)
    Path("d/a.txt").write_text("words")
    Path("d/e/up").symlink_to("..")
    Path("d/self").symlink_to("self")
    os.mkfifo("d/pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("d/socket")
        assert read("d") == (["d/a.txt"], [])
        assert [document.uri for document in load("d")] == ["d/a.txt"]
        with pytest.raises(SourceError, match="d/socket"):
            read("d/socket")


def test_a_folder_that_cannot_be_opened(here: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may open everything")
    Path("d/closed").mkdir(parents=True, mode=0)
    Path("d/a.txt").write_text("words")
    assert read("d") == (["d/a.txt"], ["Cannot read the folder d/closed: Permission denied."])


def test_nothing_to_read(here: Path) -> None:
    Path("d").mkdir()
    for spec in ("d", "*.txt", "missing.txt"):
        with pytest.raises(SourceNotFound):
            read(spec)


def test_other_sources_are_read_as_a_prompt_reads_them(here: Path) -> None:
    Path("hn:1").write_text("a file")
    assert read("./hn:1")[0] == ["./hn:1"]
    with pytest.raises(SourceError, match="does not read ftp"):
        read("ftp://example.org/x")
