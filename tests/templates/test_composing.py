"""Several templates in a row take effect from left to right."""

import pytest

from curta.errors import TemplateError, UsageError
from curta.templates import Template, compose, parse


def made(name: str, source: str) -> Template:
    return parse(source, name, None)


def test_the_words_fill_the_first_and_what_comes_of_it_fills_the_next() -> None:
    first, second = made("a", "prompt: 'Translate: $input'"), made("b", "prompt: 'Shout: $input'")
    assert compose([first, second], "hello", {}).words == "Shout: Translate: hello"
    assert compose([second, first], "hello", {}).words == "Translate: Shout: hello"


def test_words_without_a_place_follow_the_prompt() -> None:
    assert compose([made("a", "prompt: One."), made("b", "prompt: Two.")], "hello", {}).words == "Two.\n\nOne.\n\nhello"


def test_a_template_without_a_prompt_leaves_the_words_alone() -> None:
    composed = compose([made("a", "system: Be brief."), made("b", "system: Be long.")], "hello", {})
    assert (composed.words, composed.system) == ("hello", "Be brief.")


def test_the_first_that_says_something_is_heard_and_of_schemas_the_last() -> None:
    first = made("a", "{model: one, options: {x: 1}, schema_object: {title: a}, extract_last: true}")
    second = made("b", "{model: two, options: {x: 2, y: 2}, schema_object: {title: b}, extract: true}")
    composed = compose([made("c", "prompt: c"), first, second], "", {})
    assert composed.model == "one"
    assert composed.options == {"x": 1, "y": 2}
    assert composed.schema == {"title": "b"}
    assert (composed.extract, composed.extract_last) == (False, True)
    assert composed.name == "c + a + b"


def test_lists_follow_each_other() -> None:
    first = made("a", "{fragments: [a], system_fragments: [sa], attachments: [x], tools: [t], functions: 'f = 1'}")
    second = made("b", "{fragments: [b], system_fragments: [sb], attachments: [y], tools: [u], functions: 'g = 1'}")
    composed = compose([first, second], "", {})
    assert composed.fragments == ("a", "b")
    assert composed.system_fragments == ("sa", "sb")
    assert composed.attachments == ("x", "y")
    assert composed.tools == ("t", "u")
    assert composed.functions == ("f = 1", "g = 1")


def test_inputs_are_shared_and_the_first_default_holds() -> None:
    first = made("a", "{prompt: $mood $who, defaults: {mood: kind}}")
    second = made("b", "{prompt: $mood $input, defaults: {mood: rude}, inputs: {who: {example: Ann}}}")
    assert compose([first, second], "", {"who": "Bob"}).words == "kind kind Bob"
    with pytest.raises(TemplateError, match="'a' needs: who"):
        compose([first, second], "", {})
    with pytest.raises(UsageError, match="'a' and 'b' have no input 'colour'"):
        compose([first, second], "", {"who": "Bob", "colour": "red"})


def test_what_was_typed_is_no_template() -> None:
    template = made("a", "prompt: 'Say $input to $who'")
    words = compose([template, template], "$who and $input cost $5", {"who": "$input"}).words
    assert words == "Say Say $who and $input cost $5 to $input to $input"
