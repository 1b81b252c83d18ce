"""Runs of promptfoo and Inspect, as these tools wrote them, read and kept in the log."""

import io
import json
import shutil
import sqlite3
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

import curta
from curta.errors import MissingExtra, SourceError
from curta.evals.importing import json_pieces, zipped
from curta.evals.importing.reading import run_of, tool_of
from curta.store import Filter

FOREIGN = Path(__file__).parent / "foreign"
"""Written by promptfoo 0.121.20 and inspect_ai 0.3.285, without what no reader needs."""


def foreign(name: str) -> str:
    """The path of a file that a tool wrote."""
    if name.endswith(".eval") and sys.version_info < (3, 14):
        pytest.importorskip("zstandard", reason="archives of Inspect are compressed with Zstandard")
    return str(FOREIGN / name)


@pytest.mark.parametrize("name", ["promptfoo.json", "promptfoo.jsonl"])
def test_results_of_promptfoo(name: str) -> None:
    answers = sorted(run_of(foreign(name)).answers(), key=lambda each: (each.pos, each.way))
    assert [each.unit for each in answers[::4]] == ["France", "Germany", "Spain", "Peru", "Atlantis"]
    first, chat, failed = answers[0], answers[1], answers[16]
    assert (first.model, first.levels[0], first.output) == ("openai:chat:small", "openai:chat:small", "Paris.")
    assert first.scores == {"pass": 1, "score": 1, "capital": 1}
    assert [each.role for each in chat.messages] == ["system", "user"]
    assert (failed.scores, failed.output) == ({}, "")
    assert "There is no such place." in failed.failure


@pytest.mark.parametrize(("name", "answers"), [("inspect-small.eval", 12), ("inspect-large.eval", 6)])
def test_a_log_of_inspect(name: str, answers: int) -> None:
    run = run_of(foreign(name))
    found = {each.unit: each for each in sorted(run.answers(), key=lambda each: each.pos)}
    assert (run.told.tool, run.told.name) == ("inspect", "capitals")
    assert list(found) == ["france", "germany", "spain", "italy", "japan", "atlantis"]
    assert found["france"].row["target"] == "Paris"
    assert set(found["france"].scores) == {"includes", "sizes/words", "sizes/short"}
    assert "There is no such place." in found["atlantis"].failure
    assert len(list(run_of(foreign(name)).answers())) == answers


def test_both_forms_of_an_inspect_log_say_the_same(tmp_path: Path) -> None:
    """Older archives are deflated; a `.json` has the same fields."""
    told = json.loads(Path(foreign("inspect-large.json")).read_text())
    with ZipFile(tmp_path / "older.eval", "w", ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps({name: told[name] for name in ("version", "status", "eval")}))
        for sample in told["samples"]:
            archive.writestr(f"samples/{sample['id']}_epoch_{sample['epoch']}.json", json.dumps(sample))
    assert list(run_of(str(tmp_path / "older.eval")).answers()) == list(run_of(foreign("inspect-large.json")).answers())


def test_kept_in_the_log_it_is_an_experiment() -> None:
    (kept,) = curta.import_runs([foreign("promptfoo.json")])
    assert (kept.new, kept.answers, kept.units, kept.scores) == (True, 20, 5, ["pass", "capital"])
    report = curta.experiment_report(kept.id)
    assert {each.contrast for each in report.results} == {"model large", "prompt"}
    assert (report.name, report.units, report.of) == ("Capitals", 5, 5)
    assert all(each.verdict.look.p is not None for each in report.results)  # the number of inputs was fixed
    assert next(each for each in report.ways if each.scorer == "pass").failed == 1
    calls = list(curta.open_log().calls(Filter(caller="promptfoo")))
    assert len(calls) == 20
    assert {each.status for each in calls} == {"ok", "failed"}


def test_a_thousand_answers_of_one_moment_and_text_that_is_no_text(tmp_path: Path) -> None:
    told = json.loads(Path(foreign("promptfoo.json")).read_text())
    row = told["results"]["results"][0]
    row |= {"provider": {"id": "\ud83d"}, "response": {"output": "\ud800\x00"}, "namedScores": {"\udfff": float("nan")}}
    rows = [{**row, "vars": {"q": f"\ud800{number}"}, "testIdx": number} for number in range(1030)]
    told["results"]["results"] = rows
    path = tmp_path / "many.json"
    path.write_text(json.dumps(told))
    (kept,) = curta.import_runs([str(path)])
    assert (kept.answers, kept.units, kept.scores) == (1030, 1030, ["pass"])
    assert curta.compare_runs(kept.id, str(path)).by[0].same == 1030


def test_a_file_brought_in_twice_changes_nothing() -> None:
    paths = [foreign("inspect-small.eval")] * 2
    first, second = curta.import_runs(paths)
    assert (first.new, second.new, second.id) == (True, False, first.id)
    assert curta.open_log().count() == 12


def test_an_answer_that_only_one_way_has_counts_as_failed_in_the_others(tmp_path: Path) -> None:
    told = json.loads(Path(foreign("promptfoo.json")).read_text())
    rows = told["results"]["results"]
    told["results"]["results"] = [row for row in rows if (row["testIdx"], row["promptIdx"]) != (0, 3)]
    (tmp_path / "fewer.json").write_text(json.dumps(told))
    (kept,) = curta.import_runs([str(tmp_path / "fewer.json")])
    ways = {each.cell: each for each in curta.experiment_report(kept.id).ways if each.scorer == "pass"}
    assert [each.failed for each in ways.values()] == [1, 1, 1, 2]


def test_what_is_no_score_is_left_out_by_name() -> None:
    (kept,) = curta.import_runs([foreign("inspect-small.eval")])
    assert kept.scores == ["includes", "sizes/short"]
    assert kept.notes == ["sizes/words is left out: it goes from 1 to 5, and a score lies in [0, 1]"]


@pytest.mark.parametrize("name", ["promptfoo.json", "promptfoo.jsonl", "inspect-small.eval", "inspect-large.json"])
def test_a_damaged_file_is_refused_by_its_name(name: str, tmp_path: Path) -> None:
    data = Path(foreign(name)).read_bytes()
    for place in (len(data) // 3, len(data) - 30):
        cut = tmp_path / f"cut-{name}"
        cut.write_bytes(data[:place])
        with pytest.raises(SourceError, match=rf"cut-{name}.* damaged"):
            list(curta.import_runs([str(cut)]))
        assert curta.open_log().count() == 0


def test_a_damaged_member_of_an_archive_is_named(tmp_path: Path) -> None:
    data = bytearray(Path(foreign("inspect-small.eval")).read_bytes())
    with ZipFile(foreign("inspect-small.eval")) as archive:
        info = archive.getinfo("samples/germany_epoch_1.json")
    middle = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    data[middle : middle + 8] = b"\0" * 8
    (tmp_path / "bad.eval").write_bytes(data)
    with pytest.raises(SourceError, match=r"bad\.eval is damaged.*germany_epoch_1"):
        list(run_of(str(tmp_path / "bad.eval")).answers())


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"a": 1}', "prompts: [hello]", '{"results": {"results": 3}}', "\0" * 99]
)
def test_a_file_of_another_kind_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(SourceError, match=r"other\.json"):
        list(run_of(str(tmp_path / "other.json")).answers())


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python reads these archives itself")
def test_without_the_decoder_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    path = foreign("inspect-small.eval")
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtra) as caught:
        list(run_of(path).answers())
    assert "curta[inspect]" in caught.value.then


def test_a_member_that_says_it_is_small_is_not_unpacked_beyond_that(tmp_path: Path) -> None:
    path = tmp_path / "bomb.eval"
    shutil.copy(foreign("inspect-small.eval"), path)
    with ZipFile(path) as archive:
        info = archive.getinfo("header.json")
        info.file_size = 10
        with pytest.raises(Exception, match="not what it was"):
            zipped.member(archive, info)


def test_redaction_reaches_the_units_of_a_run(tmp_path: Path) -> None:
    (kept,) = curta.import_runs([foreign("promptfoo.json")])
    log = curta.open_log()
    log.redact("Germany")
    assert "Germany" not in log.experiments().units(kept.id).values()
    with sqlite3.connect(log.path) as connection:
        assert b"Germany" not in b"".join(line.encode() for line in connection.iterdump())


# JSON in pieces


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=12,
    ),
    st.lists(st.dictionaries(st.text(max_size=3), st.integers()), max_size=5),
)
def test_the_pieces_make_the_whole(value: object, rows: list[object]) -> None:
    told = {"before": value, "results": {"version": 3, "results": rows, "after": value}, "last": [value]}
    found = list(json_pieces.pieces(io.BytesIO(json.dumps(told, indent=1).encode()), {("results", "results")}))
    assert [piece for place, piece in found if place == ("results", "results")] == rows
    assert [piece for place, piece in found if place != ("results", "results")] == [value, 3, value, [value]]


def test_a_large_file_is_read_piece_by_piece(tmp_path: Path) -> None:
    row = json.dumps({"text": "ä" * 5000})
    path = tmp_path / "large.json"
    path.write_text('{"results": {"results": [' + ",".join([row] * 3000) + "]}}")
    with path.open("rb") as file:
        pieces = json_pieces.pieces(file, {("results", "results")})
        next(pieces)
        assert file.tell() < 2_000_000
        assert sum(1 for _ in pieces) == 2999


@pytest.mark.parametrize("name", ["promptfoo.json", "inspect-small.eval", "inspect-large.json"])
def test_the_tool_is_known_by_what_is_in_the_file(name: str) -> None:
    assert tool_of(foreign(name)) == name.partition("-")[0].partition(".")[0]
