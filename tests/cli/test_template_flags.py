"""Templates at the command line: their inputs as flags, several in a row, kept with --save."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Curta

GREET = """\
prompt: Greet $who in $style. $input
inputs:
  who: {label: Whom to greet, example: Ann}
  style: {type: choice, choices: [prose, verse], default: prose, label: How}
  times: {type: integer, default: 1}
  loud: {type: flag, default: false}
"""


@pytest.fixture
def kept(home: Path) -> Path:
    folder = home / "templates"
    folder.mkdir(parents=True)
    (folder / "greet.yaml").write_text(GREET)
    (folder / "code.yaml").write_text("prompt: 'Fence: $input'\nextract: true\n")
    (folder / "shout.yaml").write_text("prompt: 'Shout: $input'\nsystem: LOUD\noptions: {seed: 7}\n")
    return folder


def words(done: object) -> str:
    """What would be sent, of a --dry-run of the built-in model or of a server."""
    sent = json.loads(done.out.partition("\n\n")[2] or done.out)  # type: ignore[attr-defined]
    return str(sent["messages"][-1]["content"])


def test_inputs_are_flags(added: Curta, kept: Path) -> None:
    done = added("-m", "echo", "-t", "greet", "--who", "Bob", "--style=verse", "Hi", "--dry-run")
    assert words(done) == "Greet Bob in verse. Hi"


def test_flags_may_stand_before_the_template_and_among_words(added: Curta, kept: Path) -> None:
    done = added("--who", "Bob", "-m", "echo", "Hi", "--dry-run", "--template=greet", "--times", "2", "--loud")
    assert words(done) == "Greet Bob in prose. Hi"


def test_a_value_that_does_not_fit_is_refused_with_what_would(added: Curta, kept: Path) -> None:
    done = added("-m", "echo", "-t", "greet", "--who", "Bob", "--style", "rap")
    assert done.code == 2
    assert "prose, verse" in done.err
    done = added("-m", "echo", "-t", "greet", "--who", "Bob", "--times", "often")
    assert (done.code, "a whole number" in done.err) == (2, True)


def test_a_missing_input_says_what_to_type(added: Curta, kept: Path) -> None:
    done = added("-m", "echo", "-t", "greet", "Hi")
    assert (done.code, "needs: who" in done.err) == (2, True)


def test_help_shows_the_inputs_of_the_template(curta: Curta, kept: Path) -> None:
    done = curta("-t", "greet", "--help")
    _, _, inputs = done.out.partition("Inputs of greet:")
    assert "--who TEXT" in inputs
    assert "Whom to greet. For example 'Ann'." in " ".join(inputs.split())
    assert "--style prose|verse" in inputs
    assert "Without it: prose." in inputs
    assert "--loud / --no-loud" in inputs


def test_a_flag_of_no_template_is_refused(curta: Curta, kept: Path) -> None:
    assert curta("-t", "shout", "--who", "Bob", "Hi").code == 2
    assert curta("--who", "Bob", "Hi").code == 2


def test_an_input_never_takes_a_flag_of_curta(added: Curta, kept: Path) -> None:
    (kept / "sly.yaml").write_text("prompt: $key $model $input\ndefaults: {key: k, model: m}\n")
    done = added("-m", "echo", "-t", "sly", "-p", "model", "x", "Hi", "--dry-run")
    assert words(done) == "k x Hi"
    assert "Inputs of" not in added("-t", "sly", "--help").out


def test_several_templates_compose_from_left_to_right(added: Curta, kept: Path) -> None:
    done = added("-m", "echo", "-t", "greet", "-t", "shout", "--who", "Bob", "Hi", "--dry-run")
    sent = json.loads(done.out.partition("\n\n")[2])
    assert sent["messages"][0] == {"role": "system", "content": "LOUD"}
    assert sent["messages"][1]["content"] == "Shout: Greet Bob in prose. Hi"
    assert sent["seed"] == 7


def test_the_log_names_the_templates(added: Curta, kept: Path) -> None:
    assert (
        added("-m", "hello", "-t", "greet", "-t", "shout", "--who", "Bob", "--json").json[0]["template"]
        == "greet + shout"
    )


def test_the_block_a_template_extracts_is_all_that_is_printed(added: Curta, kept: Path) -> None:
    fenced = "```\nonly this\n```"
    assert added("-m", "echo", "-t", "code", f"Talk.\n{fenced}\nMore talk.").out.strip() == "only this"


def test_tools_of_a_template_can_be_called(added: Curta, kept: Path, openai_server) -> None:  # type: ignore[no-untyped-def]
    (kept / "count.yaml").write_text(
        'functions: |\n  def double(n: int) -> int:\n      "Twice n."\n      return n * 2\n'
    )
    done = added("-m", "hello", "-t", "count", "Hi")
    assert done.code == 0
    (offered,) = openai_server.requests[-1].body["tools"]
    assert offered["function"]["name"] == "double"


def test_save_keeps_what_was_typed_and_asks_nothing(added: Curta, kept: Path, openai_server) -> None:  # type: ignore[no-untyped-def]
    (kept.parent.parent / "notes.txt").write_text("notes")
    done = added(
        *("--save", "mine", "-m", "echo", "-s", "Be $mood", "-p", "mood", "kind", "Say $input"),
        *("-o", "seed", "7", "-x", "-f", "notes.txt", "--schema", "b, a int", "--at", "notes.txt", "text/x"),
    )
    assert (done.code, done.out, openai_server.requests) == (0, "", [])
    sent = added("-t", "mine", "hello", "--dry-run")
    assert sent.code == 2  # this wire has no place for an attachment of type text/x
    shown = added("templates", "show", "mine").out
    assert "model: echo" in shown
    assert f"- {kept.parent.parent / 'notes.txt'}" in shown
    assert shown.index("  b:") > shown.index("schema_object:")
    assert "extract: true" in shown
    assert "seed: 7" in shown


def test_save_takes_what_is_piped_in_as_the_prompt(curta: Curta) -> None:
    assert curta("--save", "mine", stdin="Say it twice").code == 0
    assert curta("templates", "show", "mine").out.strip() == "prompt: Say it twice"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--save", "", "hi"),
        ("--save", "../x", "hi"),
        ("--save", "x", "-c", "hi"),
        ("--save", "x", "-t", "greet"),
        ("--save", "x", "-f", "-"),
    ],
)
def test_what_cannot_be_saved_is_refused(curta: Curta, kept: Path, arguments: tuple[str, ...]) -> None:
    assert curta(*arguments).code == 2
    assert not (kept / "x.yaml").exists()


def test_save_refuses_an_option_the_model_does_not_take(curta: Curta) -> None:
    done = curta("--save", "x", "-m", "extractive", "-o", "temperature", "1", "hi")
    assert (done.code, "no option 'temperature'" in done.err) == (2, True)


def test_rm_and_loaders(curta: Curta, kept: Path) -> None:
    assert curta("templates", "rm", "greet").code == 0
    assert not (kept / "greet.yaml").exists()
    assert curta("templates", "rm", "summarize").code == 2
    assert "gh:" in curta("templates", "loaders", "--json").json


def test_a_hostile_template_cannot_write_on_the_terminal_or_break_the_help(kept: Path, terminal) -> None:  # type: ignore[no-untyped-def]
    (kept / "sly.yaml").write_text(
        'prompt: $input\ninputs:\n  "\\e]0;x": {}\n  "a/b": {}\n  "-": {}\n  _: {}\n  été: {}\n'
        '  ok: {label: "\\e[2Jgone", choices: ["\\e[31mred"]}\n  sneaky_name: {type: flag}\n'
    )
    shown = terminal("-t", "sly", "--help")
    assert shown.wait() == 0
    _, _, inputs = shown.screen.partition(b"Inputs of sly")
    assert b"--ok" in inputs
    assert b"--sneaky-name / --no-sneaky-name" in inputs
    assert b"\x1b[2J" not in shown.screen
    assert b"\x1b[31m" not in shown.screen
    assert b"\x1b]0" not in shown.screen


def test_completion_knows_names_of_templates_schemas_and_fragments(curta: Curta, home: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    curta("--save", "mine", "hi")
    curta("schemas", "save", "dog", "name, age int")
    curta("fragments", "set", "notes", "notes.txt")
    known = (home / "completion.txt").read_text().splitlines()
    assert {"template\tmine", "schema\tdog", "fragment\tnotes"} <= set(known)
    curta("fragments", "remove", "notes")
    assert "fragment\tnotes" not in (home / "completion.txt").read_text()
