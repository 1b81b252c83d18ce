"""Messages as plugins read them: old ones `prompt.prompt` and `conversation.responses`, new ones `prompt.messages`.

Both are always given. What came before is not asked again: it stands in responses that are done.
"""

from __future__ import annotations

import base64
import dataclasses
from importlib import import_module
from typing import Any, NamedTuple


class Turn(NamedTuple):
    """What was said to the model at once, and before it everything else; messages as JSON."""

    before: list[dict[str, Any]]
    said: list[dict[str, Any]]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [*self.before, *self.said]

    @property
    def text(self) -> str:
        return "\n\n".join(part["text"] for part in self.parts if part["type"] == "text")

    @property
    def parts(self) -> list[dict[str, Any]]:
        return [part for message in self.said for part in message["parts"]]


def turns(messages: list[dict[str, Any]]) -> list[tuple[Turn, dict[str, Any] | None]]:
    """Each turn with its answer; the last one's is None."""
    found: list[tuple[Turn, dict[str, Any] | None]] = []
    before: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for message in messages:
        if message["role"] == "assistant":
            found.append((Turn(before, said), message))
            before, said = [*before, *said, message], []
        elif message["role"] == "system" and not found:
            before = [*before, message]
        else:
            said = [*said, message]
    return [*found, (Turn(before, said), None)]


def conversation(model: Any, system: str | None, past: list[tuple[Turn, Any]]) -> Any:
    """The conversation so far, none of which is asked again."""
    talk = model.conversation()
    for turn, answer in past:
        talk.responses.append(_answered(model, talk, system, turn, answer))
    return talk


def _answered(model: Any, talk: Any, system: str | None, turn: Turn, answer: dict[str, Any]) -> Any:
    """A response that is done: what was asked, and what came."""
    llm = import_module("llm")
    kind = llm.AsyncResponse if is_async(model) else llm.Response
    response = kind(prompt(model, turn, system), model, False, conversation=talk)
    response._chunks = [part["text"] for part in answer["parts"] if part["type"] == "text"]
    response._tool_calls = [_tool_call(part) for part in answer["parts"] if _is_own_call(part)]
    response._done = True
    if hasattr(llm, "Message"):
        response._loaded_messages = [llm.Message.from_dict(answer)]
    return response


def prompt(model: Any, turn: Turn, system: str | None, **given: Any) -> Any:
    """What is asked in `turn`. given: `schema`, `tools`, `options`."""
    llm = import_module("llm")
    if hasattr(llm, "Message"):
        given["messages"] = [llm.Message.from_dict(message) for message in turn.messages]
    given.setdefault("options", model.Options())
    return import_module("llm.models").Prompt(
        turn.text or None,
        model,
        system=system,
        attachments=[_attachment(part["attachment"]) for part in turn.parts if part["type"] == "attachment"],
        tool_results=[_tool_result(part) for part in turn.parts if part["type"] == "tool_result"],
        **given,
    )


def is_async(model: Any) -> bool:
    llm = import_module("llm")
    return isinstance(model, (llm.AsyncModel, llm.AsyncKeyModel))


def _is_own_call(part: dict[str, Any]) -> bool:
    return part["type"] == "tool_call" and not part.get("server_executed")


def _tool_call(part: dict[str, Any]) -> Any:
    return import_module("llm").ToolCall(part["name"], part["arguments"], part.get("tool_call_id"))


def _tool_result(part: dict[str, Any]) -> Any:
    """A result, with as much of it as this version of `llm` has a place for."""
    kind = import_module("llm").ToolResult
    known = {each.name for each in dataclasses.fields(kind)}
    given = {
        "name": part["name"],
        "output": part["output"],
        "tool_call_id": part.get("tool_call_id"),
        "attachments": [_attachment(each) for each in part.get("attachments", ())],
        "exception": RuntimeError(part["exception"]) if part.get("exception") else None,
    }
    return kind(**{name: value for name, value in given.items() if name in known})


def _attachment(described: dict[str, Any]) -> Any:
    content = base64.b64decode(described["content"]) if described.get("content") else None
    return import_module("llm").Attachment(type=described.get("type"), url=described.get("url"), content=content)
