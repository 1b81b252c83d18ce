"""`curta index` with an index in PostgreSQL, and an index that is taken elsewhere, as they are typed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import Curta

if TYPE_CHECKING:
    from tests.servers.postgres import PostgresServer

SECRET = "hunter2hunter2"


@pytest.fixture
def zoo(curta: Curta, tmp_path: Path) -> Curta:
    """`curta`, in a folder with texts of animals."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "otter.txt").write_text("The otter swims in cold water.")
    (tmp_path / "texts" / "badger.txt").write_text("The badger digs at night.")
    return curta


def test_an_index_in_a_database_is_found_by_its_name(
    zoo: Curta, tmp_path: Path, postgres: "PostgresServer", openai_server: Any
) -> None:
    model = f"{openai_server.url}#embed"
    done = zoo("index", "add", "shared", "texts", "-m", model, "--store", postgres.url)
    assert done.code == 0, done.err
    assert "2 added" in done.err
    assert "2 passages embedded" in done.err
    found = zoo("search", "shared", "the badger digs", "--explain")
    assert f"hybrid ({model})" in found.err
    assert "all there are" in found.err
    assert "badger.txt" in found.out.splitlines()[0]
    assert [each["name"] for each in zoo("index", "list", "--json").json] == ["shared"]
    assert zoo("index", "info", "shared", "--json").json["vectors"] == {model: 2}
    (tmp_path / "texts" / "badger.txt").unlink()
    assert "1 unchanged, 1 removed" in zoo("index", "sync", "shared").err
    assert zoo("index", "rm", "shared", "texts/otter.txt").code == 0
    checked = zoo("index", "check", "shared")
    assert checked.code == 2
    assert "file only" in checked.err
    assert zoo("index", "rm", "shared", "--yes").code == 0
    assert zoo("search", "shared", "otter").code == 2


@pytest.mark.parametrize("command", [("index", "add", "x", "texts"), ("search", "x", "otter"), ("index", "info", "x")])
def test_a_password_on_the_command_line_is_refused_and_not_repeated(
    zoo: Curta, home: Path, command: tuple[str, ...]
) -> None:
    done = zoo(*command, "--store", f"postgresql://ada:{SECRET}@127.0.0.1/db")
    assert done.code == 2
    assert SECRET not in done.err + done.out
    assert "curta keys set 127.0.0.1" in done.err
    assert not any(SECRET in path.read_text("utf-8", "replace") for path in home.rglob("*") if path.is_file())


def test_a_database_that_cannot_be_reached_is_named_without_the_password(zoo: Curta) -> None:
    done = zoo("search", "x", "otter", "--store", "postgresql://ada@127.0.0.1:1/db", PGPASSWORD=SECRET)
    assert done.code == 1
    assert "postgresql://ada@127.0.0.1:1/db cannot be used now" in done.err
    assert SECRET not in done.err


def test_an_export_is_imported_under_another_name(zoo: Curta, openai_server: Any) -> None:
    model = f"{openai_server.url}#embed"
    zoo("index", "add", "zoo", "texts", "-m", model)
    assert zoo("index", "export", "zoo", "-o", "zoo.jsonl").code == 0
    assert "2 added" in zoo("index", "import", "copy", "zoo.jsonl").err
    assert zoo("index", "info", "copy", "--json").json["vectors"] == {model: 2}
    assert zoo("index", "export", "copy").out == zoo("index", "export", "zoo").out
    refused = zoo("index", "export", "zoo", "--to", "parquet")
    assert refused.code == 2
    assert "-o FILE" in refused.err


def test_what_is_no_export_makes_no_index(zoo: Curta, tmp_path: Path) -> None:
    (tmp_path / "texts" / "empty.jsonl").touch()
    for name in ("texts/otter.txt", "texts/empty.jsonl"):
        done = zoo("index", "import", "other", name)
        assert done.code == 1
        assert "is no export of an index" in done.err
    assert "There is no index" in zoo("index", "info", "other").err


def test_a_search_is_a_table_on_request(zoo: Curta, tmp_path: Path) -> None:
    (tmp_path / "texts" / "odd.txt").write_text("Otters\tand\n\nother\r\nanimals")
    zoo("index", "add", "zoo", "texts", "--lexical")
    header, *rows = (line.split("\t") for line in zoo("search", "zoo", "otter", "--tsv").out.splitlines())
    assert header == ["rank", "score", "bm25", "cosine", "uri", "title", "start", "end", "text"]
    assert [len(row) for row in rows] == [len(header)] * 2
    assert "Otters and other animals" in [row[-1] for row in rows]
