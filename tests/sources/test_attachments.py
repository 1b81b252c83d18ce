"""Pictures and other files: told by their first bytes, else by their name; texts are sent with -f."""

import os
from pathlib import Path

import pytest

from curta.errors import CurtaError, SourceError, SourceNotFound, UsageError
from curta.sources.attachments import attachment, media_type

BYTES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff\xe0": "image/jpeg",
    b"GIF89a": "image/gif",
    b"%PDF-1.7": "application/pdf",
    b"RIFF\x00\x00\x00\x00WEBPVP8 ": "image/webp",
    b"RIFF\x00\x00\x00\x00WAVEfmt ": "audio/wav",
    b"ID3\x04": "audio/mpeg",
}


@pytest.mark.parametrize(("data", "kind"), BYTES.items(), ids=BYTES.values())
def test_the_first_bytes_tell_the_kind(data: bytes, kind: str, tmp_path: Path) -> None:
    assert media_type(data) == kind
    (tmp_path / "misnamed.txt").write_bytes(data)
    read = attachment(str(tmp_path / "misnamed.txt"))
    assert (read.media_type, read.data, read.name) == (kind, data, "misnamed.txt")


def test_the_name_tells_it_where_the_bytes_do_not(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("<svg/>")
    assert attachment(str(tmp_path / "a.svg")).media_type == "image/svg+xml"


def test_a_text_is_sent_with_f(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    with pytest.raises(UsageError, match="-f"):
        attachment(str(tmp_path / "a.txt"))


def test_a_url_is_left_to_the_provider() -> None:
    there = attachment("https://example.org/bird.jpg?size=2")
    assert (there.media_type, there.data, there.url) == ("image/jpeg", b"", "https://example.org/bird.jpg?size=2")


@pytest.mark.parametrize("make", ["missing", "fifo", "folder"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, make: str) -> None:
    path = tmp_path / "it.png"
    if make == "fifo":
        os.mkfifo(path)
    elif make == "folder":
        path.mkdir()
    with pytest.raises((SourceError, SourceNotFound)):
        attachment(str(path))


def test_an_error_is_one_of_ours(tmp_path: Path) -> None:
    with pytest.raises(CurtaError):
        attachment("bad\0name")
