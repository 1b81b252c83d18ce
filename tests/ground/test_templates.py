"""Kept prompts: llm's keys, declared inputs, and errors that name file and line."""

from pathlib import Path

import pytest

from curta import templates
from curta.errors import TemplateError, UsageError
from curta.templates import parse

SIMPLE = """\
description: A test
system: Be $mood.
prompt: "Say it to $reader: $input"
model: extractive
options: {temperature: 0.5}
inputs:
  reader: {label: Who reads it, example: Ann}
  mood: {type: choice, choices: [brief, formal], default: brief}
"""


def made(source: str) -> templates.Template:
    return parse(source, "test", Path("test.yaml"))


def test_words_and_inputs_fill_the_prompt() -> None:
    template = made(SIMPLE)
    assert template.fill("hello", {"reader": "Bob"}) == ("Say it to Bob: hello", "Be brief.")
    assert template.variables == ("reader", "mood")


def test_a_missing_input_says_what_to_type() -> None:
    with pytest.raises(TemplateError, match="-p reader 'Ann'"):
        made(SIMPLE).fill("hello", {})


def test_a_value_that_does_not_fit_says_what_would() -> None:
    with pytest.raises(UsageError, match="brief, formal"):
        made(SIMPLE).fill("hello", {"reader": "Bob", "mood": "angry"})


@pytest.mark.parametrize(
    ("kind", "good", "read", "bad"),
    [("integer", "7", "7", "seven"), ("number", "0.5", "0.5", "half"), ("flag", "yes", "True", "perhaps")],
)
def test_inputs_have_types(kind: str, good: str, read: str, bad: str) -> None:
    template = made(f"prompt: $n\ninputs:\n  n: {{type: {kind}}}\n")
    assert template.fill("", {"n": good})[0] == read
    with pytest.raises(UsageError, match="does not fit"):
        template.fill("", {"n": bad})


def test_an_unknown_input_is_refused() -> None:
    with pytest.raises(UsageError, match="no input 'colour'"):
        made(SIMPLE).fill("", {"colour": "red"})


def test_words_are_added_where_the_prompt_does_not_place_them() -> None:
    assert made("prompt: Translate.").fill("Only page 2", {})[0] == "Translate.\n\nOnly page 2"
    assert made("system: Translate.").fill("hello", {}) == ("hello", "Translate.")


def test_a_document_stays_beside_the_prompt() -> None:
    assert made("prompt: 'Summarize: $input'").fill("", {})[0] == "Summarize: the text given above"


def test_dollars_that_are_no_variables_stay() -> None:
    assert made("prompt: 'It costs $5 and $$x'").fill("", {})[0] == "It costs $5 and $x"


def test_plain_text_is_a_template_too() -> None:
    assert made("Say hello").prompt == "Say hello"


@pytest.mark.parametrize(
    ("source", "line", "why"),
    [
        ("prompt: a\nprompts: b\n", 2, "unknown key 'prompts'"),
        ("prompt: a\n  bad: [\n", 2, ""),
        ("prompt: a\noptions: 3\n", 2, "takes a mapping"),
        ("prompt: a\ninputs:\n  x: {kind: text}\n", 3, "unknown key 'kind'"),
        ("prompt: a\ninputs:\n  x: {type: colour}\n", 3, "unknown type 'colour'"),
        ("prompt: a\ninputs: [x]\n", 2, "maps each name"),
        ("prompt: {a: 1}\n", 1, "takes text"),
    ],
)
def test_an_error_names_file_and_line(source: str, line: int, why: str) -> None:
    with pytest.raises(TemplateError) as caught:
        made(source)
    assert f"test.yaml, line {line}" in caught.value.what
    assert why in caught.value.what


@pytest.mark.parametrize("source", ["", "- a\n- b\n", "3"])
def test_what_is_no_template_is_refused(source: str) -> None:
    with pytest.raises(TemplateError, match=r"test\.yaml"):
        made(source)


def test_yaml_cannot_run_code() -> None:
    with pytest.raises(TemplateError):
        made("prompt: !!python/object/apply:os.system ['true']")


def test_ones_own_template_hides_a_built_in_one(home: Path) -> None:
    assert templates.load("summarize").path.parent == templates.BUILT_IN
    templates.folder().mkdir(parents=True)
    (templates.folder() / "summarize.yaml").write_text("prompt: mine")
    assert templates.load("summarize").prompt == "mine"
    assert dict(templates.names())["summarize"].parent == templates.folder()


def test_every_built_in_template_loads_and_says_what_it_is_for(home: Path) -> None:
    loaded = [templates.load(name) for name, _ in templates.names()]
    assert {"summarize", "summarize-thread"} <= {each.name for each in loaded}
    assert all(each.description and (each.prompt or each.system) for each in loaded)


def test_a_name_that_is_almost_one_gets_a_hint(home: Path) -> None:
    with pytest.raises(TemplateError, match="summarize-thread"):
        templates.load("sumarize-thread")


@pytest.mark.parametrize("name", ["..", "a b", "\x1b[2J", ""])
def test_a_name_cannot_leave_the_folder(home: Path, name: str) -> None:
    with pytest.raises(TemplateError):
        templates.load(name)
