"""`curta eval`: who is asked before money is spent, and what a script can require of the result."""

from pathlib import Path
from typing import Any

import pytest

from tests.servers.crowd import Crowd

SPEC = """
prompt: "$tone Say $text."
factors:
  tone: {please: "Please.", now: "Now!"}
inputs: rows.csv
score: {contains: $text}
rope: 0.2
options: {max_tokens: 100}
"""
ASK = ("eval", "tone.yml", "-m", "crowd")


@pytest.fixture(autouse=True)
def _spec(crowd: Crowd, tmp_path: Path) -> None:
    (tmp_path / "tone.yml").write_text(SPEC)
    (tmp_path / "rows.csv").write_text("text\n" + "".join(f"word{number}\n" for number in range(30)))
    crowd.answer = lambda words: words if "Now!" in words else "no"


@pytest.fixture
def priced(added: Any) -> None:
    """Sixty answers of a hundred tokens: up to sixty dollars."""
    added("models", "price", "crowd", "--input", "1", "--output", "10000")


@pytest.mark.usefixtures("priced")
def test_a_script_is_told_how_to_agree(curta: Any, crowd: Crowd) -> None:
    done = curta(*ASK)
    assert (done.code, done.out) == (5, "")
    assert "It could cost $60" in done.err
    assert "Agree with --yes" in done.err
    assert not crowd.asked
    assert curta(*ASK, "--yes").code == 0


@pytest.mark.usefixtures("priced")
@pytest.mark.parametrize("how", ["a limit of the run", "a limit of the spec", "a limit for all"])
def test_within_a_limit_nobody_is_asked(curta: Any, tmp_path: Path, how: str) -> None:
    if how == "a limit of the spec":
        (tmp_path / "tone.yml").write_text(SPEC + "stop: {max_cost: 1}\n")
    if how == "a limit for all":
        assert curta("eval", "limit", "90").out == "$90.00\n"
    limit = ("--max-cost", "80") if how == "a limit of the run" else ()
    assert curta(*ASK, *limit).code in (0, 4)  # a dollar is not enough for one answer that could be long
    assert curta("eval", "limit").out == ("$90.00\n" if how == "a limit for all" else "$1.00\n")


@pytest.mark.usefixtures("priced")
@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 1)])
def test_a_person_is_asked(terminal: Any, crowd: Crowd, answer: bytes, code: int) -> None:
    shown = terminal(*ASK)
    shown.read_until(b"Begin? [y/N]")
    assert not crowd.asked
    shown.type(answer)
    assert shown.wait() == code
    assert bool(crowd.asked) == (code == 0)


def test_a_price_that_nobody_knows_is_asked_about_too_but_not_on_this_computer(curta: Any) -> None:
    from curta.models import registry

    registry.add("far", url="https://models.example/v1", model="far")
    done = curta("eval", "tone.yml", "-m", "far")
    assert done.code == 5
    assert "What it could cost is not known." in done.err
    assert curta(*ASK).code == 0


@pytest.mark.parametrize(
    ("says", "required", "code"),
    [
        ("now", "better", 0),
        ("now", "equal", 3),
        ("now", "decided", 0),
        ("all", "equal", 0),
        ("all", "better", 3),
        ("some", "decided", 3),
    ],
)
def test_a_script_can_require_what_comes_out(curta: Any, crowd: Crowd, says: str, required: str, code: int) -> None:
    said = {
        "now": lambda words: "Now!" in words,
        "all": lambda words: True,
        "some": lambda words: ("Now!" in words) == (words[-2] in "13579"),
    }[says]
    crowd.answer = lambda words: words if said(words) else "no"
    done = curta(*ASK, "--require", required)
    assert done.code == code
    assert (f"not met: tone, contains: {required} is required" in done.out) == (code == 3)


@pytest.mark.parametrize(
    ("expect", "missed"),
    [
        ("{contains: 0.5}", ["not met: contains of please: 0, at least 0.5 is expected"]),
        ("{contains: {base: 0}}", []),
        ("{contains: {base: 0, each: 0.1}}", ["not met: contains of please: 0, at least 0.1 is expected"]),
    ],
)
def test_means_that_are_expected_and_not_reached_fail_a_check(
    curta: Any, tmp_path: Path, expect: str, missed: list[str]
) -> None:
    (tmp_path / "tone.yml").write_text(SPEC + f"expect: {expect}\n")
    done = curta(*ASK)
    assert [line for line in done.out.splitlines() if line.startswith("not met")] == missed
    assert done.code == (3 if missed else 0)
    assert [each["said"] for each in curta("eval", "report", "--json").json["checks"] if not each["met"]] == [
        each.removeprefix("not met: ") for each in missed
    ]


def test_a_margin_chosen_after_looking_is_told_wherever_it_is_read(curta: Any, tmp_path: Path) -> None:
    curta(*ASK)
    (tmp_path / "tone.yml").write_text(SPEC.replace("rope: 0.2", "rope: 0.4"))
    said = "argin 0.4, chosen after looking at 10 units (planned: 0.2)"
    assert f"M{said}: this is no plan any more" in curta(*ASK).err
    assert f"not planned: m{said}" in curta("eval", "report").out


def test_another_question_is_said_to_be_a_new_experiment(curta: Any, tmp_path: Path) -> None:
    first = curta(*ASK).err.split()[-1]
    (tmp_path / "tone.yml").write_text(SPEC.replace("Now!", "Now, now!"))
    assert f"A new experiment: `factors` changed since {first}." in curta("eval", "plan", "tone.yml", "-m", "crowd").out
