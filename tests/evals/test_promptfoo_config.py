"""Configurations of promptfoo as specs: what can be meant is, what cannot is named, and no code of theirs runs."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from curta.api.runs import spec_of_promptfoo
from curta.errors import CurtaError, SourceError, UsageError
from curta.evals import spec
from curta.evals.importing.promptfoo_config import Converted
from curta.evals.scorers import Sample
from tests.evals.test_importing_runs import foreign


@pytest.fixture
def convert(tmp_path: Path) -> Any:
    def convert(text: str, name: str = "promptfooconfig.yaml", **others: str) -> Converted:
        for other, told in {name: text, **{f"{each}.csv": told for each, told in others.items()}}.items():
            (tmp_path / other).write_text(told)
        return spec_of_promptfoo(str(tmp_path / name))

    return convert


def test_a_configuration_becomes_a_spec_that_can_be_read() -> None:
    found = spec_of_promptfoo(foreign("promptfooconfig.yaml"))
    made = spec.spec_of(yaml.safe_load(found.yaml()))
    assert made == spec.spec_of(found.spec)
    assert (made.name, made.prompt) == ("Capitals", "What is the capital of ${country}?")
    assert [each.name for each in made.score] == ["not-contains", "expect"]
    row = made.inputs[0]
    assert [each.score(Sample("It is PARIS.", row)).value for each in made.score] == [1, 1]
    assert any("system message" in each for each in found.left_out)


def test_several_prompts_are_a_factor_and_variables_are_columns(convert: Any) -> None:
    found = convert("""
        prompts: ["Translate {{ text }} for $5", "{{text}} in {{language}}"]
        providers: [openai:chat:small, {"anthropic:messages:large": {config: {temperature: 0.2}}}]
        tests: [{vars: {text: [one, two], language: [French, Greek]}, assert: [{type: contains, value: "{{text}}"}]}]
        evaluateOptions: {repeat: 2}
    """)
    assert found.spec["prompt"] == "$prompt"
    assert list(found.spec["factors"]["prompt"].values()) == ["Translate ${text} for $$5", "${text} in ${language}"]
    assert found.spec["models"] == ["small", "large"]
    assert found.spec["repeat"] == 2
    assert [(each["text"], each["language"]) for each in found.spec["inputs"]] == [
        ("one", "French"),
        ("one", "Greek"),
        ("two", "French"),
        ("two", "Greek"),
    ]
    assert "options of providers: they are not the same for all" in found.left_out


@pytest.mark.parametrize("kind", ["javascript", "python", "ruby", "webhook", "similar", "assert-set", "nonsense"])
def test_code_and_what_has_no_like_is_left_out_by_name(convert: Any, kind: str) -> None:
    found = convert(f"""
        prompts: ["{{{{q}}}}"]
        tests: [{{vars: {{q: a}}, assert: [{{type: {kind}, value: "touch ran"}}, {{type: equals, value: b}}]}}]
    """)
    assert found.spec["inputs"] == [{"q": "a", "expect": [{"equals": "b"}]}]
    assert any(f"test 1, {kind}" in each for each in found.left_out)


@pytest.mark.parametrize(
    ("cell", "scorers"),
    [
        ("4", [{"equals": "4"}]),
        ("equals:4", [{"equals": "4"}]),
        ("https://x.org", [{"equals": "https://x.org"}]),
        ("not-contains:five", [{"not-contains": "five"}]),
        ("icontains-any: dollar, sign", [{"icontains-any": ["dollar", "sign"]}]),
        ("grade:is polite", [{"judge": {"asks": "Is this so of the answer: is polite"}}]),
        ("is-json", [{"equals": "is-json"}]),
        ("is-json:", [{"json-schema": {}}]),
        ("javascript:1", []),
        ("fn:f", []),
        ("eval:1", []),
        ("python:1", []),
        ("file://x.py", []),
        ("similar(0.8):x", []),
    ],
)
def test_the_cells_of_a_table_of_tests(convert: Any, cell: str, scorers: list[Any]) -> None:
    found = convert(f'q,__expected,__expected2\na,"{cell}",contains:z\n', "tests.csv")
    assert found.spec["inputs"] == [{"q": "a", "expect": [*scorers, {"contains": "z"}]}]
    assert bool(scorers) or found.left_out


def test_prefix_and_suffix_go_around_the_prompt(convert: Any) -> None:
    config = "prompts: [Say]\ntests: file://tests.csv\n"
    found = convert(config, tests="q,__prefix,__suffix,__metric,__expected\na,Please. ,!,m,x\nb,,,,y\n")
    assert found.spec["prompt"] == "${__prefix}Say${__suffix}"
    assert found.spec["inputs"][1] == {"q": "b", "__prefix": "", "__suffix": "", "expect": [{"equals": "y"}]}
    assert "the column __metric" in found.left_out


@pytest.mark.parametrize(
    "text",
    [
        "prompts: ['{{a | upper}}']\ntests: [{vars: {a: b}, assert: [{type: equals, value: x}]}]",
        "prompts: [file://p.txt]\ntests: [{vars: {a: b}, assert: [{type: equals, value: x}]}]",
        "prompts: ['{{a}}']\ntests: [{vars: {a: b}, assert: [{type: python, value: x}]}]",
    ],
)
def test_where_nothing_is_left_to_ask_or_to_score_by_it_says_so(convert: Any, text: str) -> None:
    with pytest.raises(UsageError):
        convert(text)


@pytest.mark.parametrize("text", ["", "[]", "x", "tests: 3", "prompts: {}", "prompts: [1]\ntests: [3, null]", "{"])
def test_what_is_no_configuration_is_refused(convert: Any, text: str) -> None:
    with pytest.raises(CurtaError):
        convert(text)


def test_results_are_no_configuration() -> None:
    with pytest.raises(SourceError, match=r"promptfoo\.json is no configuration"):
        spec_of_promptfoo(foreign("promptfoo.json"))
