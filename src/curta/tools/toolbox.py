"""Tools that share something: a class whose public methods are tools."""

import ast
import inspect
from typing import Any, NamedTuple

from curta.errors import UsageError


class Toolbox:
    """Derive from it: each public method is a tool, called `ClassName_method`.

    The methods share what the object has; they are called one after another, never two at the same time.
    What `__init__` takes can be given on the command line: `-T 'Notes("ideas.txt")'`.
    """

    def tools(self) -> "dict[str, Any]":
        """The tools: name and method of each. Override it where they are known only when the object is there."""
        return {
            f"{type(self).__name__}_{name}": getattr(self, name)
            for name, member in inspect.getmembers(type(self), callable)
            if not name.startswith("_") and not hasattr(Toolbox, name) and not isinstance(member, type)
        }


class Construction(NamedTuple):
    """`Name("a", n=1)`, read: a class and what to make it with."""

    name: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]


def construction(spec: str) -> Construction | None:
    """What `Name(...)` says; None for anything else. Arguments are Python literals, and nothing is evaluated.

    Raises UsageError for arguments that are no literals.
    """
    name, opened, _ = spec.partition("(")
    if not opened or not name.isidentifier() or not spec.endswith(")"):
        return None
    try:
        call = ast.parse(spec, mode="eval").body
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Name)
        keywords = {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
        return Construction(name, tuple(map(ast.literal_eval, call.args)), keywords)
    except (SyntaxError, ValueError, AssertionError, MemoryError, RecursionError) as error:
        raise UsageError(
            f"{spec!r} cannot be read: what a toolbox is made with are texts in quotation marks, numbers and lists.",
            then=f"""For example: -T '{name}("notes.txt")'""",
        ) from error


def made(kind: type[Toolbox], spec: Construction) -> Toolbox:
    """The toolbox that `spec` asks for. Raises UsageError when the class does not take that."""
    try:
        return kind(*spec.arguments, **spec.keywords)
    except Exception as error:
        raise UsageError(f"The toolbox {spec.name} could not be made: {type(error).__name__}: {error}") from error
