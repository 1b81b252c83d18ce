"""`curta index` and `curta search` as they are typed."""

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Curta


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")


def test_a_folder_is_indexed_searched_and_kept_in_step(curta: Curta, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    write(folder, a_txt="The otter swims.", b_txt="The badger digs.")
    assert "2 added" in curta("index", "add", "zoo", "texts").err
    found = curta("search", "zoo", "badgers", "dig", "--json")
    assert found.code == 0
    (row,) = found.json
    assert set(row) == {"rank", "score", "bm25", "cosine", "uri", "title", "start", "end", "text"}
    assert row["uri"].endswith("/texts/b.txt")
    assert row["text"] == "The badger digs."
    write(folder, c_txt="The heron stands.", a_txt="The otter sleeps.")
    (folder / "b.txt").unlink()
    done = curta("index", "sync", "zoo")
    assert "1 added, 1 updated, 1 removed" in done.err
    assert curta("search", "zoo", "badger", "--json").json == []


def test_a_folder_that_is_gone_takes_nothing_with_it(curta: Curta, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    write(tmp_path / "texts", a_txt="The otter swims.")
    curta("index", "add", "zoo", "texts")
    (tmp_path / "texts").rename(tmp_path / "away")
    done = curta("index", "sync", "zoo")
    assert done.code == 1
    assert curta("index", "info", "zoo", "--json").json["documents"] == 1


def test_what_cannot_be_read_is_named_and_the_rest_is_added(curta: Curta, tmp_path: Path) -> None:
    write(
        tmp_path,
        rows_jsonl='{"id": "1", "text": "good"}\nnot json\n{"id": "1", "text": "other"}\n{"id": "2", "text": "fine"}\n',
    )
    done = curta("index", "add", "rows", "rows.jsonl", "nowhere.txt")
    assert done.code == 1
    assert "2 added, 3 failed" in done.err
    assert "the same id" in done.err
    assert "nowhere.txt" in done.err


def test_an_index_is_not_made_of_nothing(curta: Curta, tmp_path: Path) -> None:
    done = curta("index", "add", "zoo", "nowhere.txt", "nor/*.here")
    assert (done.code, "There is no file or folder" in done.err) == (1, True)
    assert curta("index", "--json").json == []
    write(tmp_path, a_txt="The otter swims.")
    curta("index", "add", "zoo", "a.txt")
    done = curta("index", "add", "zoo")
    assert (done.code, "Name a file or folder" in done.err) == (2, True)


def test_a_name_mistyped_is_no_source_to_keep_in_step_with(curta: Curta, tmp_path: Path) -> None:
    write(tmp_path, a_txt="The otter swims.")
    assert "1 added, 1 failed" in curta("index", "add", "zoo", "a.txt", "b.txt").err
    done = curta("index", "sync", "zoo")
    assert (done.code, "1 unchanged" in done.err) == (0, True)


def test_more_passages_than_there_can_be_are_all_of_them(curta: Curta, tmp_path: Path) -> None:
    write(tmp_path, a_txt="The otter swims.")
    curta("index", "add", "zoo", "a.txt")
    assert len(curta("search", "zoo", "otter", "-n", "9" * 30, "--documents", "--json").json) == 1


def test_an_index_can_be_checked_listed_and_removed(curta: Curta, tmp_path: Path) -> None:
    write(tmp_path, a_txt="The otter swims.")
    curta("index", "add", "zoo", "a.txt")
    assert [each["name"] for each in curta("index", "list", "--json").json] == ["zoo"]
    assert curta("index", "check", "zoo").code == 0
    assert curta("index", "compact", "zoo").code == 0
    assert curta("index", "rm", "zoo", "a.txt").code == 0
    assert curta("index", "info", "zoo", "--json").json["documents"] == 0
    refused = curta("index", "rm", "zoo")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert curta("index", "rm", "zoo", "--yes").code == 0
    assert curta("search", "zoo", "otter").code == 2


def test_eval_says_how_many_judged_documents_are_missing(curta: Curta, tmp_path: Path) -> None:
    rows = [{"id": f"d{i}", "text": f"unique{i} words"} for i in range(12)]
    queries = [{"id": f"q{i}", "text": f"where is unique{i}"} for i in range(12)]
    qrels = [{"q": f"q{i}", "d": f"d{i}", "rel": 1} for i in range(11)] + [{"q": "q1", "d": "gone", "rel": 1}]
    for name, lines in (("d.jsonl", rows), ("q.jsonl", queries), ("r.jsonl", qrels)):
        (tmp_path / name).write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    curta("index", "add", "x", "d.jsonl")
    done = curta("index", "eval", "x", "--queries", "q.jsonl", "--qrels", "r.jsonl", "--json")
    assert done.json["queries"] == 11
    assert done.json["judged_not_in_index"] == 1
    assert 0.95 < done.json["ndcg@10"]["mean"] < 1
    tuned = curta("index", "tune", "x", "--queries", "q.jsonl", "--qrels", "r.jsonl")
    assert tuned.code == 0
    assert "it stays as it is" in tuned.out


def test_questions_are_made_from_headings_and_called_synthetic(curta: Curta, tmp_path: Path) -> None:
    titles = ("Mending a bicycle", "Baking rye bread", "Planting apple trees")
    for number, title in enumerate(titles):
        (tmp_path / f"{number}.md").write_text(f"# {title}\n\nIt takes patience, and some tools.\n")
    curta("index", "add", "x", "*.md", "--lexical")
    done = curta("index", "eval", "x", "--synthetic", "--json", "--per-query")
    assert done.json["synthetic"] is True
    assert done.json["queries"] == len(titles)
    assert done.json["ndcg@10"]["mean"] == 1
    shown = curta("index", "eval", "x", "--synthetic")
    assert "synthetic" in shown.err
    for command in ("eval", "tune"):
        refused = curta("index", command, "x")
        assert refused.code == 2
        assert "--synthetic" in refused.err
    too_few = curta("index", "tune", "x", "--synthetic")
    assert "3 questions are too few" in too_few.err


def test_a_bad_filter_is_explained(curta: Curta, tmp_path: Path) -> None:
    write(tmp_path, a_txt="The otter swims.")
    curta("index", "add", "zoo", "a.txt")
    done = curta("search", "zoo", "otter", "--filter", "titel = 1")
    assert done.code == 2
    assert "no such column: titel" in done.err


def test_an_embedded_index_is_searched_by_words_and_vectors(curta: Curta, tmp_path: Path, openai_server: Any) -> None:
    write(tmp_path, a_txt="The otter swims.", b_txt="The badger digs.")
    model = f"{openai_server.url}#embed"
    done = curta("index", "add", "zoo", "a.txt", "b.txt", "-m", model)
    assert done.code == 0
    assert "2 passages embedded" in done.err
    found = curta("search", "zoo", "the otter swims", "--explain")
    assert f"hybrid ({model})" in found.err
    assert "cosine" in found.out.splitlines()[1]
    assert curta("search", "zoo", "otter", "--lexical").err.strip() == "lexical"
    assert curta("index", "info", "zoo", "--json").json["vectors"] == {model: 2}
    other = curta("index", "add", "zoo", "-m", f"{openai_server.url}#embed-other")
    assert other.code == 1
    assert "was embedded with" in other.err


def test_a_passage_that_cannot_be_embedded_stops_no_other(curta: Curta, tmp_path: Path, openai_server: Any) -> None:
    write(tmp_path, a_txt="The otter swims.", b_txt="A BAD one.")
    done = curta("index", "add", "zoo", "a.txt", "b.txt", "-m", f"{openai_server.url}#embed-picky")
    assert done.code == 1
    assert "1 passage embedded" in done.err
    assert "1 failed" in done.err
