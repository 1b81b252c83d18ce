"""What a plugin says, as events: an iterator that can be closed from any thread."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Self

from curta.events import Event, Finish, ReasoningDelta, Resolved, TextDelta, ToolCallDelta, UsageReport
from curta.models.bridge import child, failures
from curta.models.bridge.history import WIRE
from curta.models.wires.kept import Keeper, Place


class Events(Iterator[Event]):
    """The events of one answer; the plugin is asked when the first is wanted.

    `close()` stops the plugin, from any thread. Raises the ModelError that the plugin's failure means.
    """

    def __init__(self, python: str, question: Mapping[str, Any]) -> None:
        self._lines = child.Answer(python, question)
        self._plugin: str = question["plugin"]
        self._key: str | None = question["key"]
        self._keeper = Keeper(WIRE, question["model"])
        self._arrived = False
        self._last: deque[Event] = deque()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        if self._last:
            return self._last.popleft()
        try:
            line = next(self._lines)
        except child.ChildEnded as error:
            raise failures.ended(self._plugin, error, self._arrived, self._key) from error
        if wrong := line.get("error"):
            raise failures.failure(self._plugin, wrong, self._key)
        if line.get("done"):
            self._last.extend(self._ending(line))
            return self._last.popleft()
        self._arrived = True
        return _event(line)

    def close(self) -> None:
        self._last.clear()
        self._lines.close()

    def _ending(self, line: Mapping[str, Any]) -> Iterator[Event]:
        for each in line["kept"]:
            yield ReasoningDelta("", self._keeper.keep(each["value"], Place(each["text"], each["calls"])))
        if line["resolved"]:
            yield Resolved(line["resolved"])
        if line["usage"]:
            yield UsageReport(**line["usage"])
        yield Finish(line["finish"])


def _event(line: Mapping[str, Any]) -> Event:
    match line["type"]:
        case "text":
            return TextDelta(line["text"])
        case "reasoning":
            return ReasoningDelta(line["text"])
        case _:
            return ToolCallDelta(line["place"], line["call"], line.get("name", ""), line.get("arguments", ""))
