"""What people and programs write by mistake: refused with what is wrong, or done with what it is worth."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import curta
from curta import config
from curta.errors import CurtaError, SourceError, UsageError
from curta.evals import design, inputs, spec
from tests.servers.crowd import Crowd
from tests.servers.shelf import Shelf
from tests.statistics import law

GOOD = "prompt: $tone Say $text.\nfactors: {tone: [Please., Now!]}\ninputs: [a, b]\nscore: {contains: $text}\n"
SPEC = {
    "prompt": "$tone Say $text.",
    "factors": {"tone": ["Please.", "Now!"]},
    "inputs": ["a"],
    "score": {"contains": "$text"},
}


def read(folder: Path, text: str | bytes) -> spec.Spec:
    path = folder / "spec.yml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return spec.read(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "score: size\n", "line 5: 'score' is there twice"),
        (GOOD.replace("[Please., Now!]", "{a: x, b: y, a: z}"), "line 2: 'a' is there twice"),
        (GOOD + "rope: !!python/name:os.system\n", "could not determine a constructor"),
        (GOOD + "options: {when: !!set {a, b}}\n", "cannot hold"),
        (GOOD + "options: {raw: !!binary aGVsbG8=}\n", "cannot hold"),
        (GOOD + "rope: .nan\n", "cannot hold nan"),
        (GOOD + "seed: 99999999999999999999\n", None),
        (GOOD + "name: 2024-02-30\n", "not valid YAML"),
        (GOOD + "name: [a\n", "line 6"),
        (GOOD + "name: *nowhere\n", "undefined alias"),
        ("a: b: c\n", "stands in quotation marks"),
        (GOOD + "stop:\n\tmax_calls: 3\n", "YAML is indented with spaces, not tabs"),
        ("- prompt\n", "A spec is a mapping"),
        ("just words", "A spec is a mapping"),
        ("", "A spec is a mapping"),
        (b"\xff\xfe\x00p", "not UTF-8"),
        (GOOD + "---\n" + GOOD, "another document"),
        (GOOD + "2: x\n", "There is no key in a spec called '2'"),
        (GOOD + "yes: x\n", "There is no key in a spec called 'True'"),
        (GOOD + "looks: 4\n", "belongs to `decide: group-sequential`"),
        (GOOD + "decide: sometime\n", "anytime or fixed or group-sequential"),
        (GOOD + "multiplicity: none\n", "fwer or fdr"),
        (GOOD + "expect: 0.9\n", "least means"),
        (GOOD + "expect: {contians: 0.9}\n", "Did you mean 'contains'?"),
        (GOOD + "expect: {contains: 9}\n", "between 0 and 1"),
        (GOOD + "expect: {contains: {best: 0.9}}\n", "base or each"),
        (GOOD + "fraction: 1/3\n", "1/2, 1/4"),
        (GOOD + "fraction: 1/2\n", "cannot tell the factors apart"),
    ],
)
def test_odd_yaml_is_refused_by_what_is_odd_about_it(tmp_path: Path, text: str | bytes, said: str | None) -> None:
    if said is None:
        assert read(tmp_path, text).seed == 99999999999999999999
        return
    with pytest.raises(UsageError) as raised:
        read(tmp_path, text)
    assert said in str(raised.value)
    assert raised.value.exit_code == 2


def test_aliases_merges_dates_and_folded_texts_are_yaml_too(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """\
base: &base {please: Please., now: Now!}
""".replace("base: ", "factors:\n  tone: ")
        + """\
  day: {may: 2023-05-15, december: 2023-12-15}
  same: {<<: {a: x}, b: y}
prompt: >
  $tone $day
  $same Say $text.
inputs: [a, 5, true, ~]
score: {contains: $text}
""",
    )
    assert [dict(each.levels) for each in found.factors][1] == {"may": "2023-05-15", "december": "2023-12-15"}
    assert found.prompt == "$tone $day $same Say $text.\n"
    rows = [each.values["text"] for each in inputs.read(found)]
    assert rows == ["a", 5, True, None]
    assert design.asked(found, design.cells(found)[0], {"text": 5}).words.endswith("Say 5.\n")


@pytest.mark.parametrize("path", ["nothing.yml", "."])
def test_a_spec_that_cannot_be_read_is_a_mistake_of_the_command(tmp_path: Path, path: str) -> None:
    with pytest.raises(UsageError, match="Cannot read the spec"):
        spec.read(tmp_path / path)


PARTS = st.one_of(st.none(), st.booleans(), st.floats(), st.text())
VALUES = st.recursive(PARTS, lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=8)


@law
@given(VALUES, st.sampled_from(sorted(spec._READERS)))
def test_whatever_stands_under_a_key_it_is_read_or_refused(value: Any, key: str) -> None:
    try:
        found = spec.spec_of({**SPEC, key: value})
        design.cells(found), design.contrasts(found), found.id
    except CurtaError:
        pass


def test_a_table_that_is_given_as_a_spec_is_told_from_one(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text\nAda\n")
    with pytest.raises(UsageError, match=r"a table of inputs, and no spec(.|\n)*--on"):
        spec.read(tmp_path / "rows.csv")


def test_a_spec_with_a_wrong_name_is_answered_with_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "capitals.yml").write_text(GOOD)
    with pytest.raises(UsageError, match=r"Did you mean .*capitals\.yml"):
        spec.read(tmp_path / "captials.yml")


@pytest.mark.parametrize("text", ["", "text,answer\n"])
def test_no_inputs_at_all_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "rows.csv").write_text(text)
    with pytest.raises(CurtaError, match=r"no inputs|nothing|empty"):
        inputs.read(spec.spec_of({**SPEC, "inputs": "rows.csv"}, tmp_path))


def test_a_single_input_is_asked_about_and_decides_nothing(crowd: Crowd) -> None:
    done = curta.experiment(SPEC, model="crowd").run()
    assert "1 independent input: too few to find a difference. 10 that differ" in " ".join(done.plan.warnings)
    assert [each.verdict().outcome for each in done.comparing.comparisons] == ["undecided"]


@pytest.mark.parametrize(("decide", "needed"), [("anytime", 10), ("fixed", 6), ("group-sequential", 6)])
def test_a_plan_promises_nothing_of_inputs_that_are_too_few(crowd: Crowd, decide: str, needed: int) -> None:
    rows = [str(each) for each in range(needed)]
    few, enough = (
        curta.experiment({**SPEC, "decide": decide, "inputs": rows[:count]}, model="crowd", log=None).plan
        for count in (needed - 1, needed)
    )
    assert few.effect is None
    assert f"too few to find a difference. {needed} that" in " ".join(few.warnings)
    assert enough.effect is not None
    assert "too few" not in " ".join(enough.warnings)


def test_what_would_ask_each_input_the_same_is_refused_and_equal_inputs_are_remarked_upon() -> None:
    with pytest.raises(UsageError, match="each input would be asked the same"):
        spec.spec_of({**SPEC, "prompt": "$tone Hello."})
    rows = [{"id": each, "text": each % 20, 'an "ödd" name': "x"} for each in range(30)]
    one = spec.spec_of({**SPEC, "prompt": '$tone $text ${an "ödd" name}', "inputs": rows})
    assert "10 inputs ask what another one does: equal inputs are not independent." in design.warnings(
        one, inputs.read(one)
    )


def test_inputs_and_parameters_can_be_at_an_address(shelf: Shelf) -> None:
    rows = shelf.put("/rows.csv?x=1", "country,capital\nFrance,Paris\nPeru,Lima\n", kind="text/csv")
    found = inputs.read(spec.spec_of({**SPEC, "prompt": "$tone $country", "score": "size", "inputs": rows}))
    assert [each.values["capital"] for each in found] == ["Paris", "Lima"]
    expected = {"contains": "$capital"}
    short = spec.spec_of(
        {
            "evals_version": 0.1,
            "evals": [
                {"name": "capitals", "prompt": "Capital of $country?", "parameters": rows, "expect": expected},
                {"prompt": "It costs $5.", "expect": {"contains": "five"}},
            ],
        }
    )
    asked = [(each.id, each.values["prompt"], each.values["expect"]) for each in inputs.read(short)]
    assert asked == [
        ("capitals 1", "Capital of France?", [{"contains": "Paris"}]),
        ("capitals 2", "Capital of Peru?", [{"contains": "Lima"}]),
        ("2", "It costs $5.", [{"contains": "five"}]),
    ]


def test_an_address_where_nothing_is_says_so(shelf: Shelf) -> None:
    with pytest.raises(SourceError, match=r"404|not found|no page"):
        inputs.read(spec.spec_of({**SPEC, "inputs": f"{shelf.url}/none.csv"}))


def test_a_scorer_that_raises_fails_its_score_and_no_experiment(crowd: Crowd, home: Path) -> None:
    (config.ensure_folder(home / "plugins") / "moody.py").write_text(
        """
from curta.plugins import hookimpl


def moody(sample):
    "Raises, or exits, or gives what is no score."
    if "Now!" in sample.prompt:
        raise SystemExit("I am off")
    return float(sample.row["text"])


@hookimpl
def register_scorers(register):
    register("moody", moody)
"""
    )
    done = curta.experiment(
        {**SPEC, "score": ["moody", {"contains": "$text"}], "inputs": ["1", "0.5", "7"]}, model="crowd"
    )
    told = curta.experiment_report(done.run().id)
    moody = [each for each in told.ways if each.scorer == "moody"]
    assert [(each.answers, each.failed, each.mean) for each in moody] == [(3, 1, 0.75), (3, 3, None)]
    assert told.units == 3
