"""A report as rows and as JUnit XML: what programs read, complete and in the forms they expect."""

import csv
from typing import Any
from xml.etree import ElementTree

import pytest

import curta
from tests.servers.crowd import Crowd
from tests.servers.openai import Failure

SPEC = {
    "name": "tone & <text>",
    "prompt": "$tone Say $text.",
    "factors": {"tone": {"please": "Please.", "now": "Now!"}},
    "inputs": [{"id": str(number), "text": f"word{number}"} for number in range(12)],
    "score": {"contains": "$text"},
    "rope": 0.2,
    "seed": 5,
}

COUNTS = {"tests", "failures", "errors"}
SCHEMA: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), COUNTS | {"name", "time"}, {"testsuite"}),
    "testsuite": (
        COUNTS | {"name"},
        {"skipped", "time", "timestamp", "hostname", "id", "package", "file", "group", "log", "url"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": ({"name"}, {"time", "classname", "group"}, {"skipped", "error", "failure", "system-out", "system-err"}),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}
"""Jenkins' junit-10.xsd as far as it matters here: attributes an element must and may have, and what it may hold."""


@pytest.fixture(autouse=True)
def _obeys(crowd: Crowd) -> None:
    crowd.answer = lambda words: words if "Now!" in words else "no\x00"


def run(**change: Any) -> Any:
    curta.experiment({**SPEC, **change}, model="crowd").run()
    return curta.experiment_report()


def parsed(junit: str) -> ElementTree.Element:
    """The file as XML, which is as the schema wants it, and whose counts are right."""
    root = ElementTree.fromstring(junit)
    for each in root.iter():
        must, may, holds = SCHEMA[each.tag]
        assert must <= set(each.attrib) <= must | may, each.tag
        assert {child.tag for child in each} <= holds, each.tag
        for count, element in {"tests": "testcase", "failures": "failure", "errors": "error"}.items():
            if count in each.attrib:
                assert int(each.attrib[count]) == len(list(each.iter(element)))
    return root


def cases(root: ElementTree.Element) -> dict[str, str]:
    """How each test case ended."""
    kinds = ("failure", "error", "skipped")
    return {
        each.attrib["name"]: next((kind for kind in kinds if each.find(kind) is not None), "passed")
        for each in root.iter("testcase")
    }


def test_a_better_change_passes_and_one_for_the_worse_fails(crowd: Crowd) -> None:
    assert cases(parsed(run().junit()))["tone"] == "passed"
    turned = {"tone": {"now": "Now!", "please": "Please."}}
    root = parsed(run(factors=turned).junit())
    assert cases(root)["tone"] == "failure"
    assert root.find(".//failure").attrib["message"].startswith("tone: worse (-100 points")


def test_what_is_undecided_is_skipped_and_what_could_not_be_scored_is_an_error(crowd: Crowd) -> None:
    crowd.answer = lambda words: Failure(400, "No ]]> <way>.") if words.endswith("word3.") else "no"
    root = parsed(run(inputs=SPEC["inputs"][:5]).junit())
    assert cases(root) == {"tone": "skipped", "please": "error", "now": "error"}
    assert "1 of 5 answers could not be scored: " in root.find(".//error").attrib["message"]
    assert "No ]]> <way>." in root.find(".//error").attrib["message"]


def test_what_the_spec_expects_is_a_case_of_its_own(crowd: Crowd) -> None:
    crowd.answer = lambda words: "no"
    found = cases(parsed(run(expect={"contains": {"base": 0.5}}).junit()))
    assert found["contains of please: 0, at least 0.5 is expected"] == "failure"


def test_where_nothing_is_compared_each_input_is_a_case(crowd: Crowd) -> None:
    crowd.answer = lambda words: "no" if "word3." in words else words
    alone = {"prompt": "Say $text.", "factors": None}
    found = cases(parsed(run(**alone).junit()))
    assert found.pop("3") == "failure"
    assert {found[str(number)] for number in range(12) if number != 3} == {"passed"}


def test_every_answer_is_a_row_with_its_input_its_levels_its_scores_and_its_call() -> None:
    report = run(repeat=2)
    rows = list(report.rows())
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    of_unit = {(row["unit"], row["factor:tone"], row["repeat"]): row["score:contains"] for row in rows}
    assert len(of_unit) == len(rows)
    assert {level for (_, level, _), score in of_unit.items() if score} == {"now"}
    calls = {row["call"]: curta.open_log().call(row["call"]).prompt for row in rows[:6]}
    texts = {row["id"]: row["text"] for row in SPEC["inputs"]}
    assert all(calls[row["call"]].endswith(f"{texts[row['unit']]}.") for row in rows[:6])


def test_inputs_that_share_a_unit_are_told_apart() -> None:
    inputs = [{"author": str(number // 3), "text": f"word{number}"} for number in range(36)]
    rows = list(run(unit="author", inputs=inputs).rows())
    assert {row["input"] for row in rows} == {1, 2, 3}
    asked = {(row["unit"], row["input"], row["factor:tone"]) for row in rows}
    assert len(asked) == len(rows)
    for row in rows[:8]:
        word = 3 * int(row["unit"]) + row["input"] - 1
        assert curta.open_log().call(row["call"]).prompt.endswith(f"Say word{word}.")


def test_csv_says_what_the_rows_say() -> None:
    report = run()
    rows = list(csv.DictReader(report.csv().splitlines()))
    assert rows == [{name: "" if value is None else str(value) for name, value in row.items()} for row in report.rows()]
