"""Documents in an index: kept character for character, replaced and removed whole."""

import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import curta.index
from curta.errors import IndexFileError, UnknownIndex, UsageError, WrongVectors
from curta.index.check import check
from curta.index.index import Index
from curta.messages import Document, Span

LONG = "\n\n".join(f"Paragraph {number} is about gadget{number}. " + "It goes on and on. " * 12 for number in range(30))


def sound(index: Index) -> bool:
    return not any(each.problem for each in check(index))


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "One line.", "  \n\n lead and trail \n\n", LONG, "a\0b\0\0c", "你好世界" * 300,
     "👩‍👧\u2028x\r\ny", "# H\n\n" + LONG],
    ids=["empty", "white space", "short", "white space around", "long", "zeros", "Chinese", "odd", "Markdown"],
)  # fmt: skip
def test_a_document_comes_back_as_it_was(index: Index, text: str) -> None:
    spans = (Span(0, len(text) // 2, "Ada", "p1"),) if text else ()
    document = Document(text, "a.txt", "A title", spans)
    index.add(document)
    assert index.document("a.txt") == document
    assert sound(index)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=400)), min_size=1, max_size=8))
def test_a_passage_is_its_document_from_start_to_end(tmp_path_factory, versions: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.mktemp("index") / "x.db"
    with curta.index.open(path, create=True) as index:
        for uri, text in versions:
            written = index.add(Document(text * 5, uri))
            kept = index.document(uri)
            assert kept
            assert kept.text == Document(text * 5).text
            for passage in index.passages(written.chunks):
                assert kept.text[passage.start : passage.end] == passage.text
        assert {row.uri for row in index.documents()} == {uri for uri, _ in versions}
        assert sound(index)


def test_the_same_document_is_written_once(index: Index) -> None:
    assert index.add(Document("Hello.", "a")).status == "added"
    again = index.add(Document("Hello.", "a"))
    assert again.status == "unchanged"
    assert index.add(Document("Hello!", "a")).status == "updated"
    assert index.add(Document("Hello!", "a"), metadata={"year": 1999}).status == "updated"
    assert index.count() == 1


def test_what_was_replaced_or_removed_is_found_no_more(index: Index) -> None:
    index.add(Document("The walrus sleeps.", "a"))
    index.add(Document("The carpenter sleeps.", "a"))
    assert not index.search("walrus")
    assert index.search("carpenter")
    assert index.remove("a")
    assert not index.remove("a")
    assert not index.search("carpenter")
    assert sound(index)


def test_a_document_with_vectors_that_do_not_fit_is_not_added_at_all(index: Index) -> None:
    index.add(Document("One.", "a"), vectors={"m": [[1, 0]]})
    with pytest.raises(WrongVectors, match="2 dimensions; this one has 3"):
        index.add(Document("Two.", "b"), vectors={"m": [[1, 0, 0]]})
    with pytest.raises(WrongVectors, match="1 chunks, and 2 vectors"):
        index.add(Document("Two.", "b"), vectors={"m": [[1, 0], [0, 1]]})
    assert index.document("b") is None
    assert sound(index)


def test_a_failure_inside_of_a_batch_undoes_its_document_alone(index: Index) -> None:
    with index.writing():
        index.add(Document("Kept.", "a"))
        with pytest.raises(WrongVectors):
            index.add(Document("Lost.", "b"), vectors={"m": [[0.0, 0.0]]})
        index.add(Document("Kept too.", "c"))
    assert [row.uri for row in index.documents()] == ["a", "c"]
    assert sound(index)


def test_a_change_of_which_a_part_failed_is_undone_whoever_catches_it(index: Index) -> None:
    def change() -> None:
        with index.writing():
            index.add(Document("Lost with the rest.", "b"))
            with suppress(RuntimeError), index.writing():
                index.remove("a")
                raise RuntimeError

    index.add(Document("There before.", "a"))
    with pytest.raises(IndexFileError, match="Nothing was written"):
        change()
    assert [row.uri for row in index.documents()] == ["a"]
    assert sound(index)


def test_a_whole_document_is_one_passage(index: Index) -> None:
    assert len(index.add(Document(LONG, "a")).chunks) > 5
    assert len(index.add(Document(LONG, "b"), whole=True).chunks) == 1


def test_an_index_is_the_users_own(index: Index) -> None:
    assert index.path.stat().st_mode & 0o777 == 0o600
    assert index.path.parent.stat().st_mode & 0o077 == 0


def test_names_that_lead_nowhere_or_out_of_the_folder_are_refused(home: Path) -> None:
    with pytest.raises(UnknownIndex, match="no index 'nothing'"):
        curta.index.open("nothing")
    for name in ("", "..", ".hidden", "a b"):
        with pytest.raises(UsageError):
            curta.index.open(name, create=True)
    assert curta.index.names() == []


def test_the_room_can_be_called(home: Path) -> None:
    import curta as package

    package.index("notes", create=True).close()
    assert curta.index.names() == ["notes"]


def test_a_removed_index_leaves_nothing_behind(index: Index) -> None:
    index.add(Document("Secret.", "a"))
    folder = index.path.parent
    curta.index.remove("notes")
    assert [each.name for each in folder.iterdir() if "notes" in each.name] == []


def test_what_is_no_index_is_left_alone(tmp_path: Path) -> None:
    text, other, newer = tmp_path / "text.db", tmp_path / "other.db", tmp_path / "newer.db"
    text.write_text("no database at all " * 500)
    sqlite3.connect(other).execute("CREATE TABLE t (x)")
    curta.index.open(newer, create=True).close()
    with sqlite3.connect(newer) as db:
        db.execute("UPDATE meta SET v = 99 WHERE k = 'format'")
    for path, why in ((text, "damaged"), (other, "not an index"), (newer, "newer Curta")):
        with pytest.raises(IndexFileError, match=why):
            curta.index.open(path)


def test_check_finds_what_does_not_agree_and_repair_mends_it(index: Index) -> None:
    index.add(Document(LONG, "a"), vectors=None)
    ids = [id for id, _ in index.pending("m")]
    index.put_vectors("m", [(id, [1.0, id]) for id in ids])
    with index.writing() as db:
        db.execute("DELETE FROM fts_en_data WHERE id > 10")
        db.execute("INSERT INTO vector (id, chunk_id, v) VALUES (?, 999999, x'0000')", ((1 << 40) + 500,))
    problems = " ".join(each.problem for each in check(index))
    assert "1 vectors of nothing" in problems
    assert "1 are not of 2 dimensions" in problems
    assert "not those of the texts" in problems
    from curta.index.check import repair

    assert not any(each.problem for each in repair(index))
    assert index.similar([1.0, ids[3]], 1)[0].passage.id == ids[3]
    assert len(index.similar([1, 5], 100)) == len(ids)
