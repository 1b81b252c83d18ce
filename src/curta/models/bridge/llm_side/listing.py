"""What the plugins offer, for the manifest that Curta keeps: read once, with every plugin loaded."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from importlib import import_module, metadata
from typing import Any

from .plugins import Plugins, Registered


def offers(plugins: Plugins, question: dict[str, Any], send: Any) -> dict[str, Any]:
    """Everything the installed plugins register, and the folders a change of which makes this listing stale."""
    plugins.load_all()
    return {
        "llm": metadata.version("llm"),
        "folders": [*_folders()],
        "user_dir": str(import_module("llm").user_dir()),
        "models": [_model(each) for each in plugins.models().values()],
        "embedding_models": [_embedding_model(each) for each in plugins.embedding_models().values()],
        "tools": [_tool(each) for each in plugins.tools().values()],
        "template_loaders": [_loader(each) for each in plugins.loaders("template").values()],
        "fragment_loaders": [_loader(each) for each in plugins.loaders("fragment").values()],
        "failed": plugins.failed,
    }


def _folders() -> Iterator[str]:
    """The folders where distributions are installed."""
    for folder in sys.path:
        if os.path.isdir(folder) and any(name.endswith((".dist-info", ".egg-info")) for name in os.listdir(folder)):
            yield os.path.abspath(folder)


def _model(each: Registered) -> dict[str, Any]:
    model = each.value if each.value is not None else each.async_value
    return {
        "name": each.name,
        "aliases": [*each.aliases],
        "plugin": each.plugin,
        "stream": bool(model.can_stream),
        "schema": bool(getattr(model, "supports_schema", False)),
        "tools": bool(getattr(model, "supports_tools", False)),
        "conversation": bool(getattr(model, "supports_conversation", True)),
        "attachments": sorted(model.attachment_types or ()),
        "key": model.needs_key,
        "key_variable": getattr(model, "key_env_var", None),
        "options": [*_options(model)],
    }


def _options(model: Any) -> Iterator[dict[str, Any]]:
    for name, described in _properties(model).items():
        help = " ".join(str(described.get("description") or "").split())
        yield {"name": name, "type": _type(described), "help": help, "default": described.get("default")}


def _properties(model: Any) -> dict[str, Any]:
    try:
        properties: dict[str, Any] = model.Options.model_json_schema().get("properties", {})
    except Exception:  # a type that JSON schema has no word for: the names are known all the same
        properties = {name: {"description": each.description} for name, each in model.Options.model_fields.items()}
    return properties


def _type(described: dict[str, Any]) -> str:
    kinds = [each.get("type") for each in described.get("anyOf", [described])]
    return next((kind for kind in kinds if isinstance(kind, str) and kind != "null"), "")


def _embedding_model(each: Registered) -> dict[str, Any]:
    model = each.value
    return {
        "name": each.name,
        "aliases": [*each.aliases],
        "plugin": each.plugin,
        "key": model.needs_key,
        "text": bool(model.supports_text),
        "binary": bool(model.supports_binary),
    }


def _tool(each: Registered) -> dict[str, Any]:
    """A function with its schema, or a toolbox with what is known of it before it is made."""
    base = {"name": each.name, "plugin": each.plugin}
    if inspect.isclass(each.value):
        methods = getattr(each.value, "method_tools", None)
        return {
            **base,
            "toolbox": True,
            "description": inspect.getdoc(each.value) or "",
            "functions": [described(tool) for tool in methods()] if methods and _is_class_method(methods) else [],
        }
    return {**base, "toolbox": False, **described(each.value), "name": each.name}


def _is_class_method(method: Any) -> bool:
    return inspect.ismethod(method)


def described(tool: Any) -> dict[str, Any]:
    """A tool as a model is told of it."""
    parameters = tool.input_schema or {}
    return {"name": tool.name, "description": tool.description or "", "parameters": parameters}


def _loader(each: Registered) -> dict[str, Any]:
    return {"prefix": each.name, "plugin": each.plugin, "help": inspect.getdoc(each.value) or ""}
