"""Calls tools of servers as a chain does."""

from typing import Any

from curta.messages import ToolCall, ToolResult
from curta.tools import Function
from curta.tools.mcp import servers
from curta.tools.running import Job, run


def call(spec: str, **arguments: Any) -> ToolResult:
    """Call the one tool that `spec` names."""
    (function,) = servers.functions(spec)
    return call_all((function, arguments))[0]


def call_all(*calls: tuple[Function, dict[str, Any]]) -> list[ToolResult]:
    """Call several tools side by side."""
    return run([Job(ToolCall(str(n), f.name, arguments), f) for n, (f, arguments) in enumerate(calls)])


def said(result: ToolResult) -> str:
    """The words of a result."""
    return "\n".join(part.text for part in result.parts)  # type: ignore[union-attr]
