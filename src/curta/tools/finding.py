"""Tools found by what a user names: a tool, a toolbox and what to make it with, a server; and Python functions."""

from collections.abc import Callable, Iterator, Sequence
from inspect import iscoroutinefunction
from typing import Any, NamedTuple

from curta.errors import UsageError
from curta.messages import JSON
from curta.tools.function import Function
from curta.tools.signature import Signature, signature
from curta.tools.toolbox import Toolbox, construction, made

_OTHERS = {"llm_version": "curta_version", "llm_time": "curta_time"}
"""What the tools are called that users of `llm` have in their fingers."""


class Provided(NamedTuple):
    """A tool that can be named. parameters: the JSON schema of its arguments."""

    name: str
    description: str
    source: str
    parameters: JSON


def find(spec: str) -> list[Function]:
    """The tools that `spec` names: `name`, `Toolbox`, `Toolbox("argument")`, `server` or `server/tool`.

    Raises UsageError, with names that are close.
    """
    from curta.tools import builtin
    from curta.tools.mcp import servers

    named = {function.__name__: function for function in builtin.TOOLS}
    wanted = _OTHERS.get(spec, spec)
    if wanted in named:
        return _functions(named[wanted], "built-in", spec)
    if spec.partition("/")[0] in servers.names():
        return servers.functions(spec)
    raise _unknown(spec)


def find_all(specs: Sequence[str], code: Sequence[str] = ()) -> list[Function]:
    """The tools of several specs and pieces of code (or `.py` files). A toolbox of the code may be made by a spec.

    Raises UsageError.
    """
    from curta.tools.code import tools_in

    defined = [tool for each in code for tool in tools_in(each)]
    boxes = {tool.__name__: tool for tool in defined if isinstance(tool, type)}
    found: list[Function] = []
    for spec in specs:
        if (wanted := construction(spec if "(" in spec else f"{spec}()")) and wanted.name in boxes:
            box = boxes[wanted.name]
            found += _functions(made(box, wanted), "file")
            defined = [tool for tool in defined if tool is not box]
        else:
            found += find(spec)
    return [*found, *(function for tool in defined for function in _functions(tool, "file"))]


def available() -> Iterator[Provided]:
    """Every tool that can be named."""
    from curta.tools import builtin
    from curta.tools.mcp import servers

    for each in builtin.TOOLS:
        yield from (_provided(function) for function in _functions(each, "built-in"))
    for name in servers.names():
        yield from (_provided(function) for function in servers.functions(name))


def of(tool: Any, source: str = "python") -> list[Function]:
    """The Functions of a Python function or callable, a Toolbox or a class of them, or Functions as they are.

    Raises UsageError for anything else.
    """
    if isinstance(tool, Function):
        return [tool]
    if isinstance(tool, str):
        return find(tool)
    if isinstance(tool, list | tuple):
        return [function for each in tool for function in of(each, source)]
    return _functions(tool, source)


def _functions(tool: Any, source: str, name: str | None = None) -> list[Function]:
    if isinstance(tool, type) and issubclass(tool, Toolbox):
        return _functions(made(tool, (construction(f"{tool.__name__}()"))), source)
    if isinstance(tool, Toolbox):
        return [_function(method, source, name, tool) for name, method in tool.tools().items()]
    if callable(tool) and not isinstance(tool, type):
        return [_function(tool, source, name)]
    raise UsageError(
        f"{tool!r} is no tool.", then="A tool is a function, a Toolbox, or the name of one that `curta tools` lists."
    )


def _function(function: Callable[..., Any], source: str, name: str | None = None, state: object = None) -> Function:
    described = signature(function, name)
    return Function(described.tool, _checked(function, described), source, state)


def _checked(function: Callable[..., Any], described: Signature) -> Callable[..., Any]:
    """`function`, called with a model's arguments: each checked and read as its type first."""
    if iscoroutinefunction(function) or iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004

        async def acall(**given: JSON) -> Any:
            arguments, keywords = described.bind(given)
            return await function(*arguments, **keywords)

        return acall

    def call(**given: JSON) -> Any:
        arguments, keywords = described.bind(given)
        return function(*arguments, **keywords)

    return call


def _provided(function: Function) -> Provided:
    return Provided(function.name, function.tool.description, function.source, function.tool.parameters)


def _unknown(spec: str) -> UsageError:
    from difflib import get_close_matches

    close = get_close_matches(spec, [each.name for each in available()], n=3, cutoff=0.5)
    return UsageError(
        f"There is no tool called {spec!r}.",
        why=f"Close to it: {', '.join(close)}." if close else "",
        then="`curta tools` lists them; --functions takes Python code or a .py file.",
    )
