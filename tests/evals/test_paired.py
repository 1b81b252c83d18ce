"""Two runs compared: paired by input, decided exactly where the number of inputs was fixed, failures counted."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import curta
from curta.errors import SourceNotFound, UsageError
from curta.evals.paired import compare
from curta.evals.sides import About, Seen, Side
from curta.statistics.exact import mcnemar, sign_flip
from tests.evals.test_importing_runs import foreign
from tests.servers.crowd import Crowd


def side(scores: dict[str, list[float | None]], name: str = "a", fixed: bool = True) -> Side:
    """A side with one way of asking and the score `right`."""
    made = Side(name, fixed)
    for unit, values in scores.items():
        for value in values:
            made.add((), unit, Seen({} if value is None else {"right": value}, f"{name} says {value}"))
    return made


def sides(first: list[float | None], second: list[float | None], **how: Any) -> tuple[Side, Side]:
    return tuple(
        side({str(unit): [value] for unit, value in enumerate(values)}, name, **how)
        for name, values in (("old", first), ("new", second))
    )


def test_each_input_is_compared_with_itself() -> None:
    (by,) = compare(*sides([1.0] * 5 + [0.0] * 15, [1.0] * 18 + [0.0] * 2)).by
    assert (by.better, by.worse, by.same, by.means) == (13, 0, 7, (0.25, 0.9))
    assert by.verdict.outcome == "better"
    assert by.verdict.look.p == mcnemar(13, 0)
    assert by.anytime.outcome == "better"


def test_averages_of_repeats_are_decided_by_sign_flips() -> None:
    first = side({str(unit): [0.0, 1.0] for unit in range(8)})
    second = side({str(unit): [1.0, 1.0] for unit in range(8)}, "b")
    (by,) = compare(first, second).by
    assert by.verdict.look.p == sign_flip([0.5] * 8)
    assert by.verdict.look.n == 8  # repeats are no further inputs


def test_where_an_experiment_stopped_by_itself_only_what_holds_at_any_time_counts() -> None:
    (by,) = compare(*sides([0.0] * 8, [1.0] * 8, fixed=False)).by
    assert by.fixed is None
    assert by.verdict.outcome == "undecided"  # eight of eight: the exact test would say better
    assert compare(*sides([0.0] * 8, [1.0] * 8)).by[0].verdict.outcome == "better"


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 1.0])), min_size=1, max_size=30))
def test_the_other_way_round_it_says_the_opposite(pairs: list[tuple[float, float]]) -> None:
    a, b = sides([each for each, _ in pairs], [each for _, each in pairs])
    (there,), (back,) = compare(a, b).by, compare(b, a).by
    opposite = {"better": "worse", "worse": "better"}
    assert back.verdict.outcome == opposite.get(there.verdict.outcome, there.verdict.outcome)
    assert (back.better, back.worse, back.same) == (there.worse, there.better, there.same)
    assert back.verdict.look.p == there.verdict.look.p


def test_the_order_of_a_file_decides_nothing() -> None:
    scores = {f"unit {number}": float(number % 3 == 0) for number in range(40)}
    ways = [dict(sorted(scores.items(), key=lambda each: (each[1], each[0]), reverse=turned)) for turned in (0, 1)]
    looks = [
        compare(side({name: [0.5] for name in way}), side({name: [value] for name, value in way.items()}, "b")).by[0]
        for way in ways
    ]
    assert looks[0].anytime.look == looks[1].anytime.look


def test_inputs_that_one_side_lacks_are_counted_and_left_out() -> None:
    found = compare(side({"a": [1.0], "b": [1.0], "c": [0.0]}), side({"b": [0.0], "c": [1.0]}, "b"))
    assert (found.units, found.only) == (2, (1, 0))
    assert [item.unit for item in found.by[0].items] == ["b", "c"]  # the worst first


def test_answers_without_a_score_count_nothing_and_what_they_could_hide_is_told() -> None:
    (by,) = compare(*sides([1.0] * 10, [1.0] * 8 + [None, None])).by
    assert (by.failed, by.worse) == ((0, 2), 2)
    assert by.worst_case == pytest.approx((-0.2, 0.0))


def test_a_score_that_other_inputs_do_not_have_is_no_failure_of_theirs() -> None:
    made = side({"a": [1.0], "b": [0.0], "gone": [None]}), side({"a": [1.0], "b": [1.0], "gone": [1.0]}, "b")
    for one in made:
        one.add((), "other", Seen({"kind": 1.0}))
        one.scorers.pop("kind")
    (by,) = compare(*made).by
    assert (by.verdict.look.n, by.failed) == (3, (1, 0))
    other = side({"other": [None]}), side({"other": [None]}, "b")
    for one in other:
        one.ways[()]["other"] = [Seen({"kind": 1.0})]
        one.scorers["right"] = About()
    with pytest.raises(UsageError, match="No input that both have"):
        compare(*other)


def test_several_scores_are_taken_together() -> None:
    a, b = sides([0.0] * 6, [1.0] * 6)  # p = 1/32
    assert compare(a, b).by[0].holds
    for one, value in ((a, 0.0), (b, 0.0)):
        for several in next(iter(one.ways.values())).values():
            several[0] = several[0]._replace(scores={**several[0].scores, "kind": value})
        one.add((), "0", several[0])
        one.ways[()]["0"].pop()
        one.scorers["kind"] = one.scorers["right"]
    right = compare(a, b).by[0]
    assert (right.verdict.outcome, right.holds) == ("better", False)  # 2/32 > 0.05


def test_nothing_in_common_is_said_with_an_example_of_each() -> None:
    with pytest.raises(UsageError) as caught:
        compare(side({"France": [1.0]}), side({"test 1": [1.0]}, "b"))
    assert "France" in caught.value.why
    assert "test 1" in caught.value.why


# Files


def test_two_models_in_one_file_of_promptfoo() -> None:
    path = foreign("promptfoo.json")
    found = curta.compare_runs(f"{path}#openai:chat:small", f"{path}#large")
    assert (found.units, found.averaged, [each.scorer for each in found.by]) == (5, 2, ["pass", "capital"])
    assert found.by[0].failed == (2, 2)  # Atlantis, with both prompts
    assert found.names == ("promptfoo.json#openai:chat:small", "promptfoo.json#large")
    assert curta.compare_runs(f"{path}#open", f"{path}#la").by == found.by
    with pytest.raises(UsageError, match="has no 'huge'") as caught:
        curta.compare_runs(f"{path}#huge", path)
    assert "openai:chat:small, What is the capital of {{country}}?" in caught.value.then


def test_what_promptfoo_and_inspect_call_differently_is_compared_when_it_is_named() -> None:
    with pytest.raises(UsageError, match="no score in common"):
        curta.compare_runs(foreign("promptfoo.json"), foreign("inspect-small.eval"))
    one = f"{foreign('promptfoo.jsonl')}#large, What is the capital of {{{{country}}}}?"
    with pytest.raises(UsageError, match="no input in common"):
        curta.compare_runs(one, foreign("inspect-small.eval"), by=["pass=includes"])


def test_epochs_of_inspect_are_averaged_within_their_sample() -> None:
    found = curta.compare_runs(foreign("inspect-small.eval"), foreign("inspect-large.eval"))
    assert (found.units, found.by[0].scorer) == (6, "includes")
    assert found.by[0].failed == (2, 1)
    assert "sizes/words is left out" in found.notes[0]


def test_answers_in_files_are_scored_anew() -> None:
    path = foreign("inspect-small.eval")
    found = curta.compare_runs(path, path, score=[{"equals": "${target}."}, "size"])
    assert [each.scorer for each in found.by] == ["equals", "size"]
    assert found.by[0].means[0] < found.by[0].means[1] + 1e-9


def test_tables_of_answers_are_paired_by_id(tmp_path: Path) -> None:
    rows = [{"id": number, "expected": f"word{number}", "answer": f"It is word{number}."} for number in range(12)]
    worse = [{**row, "answer": "It is word0."} for row in rows]
    for name, told in (("one.jsonl", rows), ("two.jsonl", worse)):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in told))
    one, two = (str(tmp_path / name) for name in ("one.jsonl", "two.jsonl"))
    found = curta.compare_runs(one, two, score=[{"contains": "$expected"}])
    assert found.by[0].verdict.outcome == "worse"
    assert found.is_worse
    assert not found.meets("equal")
    with pytest.raises(UsageError, match="has no 'score'"):
        curta.compare_runs(one, two)
    with pytest.raises(UsageError, match="has no 'key'"):
        curta.compare_runs(one, two, id="key")
    with pytest.raises(SourceNotFound):
        curta.compare_runs(str(tmp_path / "none.jsonl"), one)


def test_a_score_in_a_table_that_is_no_number_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("id,score\n1,0.5\n2,good\n")
    with pytest.raises(UsageError, match="line 3"):
        curta.compare_runs(str(tmp_path / "bad.csv"), str(tmp_path / "bad.csv"))


# The log

SPEC = {
    "prompt": "$tone Say $text.",
    "factors": {"tone": {"please": "Please.", "now": "Now!"}},
    "inputs": [{"id": f"w{number}", "text": f"word{number}"} for number in range(12)],
    "score": [{"contains": "$text"}, {"contains": "word"}],
    "rope": 0.2,
}


def test_two_ways_of_one_experiment_and_two_experiments(crowd: Crowd) -> None:
    crowd.answer = lambda words: words if "Now!" in words else "no"
    first = curta.experiment(SPEC, model="crowd").run().id
    crowd.answer = lambda words: words
    second = curta.experiment(SPEC, model="crowd", again=True).run().id
    ways = curta.compare_runs(f"{first}:please", f"{first}:now")
    assert [each.scorer for each in ways.by] == ["contains", "contains 2"]
    assert ways.by[0].means == (0, 1)
    runs = curta.compare_runs(first, second)
    assert (runs.averaged, runs.by[0].means, runs.by[0].better) == (2, (0.5, 1), runs.units)
    item = runs.by[0].items[0]
    assert [each.text for each in item.said] == ["no", f"Please. Say word{item.unit[1:]}."]


@pytest.mark.parametrize(
    ("names", "ways"),
    [
        (("inspect-small.eval", "inspect-large.eval"), ("", "")),
        (("promptfoo.json", "promptfoo.jsonl"), ("openai:chat:small", "large")),
    ],
)
def test_what_was_brought_in_is_compared_like_its_file(names: tuple[str, str], ways: tuple[str, str]) -> None:
    kept = [each.id for each in curta.import_runs([foreign(name) for name in names])]
    from_log = curta.compare_runs(*(f"{id}:{way}" for id, way in zip(kept, ways, strict=True)))
    from_files = curta.compare_runs(*(f"{foreign(name)}#{way}" for name, way in zip(names, ways, strict=True)))
    assert [each.verdict for each in from_log.by] == [each.verdict for each in from_files.by]
    assert [each.failed for each in from_log.by] == [each.failed for each in from_files.by]
