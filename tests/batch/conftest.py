"""A server for many requests, a model of it, and works that ask it about numbers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from curta.batch import Work
from curta.messages import Request, user
from curta.models import registry
from curta.models.model import Model
from curta.store import Log, open_log
from curta.store.batches import WorkList
from tests.servers.crowd import Crowd

IDENTITY = "ab" * 32


@pytest.fixture
def model(crowd: Crowd) -> Model:
    return registry.get("crowd")


@pytest.fixture
def log() -> Log:
    return open_log()


@pytest.fixture
def works(model: Model) -> Callable[..., list[Work]]:
    """`works(3)` asks "0", "1" and "2"; `works("a", "a")` the same twice."""

    def make(*asked: Any, **request: Any) -> list[Work]:
        words = [str(each) for each in (range(asked[0]) if asked and isinstance(asked[0], int) else asked)]
        return [Work(model, Request(model.name, (user(each),), **request), tag=each) for each in words]

    return make


@pytest.fixture
def held(log: Log) -> Iterator[Callable[..., WorkList]]:
    """`held()` is the list of one batch, as a later run finds it."""
    lists: list[WorkList] = []

    def hold(**how: Any) -> WorkList:
        for each in lists:
            each.close()
        lists[:] = [log.batch("test", IDENTITY, **how)]
        return lists[0]

    yield hold
    for each in lists:
        each.close()
