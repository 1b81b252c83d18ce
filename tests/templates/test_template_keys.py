"""Every key that llm knows is read, and a hostile file is refused before anything is made of it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta import templates
from curta.errors import TemplateError
from curta.templates import Input, Template, TypedAttachment, as_yaml, parse

WHOLE = """\
prompt: "Describe $thing. $input"
system: Be brief.
model: hello
defaults: {thing: it}
options: {temperature: 0.5}
extract: true
extract_last: false
schema_object: {type: object, properties: {b: {type: string}, a: {type: integer}}, required: [b, a]}
fragments: [notes.txt]
system_fragments: ['https://example.org/style.md']
attachments: [photo.jpg]
attachment_types: [{type: image/webp, value: picture}]
tools: [now, 'Memory("x")']
functions: |
  def double(n: int) -> int:
      return n * 2
"""


def made(source: str) -> Template:
    return parse(source, "test", Path("test.yaml"))


def test_all_keys_of_llm_are_read() -> None:
    template = made(WHOLE)
    assert template.fragments == ("notes.txt",)
    assert template.system_fragments == ("https://example.org/style.md",)
    assert template.attachments == ("photo.jpg",)
    assert template.attachment_types == (TypedAttachment("picture", "image/webp"),)
    assert template.tools == ("now", 'Memory("x")')
    assert template.functions.startswith("def double")
    assert template.extract
    assert not template.extract_last
    assert template.schema_object is not None
    assert list(template.schema_object["properties"]) == ["b", "a"]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("fragments: notes.txt", "takes a list of texts"),
        ("tools: {a: b}", "takes a list of texts"),
        ("attachment_types: [picture]", "takes a list of {type"),
        ("extract: maybe", "takes true or false"),
        ("schema_object: [1]", "takes a mapping"),
        ("schema_object: {requierd: [a]}", "'requierd'"),
        ("functions: [a]", "takes text"),
    ],
)
def test_what_does_not_fit_a_key_is_named_with_its_line(source: str, why: str) -> None:
    with pytest.raises(TemplateError) as caught:
        made(f"prompt: hello\n{source}")
    assert "test.yaml, line 2" in caught.value.what
    assert why in caught.value.what


def test_nothing_said_is_the_same_as_no_key() -> None:
    assert made("prompt: hello\nsystem:\nfragments:\nschema_object:\n") == made("prompt: hello")


# What a file can do to its reader


def test_a_value_inside_itself_is_refused() -> None:
    with pytest.raises(TemplateError, match="refers to itself"):
        made("prompt: hello\nschema_object: &all\n  properties: {a: *all}\n")


def test_a_file_that_repeats_itself_without_end_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(TemplateError, match="stands for more than"):
        made("\n".join(lines))


@pytest.mark.parametrize("source", ["[" * 200_000, "prompt: " + "{a: " * 90_000, "- " * 50_000 + "x"])
def test_a_file_nested_so_deep_that_it_would_end_the_process_is_refused(source: str) -> None:
    with pytest.raises(TemplateError, match="levels deep"):
        made(source)


def test_a_file_of_many_megabytes_is_refused() -> None:
    with pytest.raises(TemplateError, match="too long"):
        made("prompt: " + "x" * (2 << 20))


@pytest.mark.parametrize("source", ["prompt: 2026-02-31", "? [a]\n: b", "\x00", "prompt: !!python/name:os.system ''"])
def test_what_is_no_yaml_names_the_file(source: str) -> None:
    with pytest.raises(TemplateError, match=r"test\.yaml"):
        made(source)


def test_a_template_that_names_itself_as_its_text_is_refused(home: Path) -> None:
    templates.folder().mkdir(parents=True)
    path = templates.folder() / "loop.yaml"
    path.write_text(f"prompt: hello\nfragments: ['{path}']\n")
    with pytest.raises(TemplateError, match="refers to itself"):
        templates.load("loop")


# Writing


def test_a_saved_template_reads_as_it_was(home: Path) -> None:
    template = made(WHOLE)
    path = templates.save(template)
    read = templates.load("test")
    assert path == templates.path_of("test")
    assert templates.as_yaml(read) == templates.as_yaml(template)
    assert path.stat().st_mode & 0o777 == 0o600


def test_saving_keeps_the_earlier_one_beside_it(home: Path) -> None:
    templates.save(made("prompt: first"))
    path = templates.save(made("prompt: second"))
    assert templates.load("test").prompt == "second"
    assert "first" in path.with_name("test.yaml~").read_text()
    assert "test" in dict(templates.names())
    assert len([name for name, _ in templates.names() if name.startswith("test")]) == 1


@pytest.mark.parametrize("name", ["../out", "a/b", "", "x.yaml"])
def test_a_template_is_saved_nowhere_else(home: Path, name: str) -> None:
    with pytest.raises(TemplateError):
        templates.save(Template(name, prompt="x"))


def test_only_ones_own_template_can_be_removed(home: Path) -> None:
    with pytest.raises(TemplateError, match="of your own"):
        templates.remove("summarize")
    templates.save(Template("summarize", prompt="mine"))
    templates.remove("summarize")
    assert templates.load("summarize").path == templates.BUILT_IN / "summarize.yaml"


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=40)


@given(TEXTS, TEXTS, st.dictionaries(st.sampled_from(["a", "b_c"]), TEXTS, max_size=2))
def test_whatever_a_template_says_survives_its_yaml(prompt: str, system: str, defaults: dict[str, str]) -> None:
    inputs = (Input("n", "integer", label="How many", default=3), Input("c", "choice", choices=("x", "y")))
    template = Template("t", prompt=prompt, system=system, defaults=defaults, inputs=inputs, extract=True)
    read = parse(as_yaml(template), "t", None)
    assert (read.prompt, read.system, dict(read.defaults), read.inputs) == (prompt, system, defaults, inputs)
