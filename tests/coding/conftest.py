"""A model that writes programs, on this computer: `programmer("answer", ...)` scripts what it answers."""

from collections.abc import Callable
from typing import Any

import pytest

from curta.models import registry
from tests.boxes import _box_home, box

__all__ = ["_box_home", "box"]


@pytest.fixture
def programmer(box: Any, openai_server: Any) -> Callable[..., Any]:
    """Script the answers of the model `programmer`; returns its server, with the requests it got."""
    registry.add("programmer", url=openai_server.url, model="hello")

    def script(*answers: Any) -> Any:
        openai_server.script(*answers)
        return openai_server

    return script
