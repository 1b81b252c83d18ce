"""Fragments and schemas that `llm` has kept are used by their names, and its vectors can be read."""

import sqlite3
from array import array
from pathlib import Path

import pytest

from curta.llm_home import kept
from curta.llm_home.embeddings import collections, floats, vectors
from tests.cli.conftest import Curta


@pytest.mark.usefixtures("llm_folder", "untouched")
def test_a_fragment_is_found_by_its_alias_and_hash(llm_folder: Path, curta: Curta) -> None:
    (alias,) = kept.aliases()
    document = kept.fragment(alias)
    assert (alias, document.text) == ("boat", "The boat sails at noon.")
    assert "The boat sails at noon." in curta("-m", "echo", "-f", "boat", "When?").out
    connection = sqlite3.connect(f"file:{llm_folder / 'logs.db'}?mode=ro", uri=True)
    hash = connection.execute("SELECT hash FROM fragments").fetchone()[0]
    connection.close()
    assert kept.fragment(hash[:12]) == document
    assert kept.fragment("no-such-fragment") is None


@pytest.mark.usefixtures("llm_folder", "untouched")
def test_a_schema_is_found_by_the_id_llm_has_for_it(curta: Curta) -> None:
    (id,) = kept.schemas()
    done = curta("-m", "schema", "--schema", id, "Another dog")
    assert done.json == {"name": "text", "age": 1}


def test_vectors_are_read(empty_llm_folder: Path) -> None:
    connection = sqlite3.connect(empty_llm_folder / "embeddings.db")
    connection.executescript(
        "CREATE TABLE collections (id INTEGER PRIMARY KEY, name TEXT, model TEXT);"
        "CREATE TABLE embeddings (collection_id INTEGER REFERENCES collections(id), id TEXT, embedding BLOB,"
        " content TEXT, content_blob BLOB, content_hash BLOB, metadata TEXT, updated INTEGER,"
        " PRIMARY KEY (collection_id, id));"
        "INSERT INTO collections VALUES (1, 'birds', 'ada-002');"
    )
    rows = [(1, f"{n:04}", array("f", [n, 0.5]).tobytes(), f"bird {n}", None, b"", '{"n": 1}', 0) for n in range(2500)]
    connection.executemany("INSERT INTO embeddings VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    (birds,) = collections()
    assert (birds.name, birds.model, birds.size) == ("birds", "ada-002", 2500)
    read = list(vectors(birds))
    assert len(read) == 2500
    assert list(read[7].values) == [7.0, 0.5]
    assert (read[7].id, read[7].text, read[7].metadata) == ("0007", "bird 7", {"n": 1})
    assert list(floats(b"\0\0\x80?\xff")) == [1.0]


def test_nothing_kept_is_nothing(home: Path) -> None:
    assert (collections(), kept.schemas(), kept.aliases(), kept.fragment("boat")) == ([], {}, {}, None)
