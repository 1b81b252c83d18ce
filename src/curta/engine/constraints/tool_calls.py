"""A tool's call or an answer as one JSON form, to which the engine is held: a `tool` with its `args`, or an `answer`.

Where a chat template knows no tools, `tool_choice: "required"` gives plain text and no error. Here no template is
asked: the tools are told in words, the form is a grammar, and the arguments follow the tool's schema.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from curta.errors import UnsupportedRequest
from curta.messages import JSON, Tool, ToolCall

ANSWER, TOOL, ARGUMENTS = "answer", "tool", "args"


def schema(tools: Sequence[Tool], choice: str | None, answer: Mapping[str, JSON] | None = None) -> dict[str, JSON]:
    """The schema of what may be said. choice: as `Request.choice` has it. answer: the schema of an answer in JSON.

    Raises UnsupportedRequest for the choice of a tool that there is not.
    """
    may_answer = choice in (None, "auto", "none")
    called = [] if choice == "none" else [tool for tool in tools if may_answer or choice in ("required", tool.name)]
    if not may_answer and not called:
        raise UnsupportedRequest(f"There is no tool called {choice!r} to choose.")
    parts = {tool.name: dict(tool.parameters) or {"type": "object"} for tool in called}
    forms = [_object({TOOL: {"const": name}, ARGUMENTS: {"$ref": f"#/$defs/{n}"}}) for n, name in enumerate(parts)]
    if may_answer:
        forms.append(_object({ANSWER: {"$ref": f"#/$defs/{len(parts)}"}}))
        parts[""] = dict(answer or {"type": "string"})
    return {"anyOf": forms, "$defs": {str(n): _moved(each, f"#/$defs/{n}") for n, each in enumerate(parts.values())}}


def instructions(tools: Sequence[Tool], choice: str | None) -> str:
    """What the model is told of the tools and of the form."""
    told = "\n".join(
        f"- {tool.name}: {tool.description} {ARGUMENTS}: {json.dumps(dict(tool.parameters), ensure_ascii=False)}"
        for tool in tools
    )
    forms = [f'{{"{TOOL}": "NAME", "{ARGUMENTS}": {{...}}}} to call a tool']
    forms += [f'{{"{ANSWER}": "..."}} to answer'] if choice in (None, "auto") else []
    return f"You have tools:\n{told}\nWrite JSON: {', or '.join(forms)}."


def call(tool_call: ToolCall) -> str:
    """A call that was made, in the same form."""
    return json.dumps({TOOL: tool_call.name, ARGUMENTS: dict(tool_call.arguments)}, ensure_ascii=False)


def answer(text: str) -> str:
    """An answer that was given, in the same form."""
    return json.dumps({ANSWER: text}, ensure_ascii=False)


def _object(properties: dict[str, Any]) -> dict[str, JSON]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _moved(schema: Any, place: str) -> Any:
    """A schema that stands at `place` of another one: its references begin there."""
    if isinstance(schema, list):
        return [_moved(each, place) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        name: f"{place}{value[1:]}" if name == "$ref" and isinstance(value, str) else _moved(value, place)
        for name, value in schema.items()
    }
