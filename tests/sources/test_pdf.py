"""PDFs: their text by pages, and what is wrong with those that have none."""

import subprocess
import sys
from pathlib import Path

import pytest

from curta.errors import CurtaError, SourceNotText
from curta.sources import load, load_records
from curta.sources import pdf as reading
from tests.sources.pdfs import pdf


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_pdf_is_one_document_with_a_span_for_each_page(here: Path) -> None:
    Path("a.pdf").write_bytes(pdf("One (1)\nand more", "Two", title="The title", author="Ann"))
    ((document, metadata),) = load_records("a.pdf")
    assert [(span.locator, document.text[span.start : span.end]) for span in document.spans] == [
        ("page 1", "One (1)\nand more"),
        ("page 2", "Two"),
    ]
    assert (document.uri, document.title, document.trust) == ("a.pdf", "The title", "untrusted")
    assert metadata == {"pages": 2, "author": "Ann"}
    assert load("a.pdf") == [document]


def test_pages_keep_their_numbers_when_others_have_no_text(here: Path) -> None:
    Path("a.pdf").write_bytes(pdf("", "Two", "", "Four"))
    (document,) = load("a.pdf")
    assert [span.locator for span in document.spans] == ["page 2", "page 4"]
    assert document.title == "a.pdf"


def test_a_pdf_is_known_by_its_beginning(here: Path) -> None:
    Path("report").write_bytes(pdf("Words"))
    assert load("report")[0].text == "Words"


def test_a_pdf_on_standard_input() -> None:
    import io

    (document,) = load("-", stdin=io.BytesIO(pdf("Words")))
    assert (document.text, document.uri) == ("Words", "stdin")


def test_a_pdf_that_the_empty_password_opens_is_read(here: Path) -> None:
    Path("a.pdf").write_bytes(pdf("Words", password=""))
    assert load("a.pdf")[0].text == "Words"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (pdf("Words", password="secret"), "a.pdf is encrypted: it opens only with a password"),
        (pdf("", ""), "a.pdf holds no text: its 2 pages show at most pictures"),
        (pdf(), "a.pdf holds no text: it has no pages"),
        (pdf("Words" * 99)[:400], "a.pdf is no PDF, or a broken one"),
        (b"%PDF-1.7\n plain so far", "a.pdf is no PDF, or a broken one"),
        (b"", "a.pdf is no PDF, or a broken one"),
        (b"%PDF-1.4" + bytes(range(256)) * 100, "a.pdf is no PDF, or a broken one"),
    ],
)
def test_a_pdf_without_a_text_that_can_be_read_says_why(here: Path, content: bytes, what: str) -> None:
    Path("a.pdf").write_bytes(content)
    with pytest.raises(SourceNotText) as caught:
        load("a.pdf")
    assert caught.value.what.startswith(what)
    assert "secret" not in str(caught.value)


def test_a_page_that_unpacks_to_too_much_loses_only_itself(here: Path) -> None:
    bomb = b" " * (40 * 2**20)
    Path("a.pdf").write_bytes(pdf("One", bomb, "Three"))
    assert Path("a.pdf").stat().st_size < 100_000
    problems = list[CurtaError]()
    ((document, _),) = load_records("a.pdf", problem=problems.append)
    assert document.text == "One\n\nThree"
    assert [error.what for error in problems] == ["a.pdf, page 2, cannot be read."]


def test_nothing_but_bombs(here: Path) -> None:
    Path("a.pdf").write_bytes(pdf(b" " * (40 * 2**20)))
    with pytest.raises(SourceNotText, match=r"No page of a\.pdf can be read"):
        load("a.pdf")


def test_a_text_that_is_too_long_breaks_off_and_says_so(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LIMIT", 10)
    Path("a.pdf").write_bytes(pdf("123456", "123456", "123456"))
    problems = list[CurtaError]()
    ((document, _),) = load_records("a.pdf", problem=problems.append)
    assert document.text == "123456"
    assert "only the first 1 of 3 pages" in str(problems[0])


def test_a_folder_is_loaded_without_the_pdfs_that_cannot_be(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[str]()
    monkeypatch.setattr("curta.errors.tell", told.append)
    Path("d").mkdir()
    Path("d/a.txt").write_text("plain")
    Path("d/b.pdf").write_bytes(pdf("Words", password="secret"))
    Path("d/c.pdf").write_bytes(pdf("Words"))
    assert [document.text for document in load("d")] == ["plain", "Words"]
    assert told == ["Left out: d/b.pdf is encrypted: it opens only with a password."]


def test_without_pypdf_one_sentence_and_the_command_that_installs_it(here: Path) -> None:
    Path("a.pdf").write_bytes(pdf("Words"))
    program = (
        "import sys; sys.modules['pypdf'] = None\n"
        "from curta.errors import MissingExtra\nfrom curta.sources import load\n"
        "try: load('a.pdf')\nexcept MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == ("PDFs are read by the package pypdf, which is not installed.\ncurta install 'curta[pdf]'\n")


def test_odd_files_write_nothing_to_the_terminal(here: Path) -> None:
    Path("a.pdf").write_bytes(b"junk\n" + pdf("Words"))
    program = "from curta.sources import load; print(load('a.pdf')[0].text)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("Words\n", "")
