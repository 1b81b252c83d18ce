"""The processes that are kept warm: a plugin is loaded once in the life of this one, and again only for two at once."""

import atexit
import os
import threading
from typing import TypeAlias

from curta.models.bridge.child import Child

Key: TypeAlias = tuple[str, str | None]
"""An interpreter, and the plugin that is loaded under it."""

MOST_IDLE = 4
"""Processes kept for one plugin that nothing is asked of now."""

_idle: dict[Key, list[Child]] = {}
_started: set[Child] = set()
_changing = threading.Lock()


def borrow(python: str, plugin: str | None) -> Child:
    """A process that nobody else uses, with `plugin` loaded when there is one already."""
    with _changing:
        waiting = _idle.get((python, plugin), [])
        while waiting:
            child = waiting.pop()
            if child.alive:
                return child
            _started.discard(child)
    child = Child(python)
    with _changing:
        _started.add(child)
    return child


def give_back(python: str, plugin: str | None, child: Child) -> None:
    """Keep it for the next question, unless enough of them wait already."""
    with _changing:
        waiting = _idle.setdefault((python, plugin), [])
        if len(waiting) < MOST_IDLE and child.alive:
            waiting.append(child)
            return
    child.close()
    with _changing:
        _started.discard(child)


def retire() -> None:
    """End the processes that wait; the next question starts another, with the plugins that are installed then."""
    with _changing:
        children = [child for waiting in _idle.values() for child in waiting]
        _idle.clear()
        _started.difference_update(children)
    for child in children:
        child.close()


def close() -> None:
    """End every process."""
    retire()
    while _started:
        _started.pop().close()


def _forget() -> None:
    """In a fork: they belong to the process that started them."""
    global _changing
    _changing = threading.Lock()
    _started.clear()
    _idle.clear()


atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
