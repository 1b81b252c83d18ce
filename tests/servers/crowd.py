"""A loopback server for many requests at once: what it answers is decided for each by its words, and may wait."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from tests.servers.openai import Answer, Bytes, Failure, OpenAIServer
from tests.servers.replies import PATIENCE


class Crowd(OpenAIServer):
    """answer: what to answer to some words; called in a thread of its own for each request, so it may wait.

    asked: how often each words were asked. most: the most requests there were at once.
    """

    def __init__(self, answer: "Callable[[str], str | Answer | Failure | Bytes] | None" = None) -> None:
        super().__init__()
        self.answer = answer or (lambda words: f"Answer to {words}")
        self.asked = Counter[str]()
        self.most = 0
        self._active = 0
        self._guard = threading.Lock()

    def next(self, body: Mapping[str, Any]) -> Answer | Failure | Bytes:
        words = body["messages"][-1]["content"]
        with self._guard:
            self.asked[words] += 1
            self._active += 1
            self.most = max(self.most, self._active)
        try:
            answer = self.answer(words)
        finally:
            with self._guard:
                self._active -= 1
        return Answer(answer) if isinstance(answer, str) else answer


def wait_for(event: threading.Event) -> None:
    """Wait, but not for ever: a test that goes wrong shall end."""
    assert event.wait(PATIENCE), "what a server waited for did not happen"
