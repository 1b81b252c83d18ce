"""Logged answers, scored anew: nothing is asked again, the old scores stay, versions are on record."""

import json
from pathlib import Path
from typing import Any

import pytest

import curta
from curta.errors import UsageError
from tests.evals.test_importing_runs import foreign
from tests.servers.crowd import Crowd
from tests.servers.openai import Failure

ROWS = [{"id": f"n{number}", "doc": number % 4, "name": f"name{number}"} for number in range(12)]
SPEC = {
    "prompt": "$tone Greet $name.",
    "factors": {"tone": {"please": "Please.", "now": "Now!"}},
    "inputs": ROWS,
    "score": [{"contains": "Hello"}],
    "rope": 0.2,
    "decide": "fixed",
}


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return str(path)


@pytest.fixture(autouse=True)
def _greets(crowd: Crowd) -> None:
    crowd.answer = lambda words: "Hello." if "Now!" in words else f"Hello, {words.split('Greet ')[1]}"


@pytest.mark.parametrize("change", [{}, {"unit": "doc"}, {"unit": "doc", "repeat": 2}])
def test_answers_are_scored_by_the_input_that_they_belong_to(crowd: Crowd, table: str, change: Any) -> None:
    old = curta.experiment({**SPEC, **change}, model="crowd").run().id
    asked = crowd.asked.total()
    found = curta.rescore(old, score=[{"contains": "$name."}], inputs=table)
    report = curta.experiment_report(found.id)
    assert [(each.cell, each.mean, each.failed) for each in report.ways] == [("please", 1, 0), ("now", 0, 0)]
    assert crowd.asked.total() == asked
    assert found.notes == ()


def test_the_old_scores_stay_and_the_same_again_is_the_same_experiment() -> None:
    old = curta.experiment(SPEC, model="crowd").run().id
    before = curta.experiment_report(old)
    first = curta.rescore(old[:12], score=["size", {"equals": "Hello."}])
    assert curta.experiment_report(old) == before
    assert curta.rescore(old, score=["size", {"equals": "Hello."}]).id == first.id
    plan = curta.open_log().experiments().one(first.id).plan
    assert [(each["name"], each["version"]) for each in plan["spec"]["score"]] == [("size", 1), ("equals", 1)]
    assert plan["rescored"] == old
    assert curta.compare_runs(f"{first.id}:please", f"{first.id}:now").by[1].means == (0, 1)


def test_a_spec_gives_scorers_and_inputs(tmp_path: Path, table: str) -> None:
    old = curta.experiment({**SPEC, "inputs": table}, model="crowd").run().id
    (tmp_path / "new.yml").write_text("prompt: $name\ninputs: rows.jsonl\nscore: {icontains: $name}\n")
    found = curta.rescore(old, tmp_path / "new.yml")
    assert [each.mean for each in curta.experiment_report(found.id).ways] == [1, 0]


def test_a_judge_asks_a_model_and_nothing_else_does(crowd: Crowd) -> None:
    old = curta.experiment(SPEC, model="crowd").run().id
    asked, before = crowd.asked.total(), crowd.answer
    crowd.answer = lambda words: "yes" if "Judge it" in words else before(words)
    found = curta.rescore(old, score=[{"judge": {"asks": "Is it polite?", "model": "crowd"}}])
    assert found.judged == found.answers
    assert crowd.asked.total() == asked + 2 * found.answers
    assert [each.mean for each in curta.experiment_report(found.id).ways] == [1, 1]


def test_what_failed_has_failed_still(crowd: Crowd) -> None:
    crowd.answer = lambda words: Failure(400) if "name3" in words else "Hello."
    old = curta.experiment(SPEC, model="crowd").run().id
    ways = curta.experiment_report(curta.rescore(old, score=[{"equals": "Hello."}]).id).ways
    assert [each.failed for each in ways] == [1, 1]


def test_imported_answers_are_scored_by_what_their_file_says() -> None:
    (kept,) = curta.import_runs([foreign("inspect-large.json")])
    with pytest.raises(UsageError, match="'target'"):
        curta.rescore(kept.id, score=[{"contains": "$target"}])
    found = curta.rescore(kept.id, score=[{"contains": "$target"}], inputs=foreign("inspect-large.json"))
    (way,) = curta.experiment_report(found.id).ways
    assert (way.answers, way.failed) == (6, 1)
    assert way.mean == next(each.mean for each in curta.experiment_report(kept.id).ways if each.scorer == "includes")


def test_inputs_that_are_others_now_are_found_by_their_ids_or_refused(tmp_path: Path, table: str) -> None:
    old = curta.experiment({**SPEC, "inputs": table}, model="crowd").run().id
    more = tmp_path / "more.jsonl"
    more.write_text("".join(json.dumps({**row, "new": row["name"]}) + "\n" for row in reversed(ROWS)))
    found = curta.rescore(old, score=[{"contains": "$new"}], inputs=str(more))
    assert [each.mean for each in curta.experiment_report(found.id).ways] == [1, 0]
    assert "found by their ids" in found.notes[0]
    more.write_text("".join(json.dumps({**row, "id": f"other{row['id']}"}) + "\n" for row in ROWS))
    with pytest.raises(UsageError, match="has no input 'n"):
        curta.rescore(old, score=[{"contains": "$name"}], inputs=str(more))
    more.write_text("".join(json.dumps({"name": row["name"]}) + "\n" for row in ROWS))
    with pytest.raises(UsageError, match="no ids"):
        curta.rescore(old, score=[{"contains": "$name"}], inputs=str(more))


def test_without_a_scorer_there_is_nothing_to_do(table: str) -> None:
    old = curta.experiment(SPEC, model="crowd").run().id
    with pytest.raises(UsageError, match="scorer"):
        curta.rescore(old, inputs=table)
