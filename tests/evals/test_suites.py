"""Suites that run: each family stops when it knows, goes on where it was, and tells what it knows and what not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import curta
from curta.errors import CurtaError
from curta.evals.suites import table
from curta.evals.suites.known import Known
from curta.evals.suites.page import to_html
from curta.evals.suites.words import SUITE
from curta.models import registry
from tests.servers.scholars import NAMES, Scholars


@pytest.fixture
def scholars(home: Path) -> Iterator[Scholars]:
    """Models of which is known how good they are; each is as large as its place in NAMES says."""
    with Scholars(SUITE.families) as server:
        for place, name in enumerate(NAMES, 1):
            registry.add(name, url=server.url, model=name, tools=name == "tools", bytes=place * 1_000_000)
        yield server


def run(*models: str, families: "tuple[str, ...]" = ("classify",), **how: Any) -> Any:
    return curta.suite(models, families=families, **{"count": 40, **how}).run()


def only(known: Known) -> Any:
    (standing,) = known.families
    return standing


def test_the_smallest_that_will_do_is_known_and_no_more_is_asked(scholars: Scholars) -> None:
    done = run("other", "right", families=("extract",), sizes={"right": 5_000_000, "other": 1_000})
    found = only(done.known())
    assert [each.model for each in found.marks] == ["other", "right"]
    assert [each.score for each in found.marks] == [0, 1]
    assert (found.smallest, found.ended, found.instances, found.further) == ("right", "decided", 9, None)
    assert scholars.asked["right"] <= 2 * 9 + 64
    low, high = found.marks[1].low, found.marks[1].high
    assert (0.4 < low < 1, high) == (True, 1)


def test_a_small_model_that_answers_alike_is_enough_after_as_many_as_that_takes(scholars: Scholars) -> None:
    found = only(run("right", "tools", count=60, margin=0.2).known())
    assert (found.smallest, found.ended) == ("right", "decided")
    assert 20 < found.instances < 60


def test_what_is_undecided_says_between_whom_and_about_how_many_more(scholars: Scholars) -> None:
    known = run("right", "tools", count=12).known()
    found = only(known)
    assert (found.ended, found.smallest, found.among) == ("max_inputs", None, ("right", "tools"))
    assert 50 < found.further.median < 300
    sentence = table.sentence(found, known)
    assert sentence.startswith(
        "classify: undecided, the smallest within 5 points of the best is right or tools (12 instances; about "
    )


def test_a_margin_that_is_chosen_after_looking_is_told(scholars: Scholars) -> None:
    run("right", "tools", count=20, margin=0.2)
    known = run("right", "tools", count=20, margin=0.3).known()
    assert only(known).smallest == "right"
    assert table.sentence(only(known), known).endswith("; margin 0.3, chosen after looking at 20 units (planned: 0.2)")


def test_more_instances_go_on_with_what_was_asked_of_fewer(scholars: Scholars) -> None:
    first = run("sloppy", "right", count=10)
    asked = scholars.asked.total()
    again = run("right", "sloppy", count=10)  # however they are named: the smallest comes first
    assert scholars.asked.total() == asked
    assert again.known() == first.known()
    more = run("sloppy", "right", count=20)
    assert only(more.known()).id == only(first.known()).id
    assert scholars.asked.total() == 2 * asked


def test_a_larger_model_that_is_worse_is_not_on_the_line(scholars: Scholars) -> None:
    found = only(run("right", "silent", count=30).known())
    assert [each.dominated for each in found.marks] == [False, True]
    assert found.smallest == "right"


def test_where_no_model_does_it_that_is_said_and_nobody_is_praised(scholars: Scholars) -> None:
    known = run("silent", "other", families=("extract",), count=10).known()
    assert not only(known).useful
    assert table.sentence(only(known), known).endswith("; no model is shown to do it")
    guess = run("silent", families=("refuse",), count=10).known()
    assert table.sentence(only(guess), guess).endswith("no model is shown to be better than a guess (50)")


@pytest.mark.parametrize("name", ["huge", "binary", "judge"])
def test_hostile_answers_score_low_and_hold_nothing_up(scholars: Scholars, name: str) -> None:
    families = ("summarise", "extract", "answer", "classify", "rewrite", "harmless", "civil")
    known = run(name, families=families, count=2, concurrency=4).known()
    assert [each.instances for each in known.families] == [2] * len(families)
    assert all(each.marks[0].score <= 0.4 for each in known.families)
    for text in (table.markdown(known), to_html(known)):
        assert "\x1b" not in text
        assert "\x00" not in text


def test_a_model_that_always_fails_is_shown_as_failing_beside_one_that_does_not(scholars: Scholars) -> None:
    known = run("failing", "right", count=30).known()
    failing, right = only(known).marks if only(known).marks[0].model == "failing" else only(known).marks[::-1]
    assert (failing.failed, failing.score, right.failed) == (failing.answers, 0, 0)
    assert "No." in failing.why
    assert only(known).smallest == "right"
    assert any(f"{failing.answers} of {failing.answers} failed: " in line for line in table.lines(only(known), known))


def test_the_built_in_model_answers_from_documents_and_cannot_be_asked_without(scholars: Scholars) -> None:
    known = run("extractive", families=("answer", "refuse", "harmless"), count=12).known()
    answer, refuse, harmless = known.families
    assert answer.useful
    assert refuse.marks[0].score > 0.6
    assert (harmless.marks[0].failed, harmless.marks[0].score) == (12, 0)
    assert "given none" in harmless.marks[0].why


@pytest.mark.usefixtures("box")
def test_who_can_call_tools_is_offered_one_and_who_cannot_writes_the_program(scholars: Scholars) -> None:
    known = run("right", "tools", families=("compute",), count=3).known()
    assert [each.score for each in only(known).marks] == [1, 1]
    offered = {each.body["model"]: "tools" in each.body for each in scholars.requests}
    assert offered == {"right": False, "tools": True}


def test_money_is_shared_between_families_and_what_is_too_expensive_is_not_asked(scholars: Scholars) -> None:
    with pytest.raises(CurtaError, match=r"price of right is unknown"):
        run("right", families=("classify", "extract"), max_cost=1.0)
    assert not scholars.asked
    assert only(run("extractive", families=("answer",), count=3, max_cost=0.0).known()).instances == 3


def test_a_server_that_is_gone_ends_it_and_what_was_known_stays(home: Path) -> None:
    with Scholars(SUITE.families) as server:
        registry.add("right", url=server.url, model="right")
        before = run("right", count=5)
    gone = curta.suite(["right"], families=("classify",), count=50)
    with pytest.raises(CurtaError, match="refused"):
        gone.run()
    assert only(gone.known()).marks == only(before.known()).marks


def test_one_that_is_stopped_goes_on_where_it_was(scholars: Scholars) -> None:
    begun = curta.suite(["right"], families=("classify", "extract"), count=20, concurrency=1)
    for part in begun:
        if part.experiment.comparing.taken == 5:
            begun.stop()
    first, second = begun.known().families
    assert (first.ended, first.instances < 20, second.instances, begun.stopped) == ("stopped", True, 0, True)
    asked = scholars.asked.total()
    whole = run("right", families=("classify", "extract"), count=20)
    assert [each.instances for each in whole.known().families] == [20, 20]
    assert scholars.asked.total() == 40
    assert asked < 12


def test_models_stand_in_the_order_of_what_is_known_of_all_of_them(scholars: Scholars) -> None:
    by_size = curta.suite(["tools", "other"], families=("classify",)).known()
    assert ([each.name for each in by_size.models], by_size.axis.name) == (["other", "tools"], "size on disk")
    registry.add("unknown", url=scholars.url, model="right")
    given = curta.suite(["unknown", "other"], families=("classify",)).known()
    assert ([each.name for each in given.models], given.axis.name) == (["unknown", "other"], "")
    said = curta.suite(["unknown", "other"], families=("classify",), sizes={"unknown": 9_000_000}).known()
    assert [each.name for each in said.models] == ["other", "unknown"]


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"models": []}, "for models"),
        ({"models": ["right"], "families": ["clasify"]}, "clasify"),
        ({"models": ["right"], "suite": "wrods"}, "wrods"),
        ({"models": ["right"], "sizes": {"left": 5}}, "left"),
        ({"models": ["nobody-s"]}, "nobody-s"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(
    scholars: Scholars, how: "dict[str, Any]", says: str
) -> None:
    with pytest.raises(CurtaError, match=says):
        curta.suite(**how)
    assert not scholars.asked


def test_a_table_and_a_page_hold_whatever_a_model_is_called(scholars: Scholars) -> None:
    name = "a|b <script>*"
    registry.add(name, url=scholars.url, model="right", bytes=7)
    known = run(name, "other", count=3).known()
    rows = table.markdown(known).splitlines()
    assert {row.replace("\\|", "").count("|") for row in rows} == {5}
    assert "<script>*" not in to_html(known)
    assert "a|b &lt;script&gt;*" in to_html(known)


def test_a_page_is_one_file_with_a_line_for_each_family(scholars: Scholars) -> None:
    page = to_html(run("other", "right", families=("classify", "extract"), count=10).known())
    assert page.count("<svg") >= 2
    assert "src=" not in page
    assert "size on disk" in page
    assert page.index("classify") > page.index("extract") > 0
