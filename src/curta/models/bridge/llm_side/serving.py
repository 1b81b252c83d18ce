"""The main loop: each question is answered by its operation, and ends in one line that says how it went."""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any

from .channel import Cancelled, Channel
from .plugins import Plugins

LONGEST_IDLE = 900.0
"""Seconds without a question after which the process ends, for the memory it takes."""

LONGEST_MESSAGE = 4000

OPERATIONS = {
    "offers": "listing",
    "prompt": "asking",
    "embed": "extras",
    "tools": "extras",
    "call": "extras",
    "load": "extras",
}
"""Operation -> the module here that has a function of its name: `(plugins, question, send) -> the last line`."""


def main() -> None:
    channel = Channel()
    plugins: list[Plugins] = []  # made with the first question, whose failures are told
    while (question := channel.next(LONGEST_IDLE)) is not None:
        channel.send(id=question["id"], done=True, **_ending(channel, plugins, question))


def _ending(channel: Channel, plugins: list[Plugins], question: dict[str, Any]) -> dict[str, Any]:
    """The last line of the answer to `question`: what came of it, or what went wrong."""
    try:
        try:
            channel.begin(question["id"])
            if not plugins:
                plugins.append(Plugins())
            operation = getattr(importlib.import_module(f".{OPERATIONS[question['op']]}", __package__), question["op"])
            return operation(plugins[0], question, partial(channel.send, id=question["id"])) or {}
        finally:
            channel.end()
    except Cancelled:
        channel.end()
        return {"cancelled": True}
    except BaseException as error:  # a plugin may well call sys.exit()
        return {"error": _described(error, question.get("key"))}


def _described(error: BaseException, key: str | None) -> dict[str, Any]:
    """An error as it travels. names: of its class and those it derives from."""
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", None) or getattr(response, "status_code", None)
    message = str(error)[:LONGEST_MESSAGE]
    return {
        "names": [each.__name__ for each in type(error).__mro__[:-1]],
        "module": type(error).__module__,
        "message": message.replace(key, "****") if key else message,
        "status": status if isinstance(status, int) else None,
        "details": getattr(error, "details", None),
    }
