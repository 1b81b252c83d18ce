"""One answer of a model: what is asked becomes a prompt of `llm`, what comes becomes lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from . import arriving, history
from .plugins import Plugins


class Unsupported(Exception):
    """The model, or this version of `llm`, cannot do what is asked."""


class WrongOptions(Exception):
    """The plugin does not take these options. details: name, message, and the value it was given, each."""

    def __init__(self, details: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(f"{each['name']}: {each['message']}" for each in details))
        self.details = details


def prompt(plugins: Plugins, question: dict[str, Any], send: Callable[..., None]) -> dict[str, Any]:
    """Stream the answer of a model."""
    sent: list[None] = []

    def noting(**line: Any) -> None:
        sent.append(None)
        send(**line)

    try:
        return _answer(plugins, question, noting)
    except import_module("llm").UnknownModelError:
        if sent:
            raise
        plugins.load_all()  # a model that asks others needs theirs too
        return _answer(plugins, question, noting)


def _answer(plugins: Plugins, question: dict[str, Any], send: Callable[..., None]) -> dict[str, Any]:
    found = plugins.find(plugins.models, question["model"], question["plugin"])
    model = found.value if found.value is not None else found.async_value
    response = _response(model, question)
    calls = arriving.ToolCalls(send)
    for piece in arriving.pieces(response):
        if piece.type in ("text", "reasoning"):
            if piece.chunk:
                send(type=piece.type, text=piece.chunk)
        elif piece.type in ("tool_call_name", "tool_call_args") and not piece.server:
            calls.take(piece)
    wanted = calls.finish(response._tool_calls)
    return {
        "kept": [*arriving.kept(response)],
        "usage": arriving.usage(response),
        "resolved": getattr(response, "resolved_model", None),
        "finish": arriving.finish(response, wanted),
    }


def _response(model: Any, question: dict[str, Any]) -> Any:
    """The response of `llm`, not begun."""
    llm = import_module("llm")
    *past, (now, _) = history.turns(question["messages"])
    system = question.get("system")
    try:
        prompt = history.prompt(
            model, now, system, schema=question.get("schema"), tools=_tools(question), options=_options(model, question)
        )
        model._validate_attachments(prompt.attachments)
        talk = history.conversation(model, system, past) if past else None
        kind = llm.AsyncResponse if history.is_async(model) else llm.Response
        stream = bool(question["stream"] and model.can_stream)
        return kind(prompt, model, stream, conversation=talk, key=question.get("key"))
    except (ValueError, getattr(llm, "ConversationNotSupported", ValueError)) as error:
        raise Unsupported(str(error)) from error


def _tools(question: dict[str, Any]) -> list[Any]:
    tool = import_module("llm").Tool
    return [tool(each["name"], each["description"], each["parameters"]) for each in question.get("tools", ())]


def _options(model: Any, question: dict[str, Any]) -> Any:
    """The plugin's own validation of the options."""
    given = dict(question.get("options") or {})
    invalid = import_module("pydantic").ValidationError
    try:
        try:
            return model.Options(**given)
        except invalid as error:
            return model.Options(**_as_text(given, error))
    except invalid as error:
        raise WrongOptions([_wrong(each) for each in error.errors()]) from None


def _as_text(given: dict[str, Any], error: Any) -> dict[str, Any]:
    """A shell has nothing but text: what looks like a number there may be a text the option wants."""
    texts = {each["loc"][0] for each in error.errors() if each["type"] == "string_type" and each["loc"]}
    return {name: json.dumps(value) if name in texts else value for name, value in given.items()}


def _wrong(each: dict[str, Any]) -> dict[str, Any]:
    name = ".".join(map(str, each["loc"]))
    return {"name": name, "message": each["msg"], "unknown": each["type"] == "extra_forbidden"}
