"""`curta eval suite`: what is asked, what it says, in which forms; suites of one's own; what is wrong with them."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curta.evals.suites.words import SUITE
from curta.models import registry
from tests.cli.conftest import PROGRAM, ROOT
from tests.servers.scholars import NAMES, Scholars

ASK = ("eval", "suite", "words")
FEW = ("--families", "classify,answer", "-n", "12")
OWN = """
name: mine
families:
  sums:
    measures: Adds.
    prompt: "$ask"
    inputs: [{ask: 1 + 1, sum: "2"}, {ask: 1 + 2, sum: "3"}]
    score: {numeric: $sum}
    reference: sum
"""


@pytest.fixture
def scholars(home: Path) -> Iterator[Scholars]:
    with Scholars(SUITE.families) as server:
        for place, name in enumerate(NAMES, 1):
            registry.add(name, url=server.url, model=name, bytes=place * 1_000_000)
        yield server


def test_each_family_is_a_sentence_and_each_model_a_line(curta: Any, scholars: Scholars) -> None:
    done = curta(*ASK, "-m", "other", "-m", "right", *FEW, "--yes")
    lines = done.out.splitlines()
    assert lines[0] == "answer: right is the smallest within 5 points of the best (8 instances)"
    assert [line.split()[:2] for line in lines[1:3]] == [["right", "100"], ["other", "0"]]
    assert lines[3].startswith("classify: right is the smallest within 5 points of the best (")
    assert done.err.startswith("2 families, 2 models: at most 48 calls.\n")
    assert done.code == 0


def test_typed_again_it_asks_nothing_and_says_the_same_in_other_forms(
    curta: Any, scholars: Scholars, tmp_path: Path
) -> None:
    ask = (*ASK, "-m", "other", "-m", "right", "--families", "answer", "-n", "12")
    first, asked = curta(*ask, "--yes"), scholars.asked.total()
    told = curta(*ask, "--json").json
    assert [each["name"] for each in told["models"]] == ["right", "other"]
    assert (told["suite"], told["ordered_by"], told["margin"]) == ("words", "size on disk", 0.05)
    (answer,) = told["families"]
    assert (answer["family"], answer["smallest"], answer["ended"]) == ("answer", "right", "decided")
    assert {"score", "low", "high", "seconds", "cost", "failed", "dominated"} <= answer["marks"][0].keys()
    heads, rule, row = curta(*ask, "--markdown").out.splitlines()
    assert heads == "| family | right (1.00 MB) | other (2.00 MB) | smallest within 5 points of the best |"
    assert rule == "| --- | --- | --- | --- |"
    assert row.startswith("| answer (8) | 100 [")
    assert row.endswith(" | right |")
    page = curta(*ask, "--html", "suite.html")
    assert (page.out, "Nothing was asked." in page.err) == (first.out, True)
    assert (tmp_path / "suite.html").read_text().count("<svg") == 1
    assert scholars.asked.total() == asked
    (logged,) = curta("eval", "list", "--json").json
    assert (logged["name"], logged["units"]) == ("words: answer", 8)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--list",), "summarise  Summarises what several people said"),
        (("--estimate", "-m", "right", *FEW), "2 families, 1 model: at most 24 calls."),
        (("--check", "--families", "answer"), "answer         100          0      0         0      0  ok"),
    ],
)
def test_what_there_is_what_it_takes_and_whether_it_is_to_be_believed_asks_nothing(
    curta: Any, scholars: Scholars, flags: tuple[str, ...], says: str
) -> None:
    done = curta(*ASK, *flags)
    assert says in done.out
    assert done.code == 0
    assert not scholars.asked


def test_what_could_cost_is_agreed_to_first(curta: Any, scholars: Scholars) -> None:
    registry.add("elsewhere", url="http://models.invalid/v1", model="right")
    done = curta(*ASK, "-m", "elsewhere", *FEW)
    assert (done.code, done.out) == (5, "")
    assert "--yes" in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*ASK,), "-m extractive"),
        ((*ASK, "-m", "extractive", "--families", "sumarise"), "summarise"),
        ((*ASK, "-m", "extractive", "--size", "85MB"), "--size small=85MB"),
        ((*ASK, "-m", "extractive", "--size", "extractive=big"), "85MB"),
        ((*ASK, "-m", "nobody-s"), "nobody-s"),
        ((*ASK, "-m", "extractive", "--json", "--html", "-"), "Only one of them"),
        (("eval", "suite", "wrods", "-m", "extractive"), "words"),
        (("eval", "suite", "none.yml", "-m", "extractive"), "none.yml"),
    ],
)
def test_slips_are_named_with_what_is_right(curta: Any, arguments: tuple[str, ...], says: str) -> None:
    done = curta(*arguments)
    assert done.code in (1, 2)
    assert says in done.err
    assert "Traceback" not in done.err


def test_a_suite_of_ones_own_runs_by_the_same_command(curta: Any, scholars: Scholars, tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(OWN)
    assert curta("eval", "suite", "mine.yml", "--list").out == "sums  Adds.\n"
    assert curta("eval", "suite", "mine.yml", "--check").code == 0
    done = curta("eval", "suite", "mine.yml", "-m", "extractive", "--json")
    assert done.json["families"][0]["marks"][0]["failed"] == 2
    wrong = OWN.replace("numeric: $sum", "numeric: {value: $sum, tolerance: 5}")
    (tmp_path / "loose.yml").write_text(wrong)
    loose = curta("eval", "suite", "loose.yml", "--check")
    assert (loose.code, "not to be believed" in loose.out) == (3, True)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("families:", "famlies:", "families"),
        ("    prompt:", "    promt:", "prompt"),
        ("    score: {numeric: $sum}\n", "", "score"),
        ("numeric: $sum", "numerc: $sum", "numeric"),
        ("$ask", "$aks", "ask"),
        ('prompt: "$ask"', 'prompt: ["$ask", "$ask?"]', "several prompts"),
        ("    measures: Adds.", "    models: [extractive]", "models"),
        ("    measures: Adds.", "    floor: 7", "floor"),
        ("    measures: Adds.", "    measures: [Adds]", "measures"),
        ("name: mine", "words: [sumarise]", "summarise"),
        ("inputs: [{ask: 1 + 1", "inputs: [{ask: 1 + 1, model: 5", "model"),
        (OWN, "- 1\n", "families"),
        (OWN, "", "families"),
        (OWN, "a: [\n", "mine.yml"),
    ],
)
def test_what_is_wrong_with_a_suite_is_named(curta: Any, tmp_path: Path, old: str, new: str, says: str) -> None:
    (tmp_path / "mine.yml").write_text(OWN.replace(old, new))
    done = curta("eval", "suite", "mine.yml", "-m", "extractive")
    assert done.code in (1, 2), done.out
    assert says in done.err
    assert "did not foresee" not in done.err


def test_the_suite_that_is_shipped_as_an_example_can_be_believed(curta: Any, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples/suites", tmp_path / "suites")
    done = curta("eval", "suite", "suites/counter.yml", "--check", "--json")
    assert (done.code, [each["family"] for each in done.json]) == (0, ["refuse", "hours", "tone"])


def test_ctrl_c_tells_what_is_known_and_the_same_command_goes_on(
    curta: Any, scholars: Scholars, tmp_path: Path
) -> None:
    command = [*PROGRAM, *ASK, "-m", "right", "--families", "classify", "-n", "200", "-j", "1"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    scholars.wait_until_asked(5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out.startswith("classify: ")
    assert "Stopped. The same command goes on from there." in err
    asked = scholars.asked.total()
    done = curta(*ASK, "-m", "right", "--families", "classify", "-n", str(asked + 1), "--json")
    assert json.loads(done.out)["families"][0]["instances"] == asked + 1
    assert scholars.asked.total() <= asked + 2
