"""An error in a plugin is the plugin's, by name, wherever it strikes; what plugins add never replaces Curta's."""

from pathlib import Path

import pytest

from curta import sources, templates
from curta.errors import PluginError
from curta.events import TextDelta
from curta.messages import Request, user
from curta.models import keys, registry
from curta.models.exchange import events
from tests.plugins.conftest import Curta

MODELS = """
from curta.events import Finish, TextDelta
from curta.models.model import Facts, HTTPExchange, LocalExchange
from curta.plugins import hookimpl

class Faulty:
    name, facts, options = "faulty", Facts(where="this computer"), ()
    def exchange(self, request, *, stream=True):
        return LocalExchange(self.answer())
    def answer(self):
        yield TextDelta("Half an ans")
        raise ZeroDivisionError("in the middle")

class Refusing(Faulty):
    def exchange(self, request, *, stream=True):
        raise KeyError("no exchange")

class Strange(Faulty):
    def exchange(self, request, *, stream=True):
        return "a text"

class Secret(Faulty):
    def __init__(self, key): self.key = key
    def exchange(self, request, *, stream=True):
        return LocalExchange(iter([TextDelta(self.key()), Finish("stop")]))


@hookimpl
def register_models(register):
    register("faulty", Faulty)
    register("refusing", Refusing)
    register("strange", Strange)
    register("secret", Secret, key="acme")

@hookimpl
def register_keys(register):
    register("vault", {"acme": "from-the-vault"}.get)
"""

OTHERS = """
import click
from curta import Document
from curta.plugins import hookimpl

@click.command(help="Draw a pelican.")
@click.option("--fail", is_flag=True)
@click.option("--leave", type=int)
def pelican(fail, leave):
    if fail:
        raise ValueError("no pelican")
    if leave:
        raise SystemExit(leave)
    click.echo("<pelican>")

@hookimpl
def register_commands(register):
    register("pelican", pelican)
    register("logs", pelican)
    register("elsewhere", f"{__name__}:pelican", help="The same, found when it is run.")
    register("nowhere", "no_such_module:command")

def load(rest):
    if rest == "empty":
        return []
    if rest == "text":
        return "a text"
    if rest:
        raise LookupError(f"no {rest}")
    return Document("Nothing was asked for.")

@hookimpl
def register_sources(register):
    register("some", load)
    register("hn", load)

@hookimpl
def register_templates(register):
    register("tpl", lambda rest: {"good": "prompt: Say $input\\nfunctions: 'import os'"}[rest])
"""


@pytest.fixture(autouse=True)
def both(home: Path) -> None:
    (home / "plugins").mkdir(parents=True)
    (home / "plugins" / "models_of_mine.py").write_text(MODELS)
    (home / "plugins" / "others.py").write_text(OTHERS)


def test_a_model_that_fails_in_the_middle_is_named_and_what_came_is_kept(curta: Curta) -> None:
    done = curta("-m", "faulty", "hi")
    assert done.code == 1
    assert done.out.startswith("Half an ans")
    assert "The plugin models_of_mine failed: ZeroDivisionError: in the middle" in done.err
    assert "Traceback" not in done.err
    assert "ZeroDivisionError: in the middle" in curta("-m", "faulty", "hi", "--debug").err
    assert "Half an ans" in curta("logs", "-r").out


def test_a_model_that_gives_no_exchange_is_named() -> None:
    request = Request("x", (user("hi"),))
    with pytest.raises(PluginError, match=r"models_of_mine failed: KeyError: 'no exchange'"):
        registry.get("refusing").exchange(request)
    with pytest.raises(PluginError, match="returned no exchange"):
        registry.get("strange").exchange(request)


def test_a_model_gets_its_key_when_it_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer() -> str:
        model = registry.get("secret")
        return next(
            each.text for each in events(model.exchange(Request("x", (user("hi"),)))) if isinstance(each, TextDelta)
        )

    assert answer() == "from-the-vault"
    monkeypatch.setenv("ACME_API_KEY", "from-the-environment")
    assert answer() == "from-the-environment"
    keys.save("acme", "from-the-file")
    assert answer() == "from-the-file"


def test_a_source_that_fails_or_gives_no_document_is_named() -> None:
    assert sources.load("some:")[0].text == "Nothing was asked for."
    assert sources.load("some:empty") == []
    with pytest.raises(PluginError, match=r"The plugin others failed: LookupError: no such thing"):
        sources.load("some:such thing")
    with pytest.raises(PluginError, match="not a Document"):
        sources.load("some:text")


def test_a_path_is_read_though_a_plugin_has_its_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("some:file").write_text("A file.")
    Path("other:file").write_text("Another.")
    assert sources.load("./some:file")[0].text == "A file."
    assert sources.load("other:file")[0].text == "Another."


def test_a_template_of_a_plugin_runs_nothing_and_its_errors_are_named() -> None:
    assert templates.load("tpl:good").prompt == "Say $input"
    with pytest.raises(PluginError, match=r"The plugin others failed: KeyError: 'bad'"):
        templates.load("tpl:bad")


def test_a_command_of_a_plugin_runs_as_one_of_curtas(curta: Curta) -> None:
    assert curta("pelican").out == "<pelican>\n"
    assert curta("elsewhere").out == "<pelican>\n"
    assert curta("pelican", "--leave", "4").code == 4
    assert "Usage: curta pelican" in curta("pelican", "--help").out
    assert curta("pelican", "--nothing").code == 2
    failed = curta("pelican", "--fail")
    assert (failed.code, "The plugin others failed: ValueError: no pelican" in failed.err) == (1, True)
    assert "The plugin others failed: ModuleNotFoundError" in curta("nowhere").err


def test_a_command_of_curtas_is_never_a_plugins(curta: Curta) -> None:
    assert "<pelican>" not in curta("logs").out
    listed = curta("plugins").out
    assert "command logs  not used: Curta has a command of this name" in listed
    shown = curta("--help").out
    assert "Commands of plugins:\n  pelican    Draw a pelican." in shown
    assert "Did you mean `curta pelican`?" in curta("pelicann").err


def test_the_words_of_a_prompt_are_no_commands(curta: Curta) -> None:
    assert "<pelican>" not in curta("-m", "extractive", "pelican", stdin="A pelican.").out
    assert "<pelican>" not in curta("pelican, a bird", stdin="A pelican is a bird.").out
