"""`curta eval compare` and `curta eval import`: what is said, exit codes for scripts, files that are none."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.evals.test_importing_runs import foreign


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    for name in ("promptfoo.json", "inspect-small.eval", "inspect-large.eval", "promptfooconfig.yaml"):
        shutil.copy(foreign(name), tmp_path / name)
    rows = [{"id": str(number), "expected": f"word{number}", "answer": f"It is word{number}."} for number in range(12)]
    for name, told in (("right", rows), ("wrong", [{**row, "answer": "no"} for row in rows])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in told))


def test_files_of_other_tools_are_compared_as_they_are(curta: Any) -> None:
    done = curta("eval", "compare", "inspect-small.eval", "inspect-large.eval")
    assert done.out.splitlines()[0] == "inspect-small.eval → inspect-large.eval: 6 inputs in both"
    assert done.out.splitlines()[1].startswith("includes: undecided (")
    assert "sign-flip test, p = " in done.out
    assert "2 and 1 answers have no score" in done.out
    assert "sizes/words is left out: it goes from 1 to 5" in done.err
    assert done.code == 0


def test_what_is_worse_fails_a_check_and_shows_where(curta: Any) -> None:
    done = curta("eval", "compare", "right.jsonl", "wrong.jsonl", "--score", "contains: $expected", "--items", "1")
    assert done.code == 3
    assert "contains: worse (-100 points" in done.out
    assert "McNemar's exact test, p < 0.001" in done.out
    assert done.out.splitlines()[-1].endswith("→ no")


def test_a_requirement_that_is_not_met_fails_a_check(curta: Any) -> None:
    same = ("eval", "compare", "right.jsonl", "right.jsonl", "--score", "contains: $expected", "--require")
    assert curta(*same, "decided").code == 3
    assert curta(*same, "better", "--rope", "0.9").code == 3
    assert curta(*same, "equal", "--rope", "0.9").code == 0


def test_all_of_it_as_json(curta: Any) -> None:
    told = curta("eval", "compare", "right.jsonl", "wrong.jsonl", "--score", "contains: $expected", "--json").json
    (by,) = told["results"]
    assert (told["units"], by["outcome"], by["worse"], len(by["items"])) == (12, "worse", 12, 5)
    assert by["fixed"]["p"] < 0.001 < by["anytime"]["log_e"]


def test_several_ways_of_asking_are_listed_when_it_is_not_clear_which(curta: Any) -> None:
    done = curta("eval", "compare", "promptfoo.json", "inspect-small.eval", "--by", "pass=includes")
    assert done.code == 2
    assert "promptfoo.json has several ways of asking." in done.err
    assert "FILE#NAME" in done.err


@pytest.mark.parametrize("name", ["nothing.json", "01zzzzzzzz", "promptfoo.json#nobody", ".", "right.jsonl#x"])
def test_what_is_no_run_is_refused(curta: Any, name: str) -> None:
    done = curta("eval", "compare", name, "right.jsonl")
    assert done.code in (1, 2)
    assert done.err.startswith("curta: ")
    assert not done.out


def test_where_no_score_can_be_compared_it_is_said_why(curta: Any, tmp_path: Path) -> None:
    for name in ("old.jsonl", "new.jsonl"):
        (tmp_path / name).write_text('{"id": 1, "score": 7}\n{"id": 2, "score": 0.5}\n')
    done = curta("eval", "compare", "old.jsonl", "new.jsonl")
    assert done.code == 2
    assert "old.jsonl has none; score is left out: it goes from 0.5 to 7" in done.err


def test_what_was_imported_is_listed_reported_and_compared(curta: Any) -> None:
    done = curta("eval", "import", "inspect-small.eval", "inspect-large.eval")
    assert "0 of 0 decided" not in curta("eval", "list").out  # each run has one way of asking
    ids = [line.split()[0] for line in done.out.splitlines()]
    assert "capitals, inspect: 12 answers to 6 inputs; scores: includes, sizes/short" in done.out
    assert len(curta("eval", "list", "--json").json) == 2
    assert curta("eval", "report", ids[0]).code in (0, 1)
    assert curta("eval", "compare", *ids).out.splitlines()[0] == "capitals → capitals: 6 inputs in both"
    assert "there already" in curta("eval", "import", "inspect-small.eval").out
    assert [
        json.loads(line)["new"] for line in curta("eval", "import", "promptfoo.json", "--json").out.splitlines()
    ] == [True]


def test_a_damaged_file_is_named_and_those_before_it_are_there(curta: Any, tmp_path: Path) -> None:
    (tmp_path / "cut.json").write_bytes((tmp_path / "promptfoo.json").read_bytes()[:9000])
    done = curta("eval", "import", "inspect-small.eval", "cut.json")
    assert done.code == 1
    assert "cut.json is damaged" in done.err
    assert len(curta("eval", "list", "--json").json) == 1


def test_a_configuration_becomes_a_spec_with_a_list_of_what_was_left_out(curta: Any, tmp_path: Path) -> None:
    done = curta("eval", "import", "promptfooconfig.yaml", "-o", "spec.yml")
    assert done.code == 0
    assert "Left out: test 4: weights; all assertions count the same." in done.err
    assert "# left out: test 4" in (tmp_path / "spec.yml").read_text()
    assert curta("eval", "import", "promptfooconfig.yaml").out == (tmp_path / "spec.yml").read_text()
    assert curta("eval", "import", "promptfoo.json", "-o", "spec.yml").code == 2
