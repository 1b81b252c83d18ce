"""Classes of tools, and what is written to make one."""

import pytest

import curta
from curta.errors import UsageError
from curta.messages import Tool
from curta.tools import Function, find, find_all, of
from curta.tools.code import tools_in
from curta.tools.toolbox import construction


class Memory(curta.Toolbox):
    def __init__(self, start: str = "") -> None:
        self.kept = {"start": start}

    def keep(self, name: str, value: str) -> None:
        """Keep a value."""
        self.kept[name] = value

    async def find(self, name: str) -> str:
        """Find it."""
        return self.kept[name]

    def _secret(self) -> None: ...


def test_the_public_methods_are_tools_that_share_the_object() -> None:
    memory = Memory()
    functions = {function.name: function for function in of(memory)}
    assert set(functions) == {"Memory_keep", "Memory_find"}
    assert functions["Memory_keep"].tool.parameters["required"] == ["name", "value"]
    functions["Memory_keep"].call(name="a", value="b")
    assert memory.kept["a"] == "b"
    assert {function.state for function in functions.values()} == {memory}


def test_a_class_is_made_without_arguments() -> None:
    assert {function.name for function in of(Memory)} == {"Memory_keep", "Memory_find"}


def test_what_a_toolbox_is_made_with_is_read_as_literals() -> None:
    assert construction("Memory") is None
    assert construction('Notes("a.txt", 3, deep=[1, {"b": None}])') == (
        "Notes", ("a.txt", 3), {"deep": [1, {"b": None}]},
    )  # fmt: skip


@pytest.mark.parametrize(
    "spec",
    ['Notes(__import__("os").system("true"))', "Notes(open)", "Notes(1 +)", "Notes(a)(b)", "Notes(*[1])", "Notes(())()",
     "Notes(" + "(" * 500 + ")" * 500 + ")"],
)  # fmt: skip
def test_nothing_that_is_written_there_is_evaluated(spec: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be read|could not be made"):
        construction(spec)


CODE = """
from pathlib import Path
from dataclasses import dataclass
from curta import Toolbox

@dataclass
class Place:
    name: str

class Notes(Toolbox):
    def __init__(self, where="nowhere"):
        self.where = where
    def read(self) -> str:
        return self.where

def greet(place: Place) -> str:
    "Greet a place."
    return "Hello " + place.name

double = lambda n: n * 2
_hidden = lambda: None
"""


def test_code_gives_its_functions_and_toolboxes_and_nothing_it_imports() -> None:
    assert set(tools_in(CODE)) == {"Notes", "greet", "double"}
    functions = {function.name: function for function in find_all((), [CODE])}
    assert set(functions) == {"Notes_read", "greet", "double"}
    assert functions["greet"].call(place={"name": "Rome"}) == "Hello Rome"
    assert functions["double"].call(n=4) == 8
    assert {function.source for function in functions.values()} == {"file"}


def test_a_toolbox_of_the_code_can_be_made_with_arguments() -> None:
    functions = {function.name: function for function in find_all(['Notes("here")'], [CODE])}
    assert functions["Notes_read"].call() == "here"
    assert set(functions) == {"Notes_read", "greet", "double"}


def test_a_file_of_functions_is_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "tools.py"
    path.write_text(CODE)
    assert set(tools_in(str(path))) == {"Notes", "greet", "double"}
    with pytest.raises(UsageError, match="Cannot read the functions"):
        tools_in(str(tmp_path / "none.py"))


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("def f(:", "--functions, line 1: "),
        ("x = 1\nraise ValueError('no')", "--functions, line 2 raised ValueError: no"),
        ("import sys; sys.exit(3)", "raised SystemExit"),
        ("x = 1", "There is no function in --functions"),
        ("import os", "There is no function"),
    ],
)
def test_code_that_does_not_run_is_an_error_with_its_line(code: str, complaint: str) -> None:
    with pytest.raises(UsageError) as raised:
        tools_in(code)
    assert complaint in str(raised.value)


def test_tools_that_come_along_are_found_by_name() -> None:
    assert find("curta_version")[0].call() == curta.__version__
    assert "utc_time" in find("curta_time")[0].call()
    assert find("llm_time")[0].name == "llm_time"
    with pytest.raises(UsageError, match="Close to it: curta_time"):
        find("curta_tim")


@pytest.mark.parametrize("thing", [3, None, object(), "no such tool", int])
def test_what_is_no_tool_is_refused(thing: object) -> None:
    with pytest.raises(UsageError):
        of(thing)


def test_who_provides_a_ready_made_function_is_said_of_it() -> None:
    made = Function(Tool("look", "Look.", {"type": "object"}), lambda: "seen")
    assert of(made)[0].source == "python"
    assert [each.source for each in of([made], "plugin:lookout")] == ["plugin:lookout"]
