"""Curta: a pocket calculator for words that shows its work.

The Python API is flat: the names in `__all__` are all there is to learn first. They are loaded when they are used, so
that importing `curta` costs nothing.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False  # as typing's, whose import would double the cost of `curta --version`

if TYPE_CHECKING:
    from curta.api.finding import ask
    from curta.api.prompting import check, conversation, load, model, prompt, quoted, schema
    from curta.conversations import Conversation, Response
    from curta.errors import CurtaError
    from curta.messages import Attachment, Document, Message, Request, Span, Text
    from curta.store import open_log
    from curta.tools import Toolbox

_HOMES = {
    "ask": "curta.api.finding",
    "cells": "curta.api.programs",
    "check": "curta.api.prompting",
    "check_suite": "curta.api.suites",
    "code": "curta.api.programs",
    "code_again": "curta.api.programs",
    "collection": "curta.api.vectors",
    "compare": "curta.api.prompting",
    "compare_runs": "curta.api.runs",
    "conversation": "curta.api.prompting",
    "embed": "curta.api.vectors",
    "engines": "curta.api.engines",
    "experiment": "curta.api.studies",
    "experiment_report": "curta.api.studies",
    "experiments": "curta.api.studies",
    "keep": "curta.api.vectors",
    "import_runs": "curta.api.runs",
    "index": "curta.index",
    "labelling": "curta.api.runs",
    "load": "curta.api.prompting",
    "map": "curta.api.studies",
    "model": "curta.api.prompting",
    "prompt": "curta.api.prompting",
    "pull": "curta.api.models",
    "quoted": "curta.api.prompting",
    "replay": "curta.api.prompting",
    "rescore": "curta.api.runs",
    "run": "curta.api.programs",
    "run_again": "curta.api.programs",
    "schema": "curta.api.prompting",
    "similar": "curta.api.vectors",
    "stop_engines": "curta.api.engines",
    "suite": "curta.api.suites",
    "search": "curta.api.finding",
    "Conversation": "curta.conversations",
    "Response": "curta.conversations",
    "CurtaError": "curta.errors",
    "Attachment": "curta.messages",
    "Document": "curta.messages",
    "Message": "curta.messages",
    "Request": "curta.messages",
    "Span": "curta.messages",
    "Text": "curta.messages",
    "open_log": "curta.store",
    "Toolbox": "curta.tools",
}

__all__ = [
    "Attachment",
    "Conversation",
    "CurtaError",
    "Document",
    "Message",
    "Request",
    "Response",
    "Span",
    "Text",
    "Toolbox",
    "ask",
    "cells",
    "check",
    "code",
    "code_again",
    "collection",
    "compare",
    "compare_runs",
    "conversation",
    "embed",
    "engines",
    "experiment",
    "experiment_report",
    "experiments",
    "import_runs",
    "index",
    "keep",
    "labelling",
    "load",
    "map",
    "model",
    "open_log",
    "prompt",
    "pull",
    "quoted",
    "replay",
    "rescore",
    "run",
    "run_again",
    "schema",
    "search",
    "similar",
    "stop_engines",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'curta' has no attribute {name!r}")
    from importlib import import_module

    home = import_module(_HOMES[name])
    return home if home.__name__ == f"curta.{name}" else getattr(home, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
