"""What plugins provide besides models: tools, embeddings, and loaders of templates and fragments."""

from __future__ import annotations

import array
import base64
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from .arriving import loop
from .listing import described
from .plugins import Plugins, Registered

_functions: dict[str, dict[str, Any]] = {}
"""What was asked for -> the tools it stands for, by name; a toolbox keeps what it remembers as long as the process."""


def tools(plugins: Plugins, question: dict[str, Any], send: Callable[..., None]) -> dict[str, Any]:
    """The functions that `name` or `Toolbox("arg")` stands for."""
    return {"tools": [described(tool) for tool in _made(plugins, question).values()]}


def call(plugins: Plugins, question: dict[str, Any], send: Callable[..., None]) -> dict[str, Any]:
    """Call one of them."""
    tool = _made(plugins, question)[question["name"]]
    arguments = dict(question["arguments"])
    if _wants_the_call(tool.implementation):
        arguments["llm_tool_call"] = import_module("llm").ToolCall(tool.name, arguments, question.get("call"))
    output = tool.implementation(**arguments)
    if inspect.isawaitable(output):
        output = loop().run_until_complete(_awaiting(output))
    attachments = []
    if hasattr(output, "output") and hasattr(output, "attachments"):  # llm.ToolOutput, which came with 0.27
        output, attachments = output.output, [_attachment(each) for each in output.attachments or ()]
    text = output if isinstance(output, str) else "" if output is None else json.dumps(output, default=repr)
    return {"output": text, "attachments": attachments}


def _wants_the_call(implementation: Any) -> bool:
    try:
        return "llm_tool_call" in inspect.signature(implementation).parameters
    except (TypeError, ValueError):  # a built-in function without a signature
        return False


async def _awaiting(output: Any) -> Any:
    return await output


def _made(plugins: Plugins, question: dict[str, Any]) -> dict[str, Any]:
    spec = question["spec"]
    if spec not in _functions:
        found = plugins.find(plugins.tools, spec.split("(")[0].strip(), question["plugin"])
        _functions[spec] = {tool.name: tool for tool in _functions_of(found, spec)}
    return _functions[spec]


def _functions_of(found: Registered, spec: str) -> Iterator[Any]:
    if not inspect.isclass(found.value):
        yield found.value if found.value.name == found.name else _renamed(found.value, found.name)
        return
    toolbox = import_module("llm.utils").instantiate_from_spec({found.name: found.value}, spec)
    if hasattr(toolbox, "prepare"):
        toolbox.prepare()
    if hasattr(toolbox, "prepare_async"):
        loop().run_until_complete(toolbox.prepare_async())
    yield from toolbox.tools() if hasattr(toolbox, "tools") else toolbox.method_tools()


def _renamed(tool: Any, name: str) -> Any:
    return import_module("dataclasses").replace(tool, name=name)


def embed(plugins: Plugins, question: dict[str, Any], send: Callable[..., None]) -> dict[str, Any]:
    """A vector for each item, as little-endian 32-bit floats."""
    model = plugins.find(plugins.embedding_models, question["model"], question["plugin"]).value
    items = [each["text"] if "text" in each else base64.b64decode(each["bytes"]) for each in question["items"]]
    if question.get("key"):
        model.key = question["key"]
    for vector in model.embed_multi(items):
        send(vector=base64.b64encode(_packed(vector)).decode("ascii"))
    return {}


def _packed(vector: Any) -> bytes:
    packed = array.array("f", vector)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def load(plugins: Plugins, question: dict[str, Any], send: Callable[..., None]) -> dict[str, Any]:
    """What a loader of templates or fragments makes of its argument."""
    found = plugins.find(lambda: plugins.loaders(question["kind"]), question["prefix"], question["plugin"])
    value = found.value(question["argument"])
    if question["kind"] == "template":
        return {"template": {name: each for name, each in value.model_dump().items() if each is not None}}
    return {"fragments": [_fragment(each) for each in (value if isinstance(value, (list, tuple)) else [value])]}


def _fragment(each: Any) -> dict[str, Any]:
    if hasattr(each, "content_bytes"):
        return {"attachment": _attachment(each)}
    return {"text": str(each), "source": str(getattr(each, "source", "") or "")}


def _attachment(each: Any) -> dict[str, Any]:
    if each.url and not each.content and not each.path:
        return {"type": each.type, "url": each.url}
    return {"type": each.resolve_type(), "content": base64.b64encode(each.content_bytes()).decode("ascii")}
