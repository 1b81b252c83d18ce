"""Tools found by what a user names: a tool, a toolbox and what to make it with, a server; and Python functions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from inspect import iscoroutinefunction
from typing import Any, NamedTuple

from curta import plugins
from curta.errors import UsageError
from curta.messages import JSON
from curta.tools.function import Function
from curta.tools.signature import Signature, signature
from curta.tools.toolbox import Construction, Toolbox, construction, made

_OTHERS = {"llm_version": "curta_version", "llm_time": "curta_time"}
"""What the tools are called that users of `llm` have in their fingers."""


class Provided(NamedTuple):
    """A tool that can be named. parameters: the JSON schema of its arguments. spec: what `-T` takes, or `also`."""

    name: str
    description: str
    source: str
    parameters: JSON
    spec: str
    also: str = ""


def find(spec: str) -> list[Function]:
    """The tools that `spec` names: `name`, `Toolbox`, `Toolbox("argument")`, `server` or `server/tool`.

    Raises UsageError, with names that are close.
    """
    from curta.tools import builtin, sandboxed
    from curta.tools.mcp import servers

    named = {function.__name__: function for function in builtin.TOOLS}
    wanted = _OTHERS.get(spec, spec)
    if wanted in named:
        return _functions(named[wanted], "built-in", spec)
    if wanted in sandboxed.DESCRIPTIONS and wanted in sandboxed.names():
        return sandboxed.functions(wanted)
    if servers.provides(spec):
        return servers.functions(spec)
    spelled = construction(spec)
    if found := plugins.find("tools", spelled.name if spelled else spec):
        tool = found.load()
        return of(_boxed(tool, spelled) if spelled else tool, f"plugin:{found.plugin.name}")
    if bridged := _of_llm(spec):
        return bridged
    raise _unknown(spec)


def _of_llm(spec: str) -> list[Function]:
    """The tools that a plugin of the user's `llm` has under this name; they run in a process of its own."""
    from curta.models.bridge import tools

    return [Function(each.tool, each.call, each.source, state=each.process) for each in tools.find(spec)]


def _boxed(tool: Any, spelled: Construction) -> Toolbox:
    if isinstance(tool, type) and issubclass(tool, Toolbox):
        return made(tool, spelled)
    raise UsageError(f"{spelled.name} is no toolbox: it takes nothing in brackets.")


def find_all(specs: Sequence[str], code: Sequence[str] = ()) -> list[Function]:
    """The tools of several specs, and all tools of pieces of code (or `.py` files), of which a spec may make toolboxes.

    Raises UsageError.
    """
    defined = _defined(code)
    found = [function for spec in specs for function in _named(spec, defined)]
    spelled = {each.name for spec in specs if (each := construction(spec))}
    rest = (tool for name, tool in defined.items() if name not in spelled and name not in specs)
    return [*found, *(function for tool in rest for function in _functions(tool, "file"))]


def named(spec: str, code: Sequence[str] = ()) -> list[Function]:
    """The tools that `spec` names, also one that the code defines. Raises UsageError."""
    return _named(spec, _defined(code))


def find_again(names: Sequence[str]) -> list[Function]:
    """The tools that models call by these names. Raises UsageError for those that no name finds: code made them."""
    specs = {each.name: each.spec for each in available()} | {name: name for name in _OTHERS}
    if lost := [name for name in dict.fromkeys(names) if name not in specs]:
        raise UsageError(
            f"{', '.join(lost)} cannot be called again from here: it was code, or made with arguments.",
            then="Give the same -T and --functions as before (in Python: tools=[...]).",
        )
    return [function for name in dict.fromkeys(names) for function in find(specs[name])]


def _defined(code: Sequence[str]) -> dict[str, Any]:
    """What pieces of code define: the name of each function, toolbox and class of toolboxes."""
    if not code:
        return {}
    from curta.tools.code import tools_in

    return {name: tool for each in code for name, tool in tools_in(each).items()}


def _named(spec: str, defined: Mapping[str, Any]) -> list[Function]:
    spelled = construction(spec)
    tool = defined.get(spelled.name if spelled else spec)
    if tool is None:
        return find(spec)
    return _functions(_boxed(tool, spelled) if spelled else tool, "file")


def available() -> Iterator[Provided]:
    """Every tool that can be named. No server is spoken to, no plugin loaded (it has no `parameters`)."""
    from curta.tools import builtin, sandboxed
    from curta.tools.mcp import servers

    also = {name: other for other, name in _OTHERS.items()}
    for each in builtin.TOOLS:
        (function,) = _functions(each, "built-in")
        yield provided(function)._replace(also=also.get(function.name, ""))
    yield from (provided(function) for name in sandboxed.names() for function in sandboxed.functions(name))
    for name in servers.names():
        yield from (provided(function, f"{name}/{function.name}") for function in servers.functions(name))
    for name, found in plugins.provided("tools").items():
        yield Provided(name, str(found.about.get("help", "")), f"plugin:{found.plugin.name}", None, name)
    yield from _listed_by_llm({function.__name__ for function in builtin.TOOLS} | set(_OTHERS))


def _listed_by_llm(taken: set[str]) -> Iterator[Provided]:
    """The tools and toolboxes of the plugins of the user's `llm`, but those whose name is taken here."""
    from curta.models.bridge import tools

    for each in tools.listed():
        if each.name not in taken:
            parameters = None if each.toolbox else dict(each.parameters)
            yield Provided(each.name, each.description, each.source, parameters, each.name)


def of(tool: Any, source: str = "python") -> list[Function]:
    """The Functions of a Python function or callable, a Toolbox or a class of them, or Functions as they are.

    Raises UsageError for anything else.
    """
    if isinstance(tool, Function):
        return [tool if source == "python" else replace(tool, source=source)]
    if isinstance(tool, str):
        return find(tool)
    if isinstance(tool, list | tuple):
        return [function for each in tool for function in of(each, source)]
    return _functions(tool, source)


def _functions(tool: Any, source: str, name: str | None = None) -> list[Function]:
    if isinstance(tool, type) and issubclass(tool, Toolbox):
        return _functions(made(tool, Construction(tool.__name__, (), {})), source)
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


def provided(function: Function, spec: str = "") -> Provided:
    """A Function as listings show it."""
    tool = function.tool
    return Provided(tool.name, tool.description, function.source, dict(tool.parameters), spec or tool.name)


def _unknown(spec: str) -> UsageError:
    from difflib import get_close_matches

    close = get_close_matches(spec, [each.spec for each in available()], n=3, cutoff=0.5)
    return UsageError(
        f"There is no tool called {spec!r}.",
        why=f"Close to it: {', '.join(close)}." if close else "",
        then="`curta tools` lists them; --functions takes Python code or a .py file.",
    )
