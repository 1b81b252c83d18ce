"""An index in PostgreSQL gives the answers that the same index in a file gives, and keeps its password to itself."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest

import curta.index
from curta.errors import IndexFileError, UnknownIndex, UsageError, WrongVectors
from curta.index import adding
from curta.index.filling import fill
from curta.index.index import Index
from curta.index.search import Recipe, Results
from curta.index.stores import address, places
from curta.index.stores.conditions import condition
from curta.index.stores.postgres import PostgresIndex
from curta.index.stores.store import Store
from curta.messages import JSON, Document, Span
from curta.models import keys
from curta.models.embedders import Prefixes, Used, Vector
from curta.models.model import Facts
from tests.servers.embeddings import vector as hashed

if TYPE_CHECKING:
    from tests.servers.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
QUESTIONS = (
    "how are quotations verified",
    "what happens when a process is killed",
    "keys of providers in the environment",
    "run a program in the sandbox",
    "a folder of PDFs",
    "Was frisst der Bär im Winter?",
    "冬天的熊",
)


@pytest.fixture
def team(home: Path, postgres: "PostgresServer") -> Iterator[PostgresIndex]:
    with places.open("team", postgres.url, create=True) as opened:
        assert isinstance(opened, PostgresIndex)
        yield opened
        opened.remove()


def texts() -> list[Document]:
    """The project's own pages, and two documents that are not English."""
    pages = [Document(path.read_text("utf-8"), path.name) for path in sorted((ROOT / "docs").glob("*.md"))]
    german = "Der Bär hält Winterruhe in seiner Höhle und frisst während der kalten Monate nichts."
    return [
        *pages,
        Document(german, "baer.txt", "Der Bär"),
        Document("熊在洞穴里度过漫长的冬天，几个月不吃东西。", "xiong.txt"),
    ]


def where(results: Results) -> list[tuple[str, int]]:
    return [(hit.uri, hit.start) for hit in results]


def agreement(pairs: list[tuple[list, list]]) -> float:
    """How many of the first ten of the second are among the first ten of the first."""
    return sum(len(set(one) & set(other)) for one, other in pairs) / sum(len(one) for one, _ in pairs)


# The same answers


def test_by_words_it_ranks_as_a_file_does(index: Index, team: PostgresIndex) -> None:
    with index.writing(), team.writing():
        for document in texts():
            index.upsert(document)
            team.upsert(document)
    pairs = [(index.search(words), team.search(words)) for words in QUESTIONS]
    assert agreement([(where(one), where(other)) for one, other in pairs]) >= 0.99
    for one, other in pairs:
        assert [hit.bm25 for hit in one][:3] == pytest.approx([hit.bm25 for hit in other][:3], rel=1e-2)


class Counting:
    """An embedder: the words of a text, hashed; numbers alone stand for a row of `ROWS`."""

    name = identity = "m"
    facts = Facts("this computer")
    prefixes = Prefixes()
    dim = 48
    on_retry = None

    def __init__(self) -> None:
        self.used = Used()

    def embed(self, items: Sequence[str | bytes], *, query: bool = False) -> Iterator[Vector]:
        for item in map(str, items):
            yield Vector(ROWS[int(item)] + 0.2 if item.isdigit() else hashed(item, self.dim))


ROWS = np.random.default_rng(7).standard_normal((300, Counting.dim)).astype("f4")


def by_vectors(store: Store, words: str) -> list[tuple[str, int]]:
    return where(store.search(words, embed=Counting(), recipe=Recipe(weight=1, exact=True)))


def filled(store: Store) -> None:
    """A document for each of ROWS."""
    with store.writing():
        chunks = [store.upsert(Document(f"text {number}", f"d{number}")).chunks[0] for number in range(len(ROWS))]
        store.put_vectors("m", zip(chunks, ROWS.tolist(), strict=True))


def test_by_vectors_it_agrees_with_an_exact_scan(index: Index, team: PostgresIndex) -> None:
    filled(index)
    filled(team)
    pairs = [(by_vectors(index, str(number)), by_vectors(team, str(number))) for number in range(0, 300, 10)]
    assert agreement(pairs) >= 0.99


def test_by_both_it_agrees_on_texts(index: Index, team: PostgresIndex) -> None:
    for store in (index, team):
        with store.writing():
            for document in texts():
                store.upsert(document)
        assert not any(batch.failed for batch in fill(store, Counting()))
        assert store.models()[0].model == "m"
    pairs = [(index.search(words, embed=Counting()), team.search(words, embed=Counting())) for words in QUESTIONS]
    assert {other.how for _, other in pairs} == {"hybrid"}
    assert agreement([(where(one), where(other)) for one, other in pairs]) >= 0.99
    one, other = (store.search("exit code", per_document=True, embed=Counting()) for store in (index, team))
    assert where(one) == where(other)


def test_an_hnsw_index_is_used_where_there_is_one(team: PostgresIndex, postgres: "PostgresServer") -> None:
    filled(team)
    scanned = by_vectors(team, "40")
    postgres.sql("CREATE INDEX ON curta_team.vector_1 USING hnsw (v vector_ip_ops)")
    found = team.search("40", embed=Counting(), recipe=Recipe(weight=1))
    assert found.scan == "HNSW"
    assert agreement([(scanned, where(found))]) >= 0.9
    assert team.search("40", embed=Counting(), exact=True).scan == "exact"
    assert team.search("40", embed=Counting(), filter="uri = 'd40'").scan == "exact"


# The same documents


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "  \n\n lead and trail \n\n", "It's 100 % \\ of {it}. " * 400, "👩‍👧\u2028x\r\ny", "x" * 500_000],
    ids=["empty", "white space", "white space around", "signs", "odd", "one word without end"],
)
def test_a_document_comes_back_as_it_was(team: PostgresIndex, text: str) -> None:
    document = Document(text, "a" * 5000, "A title", (Span(0, len(text) // 2, "Ada", "p1"),))
    metadata: dict[str, JSON] = {"b": [1, None], "a": "ä % \\"}
    assert team.upsert(document, metadata=metadata).status == "added"
    assert team.upsert(document, metadata=dict(reversed(metadata.items()))).status == "unchanged"
    assert team.document(document.uri) == document
    assert team.documents()[0].metadata == metadata
    assert team.upsert(document, metadata={}).status == "updated"
    assert team.count() == 1
    assert team.delete(document.uri)
    assert not team.delete(document.uri)
    assert team.info().chunks == 0


def test_a_passage_without_end_is_kept_and_its_beginning_found(team: PostgresIndex) -> None:
    chance = Random(1)
    text = " ".join("".join(chance.choices("abcdefghijklmnop", k=9)) for _ in range(60_000))
    for uri in ("words.txt", "wörter.txt"):
        document = Document(f"Wo der Bär schläft, dort schläft er gut. {text}" if "ö" in uri else text, uri)
        team.upsert(document, whole=True)
        assert team.document(uri) == document
    assert team.info().chunks == 2
    assert team.search(text[:9])[0].uri == "words.txt"


def test_what_postgresql_cannot_keep_is_refused_and_the_rest_is_added(
    team: PostgresIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"id": "1", "text": "good"}, {"id": "2", "text": "a\0b"}, {"id": "3", "text": "fine", "note": "\0"}]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    events = list(adding.add(team, [str(tmp_path / "rows.jsonl")]))
    assert [event.status for event in events] == ["added", "failed", "failed"]
    assert "NUL" in events[1].why
    assert team.count() == 1


def test_it_is_kept_in_step_with_its_sources(team: PostgresIndex, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("The otter swims.")
    (folder / "b.txt").write_text("The badger digs.")
    assert [event.status for event in adding.add(team, [str(folder)])] == ["added", "added"]
    (folder / "a.txt").write_text("The otter sleeps.")
    (folder / "b.txt").unlink()
    assert [event.status for event in adding.sync(team)] == ["updated", "removed"]
    assert team.sources() == [str(folder)]
    assert not team.search("badger")


def test_two_who_write_at_once_leave_a_whole_index(team: PostgresIndex, postgres: "PostgresServer") -> None:
    def write(name: str) -> None:
        with places.open("team", postgres.url) as other:
            for number in range(20):
                other.upsert(Document(f"text {number} of {name}", f"shared{number % 5}"))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, "abc"))
    assert team.count() == 5
    assert team.info().chunks == 5


def test_a_change_that_fails_changes_nothing(team: PostgresIndex) -> None:
    team.upsert(Document("One.", "a"), vectors={"m": [[1, 0]]})
    with pytest.raises(WrongVectors, match="2 dimensions; this one has 3"):
        team.upsert(Document("Two.", "b"), vectors={"m": [[1, 0, 0]]})
    with pytest.raises(WrongVectors, match="1 chunks, and 2 vectors"):
        team.upsert(Document("Two.", "b"), vectors={"m": [[1, 0], [0, 1]]})
    assert team.document("b") is None
    assert team.put_vectors("n", [(10**6, [1.0])], identity="n@1") == 0  # a passage that is gone
    with pytest.raises(WrongVectors, match="n@1, now it is n@2"):
        team.put_vectors("n", [(1, [1.0])], identity="n@2")


# Questions and filters


@pytest.fixture
def zoo(team: PostgresIndex) -> PostgresIndex:
    team.upsert(Document("The bear sleeps in its cave, during the winter.", "bear.md", "Bear"), metadata={"year": 1999})
    team.upsert(Document("Bees eat the honey they stored.", "bees.md", "Bees"), metadata={"kind": "insect"})
    return team


@pytest.mark.parametrize(
    "words", ['"', "'", "AND | ! & ( :*", "title:", "-", "%s %", "\\", "😀", "a\0b", "x" * 100_000]
)
@pytest.mark.parametrize("operators", [True, False])
def test_no_question_is_a_syntax_error(zoo: PostgresIndex, words: str, operators: bool) -> None:
    assert isinstance(zoo.search(words, operators=operators), list)


def test_operators_mean_what_they_mean_in_a_file(zoo: PostgresIndex) -> None:
    def found(words: str) -> list[str]:
        return [hit.uri for hit in zoo.search(words, operators=True)]

    assert sorted(found("winter bees")) == ["bear.md", "bees.md"]
    assert found("winter bees -honey") == ["bear.md"]
    assert found('bees "honey they"') == ["bees.md"]
    assert found('winter bees "cave during"') == ["bear.md"]
    assert found("winter bees title:bees") == ["bees.md"]


@pytest.mark.parametrize(
    ("filter", "uris"),
    [
        ("uri LIKE 'BEE%'", ["bees.md"]),
        ("metadata->>'year' > 1990", ["bear.md"]),
        ("metadata->>'year' IN (1999, 2000) AND length > 10", ["bear.md"]),
        ("1990 < metadata->>'year'", ["bear.md"]),
        ("metadata->>'kind' = 'insect'", ["bees.md"]),
        ("metadata->>'year' % 3 = 1", ["bear.md"]),
        ("title = 'Bees' OR (NOT language = 'en')", ["bees.md"]),
    ],
)
def test_a_filter_means_what_it_means_in_a_file(index: Index, zoo: PostgresIndex, filter: str, uris: list[str]) -> None:
    for row in zoo.documents():
        document = zoo.document(row.uri)
        assert document
        index.upsert(document, metadata=row.metadata)  # type: ignore[arg-type]
    for store in (index, zoo):
        assert [hit.uri for hit in store.search("the", filter=filter)] == uris


@pytest.mark.parametrize(
    "filter",
    ["", "1) OR (1", "(1", "uri = (SELECT v FROM meta)", "pg_sleep(9) IS NULL", "1; DROP TABLE chunk", "uri = $$x$$",
     "uri = E'x'", "nothing = 1", "uri -- x", "uri"],
)  # fmt: skip
def test_a_filter_can_only_compare_columns_of_documents(zoo: PostgresIndex, filter: str) -> None:
    with pytest.raises((UsageError, IndexFileError)):
        zoo.search("honey", filter=filter)
    assert zoo.count() == 2


# Names and passwords


def test_a_name_finds_its_index_wherever_it_is(team: PostgresIndex, postgres: "PostgresServer", home: Path) -> None:
    team.upsert(Document("Remembered.", "a"))
    with places.open("team") as found:
        assert found.search("remembered")[0].uri == "a"
    with pytest.raises(UsageError, match="on record as one in"):
        places.open("team", "postgresql://elsewhere/db")
    with pytest.raises(UnknownIndex, match="no index 'nothing'"):
        places.open("nothing", postgres.url)
    curta.index.open("mine", create=True).close()
    with pytest.raises(UsageError, match="taken by an index in a file"):
        places.open("mine", postgres.url, create=True)


def test_an_index_can_be_forgotten_and_found_again(team: PostgresIndex, postgres: "PostgresServer") -> None:
    team.upsert(Document("Remembered.", "a"))
    places.forget("team")
    assert places.names() == []
    with pytest.raises(UnknownIndex):
        places.forget("team")
    with places.open("team", postgres.url) as found:
        assert found.count() == 1


def test_one_index_goes_without_the_vectors_of_another(team: PostgresIndex, postgres: "PostgresServer") -> None:
    with places.open("a.b-c", postgres.url, create=True) as other:
        other.upsert(Document("Other.", "a"), vectors={"m": [[1.0, 0.0]]})
    team.upsert(Document("Own.", "a"), vectors={"m": [[1.0, 0.0]]})
    places.remove("a.b-c")
    assert team.models()[0].size == 1
    with pytest.raises(UsageError, match="cannot be the name"):
        places.open("ä", postgres.url, create=True)


def test_an_index_that_was_removed_leaves_nothing(home: Path, postgres: "PostgresServer") -> None:
    places.open("gone", postgres.url, create=True).close()
    places.remove("gone")
    assert places.remembered("gone") is None
    assert postgres.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'curta_gone'") == "0"


@pytest.mark.parametrize(
    "url",
    ["postgresql://ada:s3cr%2Ft@127.0.0.1:1/db", "postgresql://ada@127.0.0.1:1/db?password=s3cr%2Ft&sslmode=prefer"],
)
def test_a_password_is_neither_kept_nor_shown(home: Path, url: str) -> None:
    read = address.parse(url)
    assert read.parameters["password"] == "s3cr/t"
    assert "s3cr" not in read.shown
    with pytest.raises(IndexFileError) as error:
        places.open("team", url)
    assert "s3cr" not in str(error.value)
    assert "127.0.0.1:1/db" in str(error.value)
    with pytest.raises(UsageError) as refused:
        address.require_no_password(url)
    assert "s3cr" not in str(refused.value)
    assert "curta keys set 127.0.0.1" in refused.value.then


def test_an_address_that_cannot_be_read_is_not_repeated() -> None:
    with pytest.raises(UsageError) as error:
        address.parse("postgresql://ada:p@ss:word/x@host:port/db")
    assert "word" not in str(error.value)


def test_a_saved_key_named_as_the_host_is_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    keys.save("db.example.org", "from-the-keys")
    assert address.parse("postgresql://ada@db.example.org/x").parameters["password"] == "from-the-keys"
    monkeypatch.setenv("PGPASSWORD", "from-the-environment")
    assert "password" not in address.parse("postgresql://ada@db.example.org/x").parameters


def test_numbers_in_metadata_are_compared_as_numbers() -> None:
    assert condition("metadata->'a'->>'b' >= 2.5") == (
        "(CASE jsonb_typeof(metadata -> 'a' -> 'b') WHEN 'number' THEN (metadata -> 'a' ->> 'b')::numeric END) >= 2.5"
    )
