"""-f finds a file, an alias, or a text that was sent before."""

import threading
from pathlib import Path

import pytest

import curta
from curta import fragments
from curta.errors import ConfigError, SourceNotFound, UsageError
from curta.store import open_log
from tests.cli.conftest import Curta


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("The ferry leaves at nine.")
    return tmp_path / "notes.txt"


def sent(*sources: str) -> None:
    curta.prompt("When does the ferry leave?", model="extractive", documents=sources).text()


def test_an_alias_keeps_the_text_as_it_was(notes: Path) -> None:
    fragments.set_alias("ferry", "notes.txt")
    notes.unlink()
    (document,) = curta.load("ferry")
    assert (document.text, document.uri) == ("The ferry leaves at nine.", "notes.txt")


def test_a_file_wins_over_an_alias(notes: Path) -> None:
    fragments.set_alias("ferry", "notes.txt")
    Path("ferry").write_text("A file.")
    assert curta.load("ferry")[0].text == "A file."


def test_a_logged_document_is_found_by_its_hash_or_that_of_its_text(notes: Path) -> None:
    from hashlib import sha256

    sent("notes.txt")
    (document,) = curta.load("notes.txt")
    notes.unlink()
    for hash in (document.sha256, document.sha256[:6].upper(), sha256(document.text.encode()).hexdigest()[:12]):
        assert curta.load(hash) == [document]
    with pytest.raises(SourceNotFound):
        curta.load("0123456789")
    with pytest.raises(SourceNotFound):
        curta.load(document.sha256[:5])


def test_an_ambiguous_hash_names_those_it_could_be(notes: Path, tmp_path: Path) -> None:
    from hashlib import sha256

    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text("The same ferry.")
    sent("one.txt", "two.txt")
    with pytest.raises(SourceNotFound, match=r"one\.txt.*two\.txt|two\.txt.*one\.txt"):
        curta.load(sha256(b"The same ferry.").hexdigest()[:8])


def test_an_alias_can_stand_for_a_folder(notes: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "docs" / name).write_text(name)
    fragments.set_alias("docs-then", "docs")
    assert [each.text for each in curta.load("docs-then")] == ["a.txt", "b.txt"]


def test_removing_an_alias_keeps_the_texts_that_others_stand_for(notes: Path) -> None:
    fragments.set_alias("one", "notes.txt")
    fragments.set_alias("two", "one")
    fragments.remove_alias("one")
    assert curta.load("two")[0].text == "The ferry leaves at nine."
    fragments.remove_alias("two")
    with pytest.raises(UsageError, match="two"):
        fragments.remove_alias("two")
    assert not fragments.known()


def test_a_damaged_text_is_named_with_the_way_to_mend_it(notes: Path, home: Path) -> None:
    fragments.set_alias("ferry", "notes.txt")
    (path,) = (home / "fragments").glob("*.json")
    path.write_bytes(b"\x00")
    with pytest.raises(ConfigError, match="curta fragments set ferry"):
        curta.load("ferry")


@pytest.mark.parametrize("alias", ["", "a b", "../x", "-x", "a/b", "gh:x", "\x1b"])
def test_what_cannot_be_an_alias_is_refused(notes: Path, alias: str) -> None:
    with pytest.raises(UsageError):
        fragments.set_alias(alias, "notes.txt")


def test_a_slip_gets_the_alias_that_was_meant(notes: Path) -> None:
    fragments.set_alias("timetable", "notes.txt")
    with pytest.raises(SourceNotFound, match="timetable"):
        curta.load("timetabel")


def test_two_at_once_keep_both(notes: Path) -> None:
    def set_some(name: str) -> None:
        for n in range(5):
            Path(f"{name}{n}.txt").write_text(f"{name} {n}")
            fragments.set_alias(f"{name}{n}", f"{name}{n}.txt")

    threads = [threading.Thread(target=set_some, args=(name,)) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fragments.aliases()) == 10
    assert all(curta.load(alias) for alias in fragments.aliases())


def test_the_list_has_what_was_named_and_what_was_sent(notes: Path) -> None:
    fragments.set_alias("ferry", "notes.txt")
    (unsent,) = fragments.known()
    assert (unsent.aliases, unsent.times, unsent.latest) == (("ferry",), 0, None)
    sent("ferry")
    sent("notes.txt")
    (both,) = fragments.known()
    assert (both.aliases, both.times, both.characters) == (("ferry",), 2, 25)
    assert fragments.known(["leaves"]) == fragments.known(["ferry"]) == [both]
    assert fragments.known(["hovercraft"]) == []


def test_calls_are_found_by_what_was_sent_with_them(notes: Path) -> None:
    from curta.store import Filter

    sent("notes.txt")
    (document,) = curta.load("notes.txt")
    assert len(list(open_log().calls(Filter(documents=(document.sha256,))))) == 1
    assert not list(open_log().calls(Filter(documents=("00" * 32,))))


def test_at_the_command_line(curta: Curta, notes: Path) -> None:
    assert curta("fragments", "set", "ferry", "notes.txt").code == 0
    assert curta("-m", "extractive", "-f", "ferry", "When does the ferry leave?").out.strip().startswith("The ferry")
    (listed,) = curta("fragments", "--aliases", "--json").json
    assert (listed["aliases"], listed["times"]) == (["ferry"], 1)
    assert listed["sha256"][:12] in curta("fragments").out
    assert curta("fragments", "show", "ferry").out == "The ferry leaves at nine.\n"
    assert curta("logs", "-f", "ferry", "--json").json[0]["documents"][0]["uri"] == "notes.txt"
    assert curta("fragments", "remove", "ferry").code == 0
    assert curta("fragments", "show", listed["sha256"][:8]).out == "The ferry leaves at nine.\n"
    assert curta("fragments", "--aliases").out == ""
    assert "hn:" in curta("fragments", "loaders").out


def test_what_is_redacted_is_gone_from_texts_with_an_alias_too(notes: Path, home: Path, curta: Curta) -> None:
    fragments.set_alias("ferry", "notes.txt")
    fragments.set_alias("boat", "notes.txt")
    notes.unlink()
    assert "1 occurrence in kept fragments" in curta("logs", "redact", "nine", "--dry-run").err
    assert fragments.load("ferry")[0].text == "The ferry leaves at nine."
    assert curta("logs", "redact", "nine", "--yes").code == 0
    assert fragments.load("ferry") == fragments.load("boat")
    assert fragments.load("boat")[0].text == "The ferry leaves at [redacted]."
    assert not [path for path in home.rglob("*.json") if "nine" in path.read_text()]
