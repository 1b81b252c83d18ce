"""An index of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import curta.index
from curta.index.index import Index


@pytest.fixture
def index(home: Path) -> Iterator[Index]:
    with curta.index.open("notes", create=True) as opened:
        yield opened
