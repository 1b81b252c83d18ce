"""The values in answers that follow a schema: what was asked for, without the talk about it."""

import json
from collections.abc import Iterable, Iterator

from curta.messages import JSON
from curta.store.call import Call


def data(calls: Iterable[Call], *, key: str | None = None, ids: bool = False) -> Iterator[JSON]:
    """The JSON of each answer; what is not JSON is passed over.

    key: instead of an object that has it, the elements of the list it holds (`items` of a schema for several).
    ids: each object also says its call (`response_id`) and conversation (`conversation_id`), by names it does not have.
    """
    for call in calls:
        try:
            value = json.loads(call.response or "")
        except (ValueError, RecursionError):
            continue
        for each in _elements(value, key):
            yield _with_ids(each, call) if ids and isinstance(each, dict) else each


def _elements(value: JSON, key: str | None) -> list[JSON]:
    inner = value.get(key) if key is not None and isinstance(value, dict) else None
    return inner if isinstance(inner, list) else [value]


def _with_ids(value: dict[str, JSON], call: Call) -> dict[str, JSON]:
    named = dict(value)
    for name, id in (("response_id", call.id), ("conversation_id", call.conversation_id)):
        while name in named:
            name += "_"
        named[name] = id
    return named
