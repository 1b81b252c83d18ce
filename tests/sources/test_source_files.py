"""Files, standard input and the bad things that can be given instead."""

import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from curta.errors import SourceError, SourceNotFound, SourceNotText, SourceTooLarge
from curta.messages import Document
from curta.sources import files, load, load_stdin

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_text_file_is_kept_as_it_is(here: Path) -> None:
    (here / "a.txt").write_bytes("one\r\ntwo\rthree\n\u2028é\n".encode())
    assert load("a.txt") == [Document("one\r\ntwo\rthree\n\u2028é\n", "a.txt", "a.txt")]


def test_the_uri_is_the_path_as_it_was_given(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub" / "a.txt").write_text("x")
    for path in ("sub/a.txt", "./sub/a.txt", str(here / "sub" / "a.txt")):
        assert load(path)[0].uri == path


def test_an_empty_file_is_an_empty_document(here: Path) -> None:
    (here / "empty.txt").touch()
    assert load("empty.txt") == [Document("", "empty.txt", "empty.txt")]
    assert load(os.devnull)[0].text == ""


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The *title*\n\ntext", "The *title*"),
        ("text first\n\n## Second ##\n", "Second"),
        ("```\n# a comment\n```\n# Title", "Title"),
        ("---\n# a comment\ntitle: x\n---\n# Title", "Title"),
        ("Title\n=====\ntext", "Title"),
        ("#hashtag\n####### seven", "a.md"),
        ("", "a.md"),
    ],
)
def test_the_title_of_markdown_is_its_first_heading(here: Path, text: str, title: str) -> None:
    (here / "a.md").write_text(text)
    assert load("a.md") == [Document(text, "a.md", title)]


def test_a_saved_page_becomes_text(here: Path) -> None:
    (here / "page.HTM").write_bytes(b"<meta charset=latin1><title>T</title><p>caf\xe9<p>b")
    assert load("page.HTM") == [Document("café\n\nb", "page.HTM", "T")]


def test_a_missing_file_suggests_its_neighbour(here: Path) -> None:
    (here / "report.txt").touch()
    with pytest.raises(SourceNotFound, match=r"no file or folder raport\.txt") as caught:
        load("raport.txt")
    assert caught.value.then == "Did you mean report.txt?"


def test_a_missing_folder_is_the_part_that_is_named(here: Path) -> None:
    (here / "docs").mkdir()
    with pytest.raises(SourceNotFound) as caught:
        load("dosc/deep/a.txt")
    assert caught.value.why == "There is no dosc."
    assert caught.value.then == "Did you mean docs?"


def test_the_beginning_of_a_name_suggests_the_whole(here: Path) -> None:
    (here / "diary-of-a-nobody.txt").touch()
    with pytest.raises(SourceNotFound) as caught:
        load("Diary.txt")
    assert caught.value.then == "Did you mean diary-of-a-nobody.txt?"


def test_nothing_similar_suggests_nothing(here: Path) -> None:
    with pytest.raises(SourceNotFound) as caught:
        load("zzz")
    assert caught.value.then == ""


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31mb", "a\u202eb", "\udcff", " a", "x" * 5000, "a\0b", "~", ""])
def test_odd_names_are_shown_safely(here: Path, name: str) -> None:
    with pytest.raises(SourceError) as caught:
        load(name)
    message = str(caught.value)
    assert message.replace("\n", "").isprintable()
    assert len(message) < 1000
    assert name == "" or name not in message or name.isprintable()


def test_a_file_with_an_odd_name_is_read(here: Path) -> None:
    name = os.fsdecode(b"caf\xe9\n\x1b.txt")
    Path(name).write_text("x")
    (document,) = load(name)
    assert document.text == "x"
    assert document.uri.encode()


@pytest.mark.parametrize(
    ("content", "kind", "then"),
    [
        (PNG, "a picture (PNG)", "-a 'odd name\\n.bin'"),
        (b"PK\x03\x04\x14\0\x08\0" + bytes(99), "a zip archive", "Unpack"),
        (b"\x1f\x8b\x08\0\0\0\0\0" + bytes(range(256)), "gzip", "Unpack"),
        (b"\x7fELF\x02\x01\x01" + bytes(99), "a program (ELF)", ""),
        (b"SQLite format 3\0" + bytes(99), "an SQLite database", ""),
        (b"text.txt" + bytes(249) + b"ustar\x0000" + bytes(99), "a tar archive", "Unpack"),
        ("plain words".encode("utf-16-le"), "UTF-16LE text", "iconv -f UTF-16LE"),
        ("plain words".encode("utf-16-be"), "UTF-16BE text", "iconv -f UTF-16BE"),
        ("Несколько слов по-русски".encode("koi8-r"), "an encoding that cannot be told", "iconv"),
        (bytes(range(1, 256)) * 4, "binary data", ""),
        (bytes(4096), "binary data", ""),
    ],
)
def test_what_is_no_text_is_named(here: Path, content: bytes, kind: str, then: str) -> None:
    (here / "odd name\n.bin").write_bytes(content)
    with pytest.raises(SourceNotText) as caught:
        load("odd name\n.bin")
    assert kind in caught.value.what
    assert caught.value.what.startswith("'odd name\\n.bin' holds no plain text")
    assert then in caught.value.then


def test_a_sparse_file_of_two_gigabytes_is_refused_unread(here: Path) -> None:
    with open("big.txt", "wb") as file:
        file.truncate(2 * 2**30)
    with pytest.raises(SourceTooLarge, match="larger than 64 MB"):
        load("big.txt")


def test_a_file_that_does_not_tell_its_size_is_read_up_to_the_limit(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LIMIT", 1000)
    assert len(load_stdin(io.BytesIO(b"x" * 1000)).text) == 1000  # type: ignore[union-attr]
    with pytest.raises(SourceTooLarge, match="standard input is larger"):
        load_stdin(io.BytesIO(b"x" * 1001))


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs /dev/zero")
def test_an_endless_device_is_refused() -> None:
    with pytest.raises(SourceError, match="is a device"):
        load("/dev/zero")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_that_nobody_fills_does_not_hang(here: Path) -> None:
    os.mkfifo("pipe")
    with pytest.raises(SourceError, match="is a named pipe"):
        load("pipe")


@pytest.mark.skipif(not os.path.exists("/dev/fd/0"), reason="needs /dev/fd")
def test_the_pipe_of_a_process_substitution_is_read_to_its_end() -> None:
    reader, writer = os.pipe()

    def fill() -> None:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(b"slow " * 100_000)

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        assert len(load(f"/dev/fd/{reader}")[0].text) == 500_000
    finally:
        thread.join()
        os.close(reader)


def test_a_folder_is_no_file(here: Path) -> None:
    with pytest.raises(SourceError, match="is a folder"):
        files.load_file(".")


def test_a_file_is_no_folder(here: Path) -> None:
    (here / "a.txt").touch()
    with pytest.raises(SourceError, match=r"Cannot read a\.txt/b: Not a directory"):
        load("a.txt/b")


def test_a_link_that_leads_nowhere_or_in_circles(here: Path) -> None:
    (here / "loop").symlink_to("loop")
    (here / "gone").symlink_to("nowhere")
    with pytest.raises(SourceError, match="Cannot read loop"):
        load("loop")
    with pytest.raises(SourceNotFound, match="gone"):
        load("gone")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(here: Path) -> None:
    (here / "secret.txt").touch(0)
    with pytest.raises(SourceError, match=r"Cannot read secret\.txt: Permission denied"):
        load("secret.txt")


def test_standard_input() -> None:
    assert load("-", stdin=io.BytesIO(b"\xef\xbb\xbfhi\r\n")) == [Document("hi\r\n", "stdin")]
    assert load("-", stdin=io.BytesIO(b" \n")) == []
    assert load_stdin(io.BytesIO(b"")) is None


def test_a_picture_on_standard_input() -> None:
    with pytest.raises(SourceNotText, match=r"standard input|stdin"):
        load("-", stdin=io.BytesIO(PNG))


def test_a_thread_on_standard_input() -> None:
    item = b' {"id": 1, "type": "story", "author": "a", "text": "words", "title": "T", "children": []}'
    (document,) = load("-", stdin=io.BytesIO(item))
    assert (document.title, document.spans[0].author) == ("T", "a")


def test_a_json_text_that_ends_too_early_is_plain() -> None:
    (document,) = load("-", stdin=io.BytesIO(b'{"children": ['))
    assert document.text == '{"children": ['


def test_addresses_that_are_not_read() -> None:
    for address in ("ftp://example.org/x", "FILE:///etc/passwd"):
        with pytest.raises(SourceError, match="does not read"):
            load(address)


def test_reading_a_small_file_imports_nothing_heavy(here: Path) -> None:
    (here / "a.txt").write_text("words " * 300)
    program = (
        "import sys; from curta.sources import load; before = set(sys.modules); load('a.txt');"
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert set(loaded) <= {f"curta.sources.{name}" for name in ("decode", "files", "formats", "names")}
