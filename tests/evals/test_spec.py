"""Specs: what may be written down, what is refused by its name, and the design that follows from it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.errors import CurtaError, UsageError
from curta.evals import design, inputs, spec
from curta.evals.scorers import Sample
from tests.statistics import law

YAML = """\
prompt: "$style $tip\\n\\n$text"
factors:
  style: {base: "Answer in one sentence.", caps: "ANSWER IN ONE SENTENCE."}
  tip:   {base: "", tip: "I will tip you $$20."}
models: [small, large]
inputs: inputs.jsonl
unit: document
score: [{contains: $answer}, {length: {max_words: 40}}]
repeat: 2
rope: 0.04
stop: {max_calls: 4000}
seed: 7
"""
ROWS = """\
{"document": "a", "text": "One?", "answer": "1"}
{"document": "b", "text": "Two?", "answer": "2"}
{"document": "a", "text": "Three?", "answer": "3"}
"""
SMALL = {
    "prompt": "$tone Say $text.",
    "factors": {"tone": ["Please.", "Now!"]},
    "inputs": ["a", "b", "c"],
    "score": {"contains": "$text"},
}


@pytest.fixture
def written(tmp_path: Path) -> spec.Spec:
    (tmp_path / "inputs.jsonl").write_text(ROWS)
    (tmp_path / "spec.yml").write_text(YAML)
    return spec.read(tmp_path / "spec.yml")


def test_a_spec_is_read_from_yaml(written: spec.Spec) -> None:
    assert [(each.name, each.base) for each in written.factors] == [
        ("style", "base"), ("tip", "base"), ("model", "small"),
    ]  # fmt: skip
    assert (written.repeat, written.rope, written.stop.max_calls, written.alpha) == (2, 0.04, 4000, 0.05)
    assert written.columns == {"text", "answer", "document"}
    assert written.score[0].score(Sample("It is 1.", {"answer": "1"})).value == 1


def test_inputs_that_share_a_unit_are_one_block(written: spec.Spec) -> None:
    found = inputs.read(written)
    assert [(each.id, each.unit) for each in found] == [("1", "a"), ("2", "b"), ("3", "a")]
    blocks = {each.unit: each for each in design.Blocks(written, found)}
    assert (len(blocks["a"].asked), len(blocks["b"].asked)) == (2 * 8 * 2, 8 * 2)
    assert len({each[1:] for each in blocks["b"].asked}) == 16


def test_the_order_is_drawn_from_the_seed() -> None:
    many = {**SMALL, "inputs": [str(each) for each in range(50)]}

    def order(seed: int) -> list[str]:
        one = spec.spec_of({**many, "seed": seed})
        return [block.unit for block in design.Blocks(one, inputs.read(one))]

    assert order(1) == order(1)
    assert order(1) != order(2)
    assert sorted(order(1), key=int) == [str(each) for each in range(1, 51)]


def test_what_a_call_says(written: spec.Spec) -> None:
    row = inputs.read(written)[0].values
    said = {cell.name: design.asked(written, cell, row) for cell in design.cells(written)}
    assert said["caps, tip, large"].words == "ANSWER IN ONE SENTENCE. I will tip you $20.\n\nOne?"
    assert said["base, base, small"].words == "Answer in one sentence. \n\nOne?"
    assert {each.model for each in said.values()} == {"small", "large"}


def test_what_inputs_say_is_never_read_as_a_column() -> None:
    one = spec.spec_of({**SMALL, "inputs": [{"text": "$tone costs $$5 and ${secret}"}]})
    said = design.asked(one, design.cells(one)[0], inputs.read(one)[0].values)
    assert said.words == "Please. Say $tone costs $$5 and ${secret}."


def test_columns_can_go_along_as_documents_and_factors_can_be_options() -> None:
    one = spec.spec_of(
        {
            "prompt": "Sum it up.",
            "documents": "text",
            "factors": {"heat": [0, 1]},
            "options": {"temperature": "$heat", "seed": 3},
            "inputs": ["long text"],
            "score": "quotes",
        }
    )
    said = [design.asked(one, cell, inputs.read(one)[0].values) for cell in design.cells(one)]
    assert [each.options for each in said] == [{"temperature": 0, "seed": 3}, {"temperature": 1, "seed": 3}]
    assert (said[0].words, said[0].documents) == ("Sum it up.", (("text", "long text"),))


def test_several_wordings_are_crossed_and_not_tested() -> None:
    one = spec.spec_of({**SMALL, "prompt": ["$tone Say $text.", "$tone Repeat: $text"]})
    assert len(design.cells(one)) == 4
    assert [each.name for each in design.contrasts(one)] == ["tone"]
    assert {design.asked(one, cell, {"text": "a"}).words for cell in design.cells(one)} == {
        "Please. Say a.", "Now! Say a.", "Please. Repeat: a", "Now! Repeat: a",
    }  # fmt: skip
    assert not any("One wording" in each for each in design.warnings(one, inputs.read(one)))
    assert any("One wording" in each for each in design.warnings(spec.spec_of(SMALL), inputs.read(one)))


def test_each_level_is_compared_with_the_base_and_interactions_on_request(written: spec.Spec) -> None:
    assert [each.name for each in design.contrasts(written)] == ["style", "tip", "model large"]
    three = spec.spec_of({**SMALL, "factors": {"tone": ["a", "b", "c"]}, "models": ["m", "n"], "interactions": True})
    assert [each.name for each in design.contrasts(three)] == [
        "tone b", "tone c", "model n", "tone b × model n", "tone c × model n",
    ]  # fmt: skip


@law
@given(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3), st.floats(-0.15, 0.15))
def test_effects_are_found_where_they_are(style: float, tip: float, both: float) -> None:
    one = spec.spec_of(
        {
            **SMALL,
            "prompt": "$style $tip $text",
            "factors": {"style": ["a", "b", "c"], "tip": ["x", "y"]},
            "interactions": True,
        }
    )

    def score(levels) -> float:
        here, there = levels["style"] == "b", levels["tip"] == "y"
        return 0.5 + style * here + tip * there + both * (here and there)

    means = [score(cell.levels) for cell in design.cells(one)]
    found = {each.name: each.difference(means) for each in design.contrasts(one)}
    assert found["style b"] == pytest.approx(style + both / 2)
    assert found["style c"] == pytest.approx(0)
    assert found["tip"] == pytest.approx(tip + both / 3)
    assert found["style b × tip"] == pytest.approx(both / 2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"promt": "x"}, "Did you mean 'prompt'?"),
        ({"prompt": None}, "has no `prompt:`"),
        ({"score": [{"contians": "x"}]}, "Did you mean 'contains'?"),
        ({"score": []}, "takes scorers"),
        ({"factors": {"tone": ["Please."]}}, "two different levels"),
        ({"factors": {"tone": "Please."}}, "two different levels"),
        ({"factors": {"tone": ["a", "b"], "tip": ["c", "d"]}}, "'tip' changes nothing"),
        ({"factors": {"a tip": ["a", "b"]}}, "cannot be the name of a factor"),
        ({"factors": {"tone": [["a"], ["b"]]}}, "texts, numbers"),
        ({"factors": {"model": ["a", "b"]}, "prompt": "$model $text", "models": ["x", "y"]}, "is there twice"),
        ({"models": ["a", "a"]}, "names that differ"),
        ({"repeat": 0}, "1 or more"),
        ({"repeat": True}, "1 or more"),
        ({"rope": 5}, "between 0 and 1"),
        ({"errors": "ignore"}, "zero or drop"),
        ({"stop": {"max_cals": 3}}, "Did you mean 'max_calls'?"),
        ({"stop": {"max_cost": -1}}, "above 0"),
        ({"inputs": 3}, "the name of a file, or a list"),
        ({"inputs": [float("nan")]}, "cannot hold nan"),
        ({"evals": "x"}, "takes a list of"),
        ({"evals": [{"prompt": "x", "expects": []}]}, "Did you mean 'expect'?"),
        ({"evals": [{"prompt": "x"}]}, "has no `expect:`"),
        ({"evals": [{"prompt": "x", "expect": {"contians": "y"}}]}, "Did you mean 'contains'?"),
        ({"interactions": "yes"}, "true or false"),
    ],
)
def test_what_is_wrong_is_named_before_the_first_call(change, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        spec.spec_of({**SMALL, **change})
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"inputs": []}, "no inputs"),
        ({"inputs": [{"txet": "a"}]}, "Did you mean 'txet'?"),
        ({"score": {"contains": "$anwser"}, "inputs": [{"text": "a", "answer": "b"}]}, "'anwser'"),
        ({"unit": "author"}, "'author'"),
        ({"inputs": [{"text": "a", "id": 1}, {"text": "b", "id": 1}]}, "Two inputs have the id '1'"),
        ({"inputs": [{"text": "a", "tone": "b"}]}, "is a factor, and a column"),
        ({"inputs": "nowhere.jsonl"}, "nowhere.jsonl"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(change, said: str) -> None:
    with pytest.raises(CurtaError) as raised:
        inputs.read(spec.spec_of({**SMALL, **change}))
    assert said in str(raised.value)


@pytest.mark.parametrize("yaml", ["", "[]", "prompt: [", "a: &a [*a]", "prompt: x\nprompt", "\x00", "- " * 5000])
def test_what_is_no_spec_at_all_is_refused(yaml: str, tmp_path: Path) -> None:
    (tmp_path / "spec.yml").write_text(yaml)
    with pytest.raises(CurtaError):
        spec.read(tmp_path / "spec.yml")


def test_one_answer_more_or_less_makes_another_experiment() -> None:
    one = spec.spec_of(SMALL)
    assert one.id == spec.spec_of({**SMALL, "stop": {"max_calls": 9}, "name": "other"}).id
    assert one.id == spec.spec_of({**SMALL, "rope": 0.1, "decide": "fixed", "errors": "drop"}).id  # only read otherwise
    for change in ({"seed": 1}, {"score": {"icontains": "$text"}}, {"inputs": ["a", "b"]}):
        assert one.id != spec.spec_of({**SMALL, **change}).id


def test_the_short_form_gives_each_input_a_prompt_and_expectations_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "spec.yml").write_text(
        """\
models: [small, large]
evals:
- name: capital
  prompt: What is the capital of France? It costs $5.
  expect: [{contains: Paris}, {length: {max_words: 1}}]
- prompt: When did it begin?
  expect: {equals: 1889-03-31}
"""
    )
    one = spec.read(tmp_path / "spec.yml")
    first, second = inputs.read(one)
    assert (first.id, second.values["expect"]) == ("capital", [{"equals": "1889-03-31"}])
    assert design.asked(one, design.cells(one)[0], first.values).words == first.values["prompt"]
    found = one.score[0].score(Sample("It is Paris", first.values))
    assert (found.value, found.detail) == (0.5, {"1 contains": 1.0, "2 length": 0.0})
    assert len(one.id) == 64
