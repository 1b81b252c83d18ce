"""At least 95 of 100 documented command lines of `llm` do the same when `llm` is another name for `curta`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parity import report, runner
from tests.parity.runner import outcomes, page, pages
from tests.parity.web import web
from tests.warm import WarmProgram

SHARE = 0.95


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with web() as address:
        yield address


@pytest.fixture(scope="module")
def curta() -> Iterator[WarmProgram]:
    with runner.curta() as program:
        yield program


@pytest.fixture(scope="module")
def llm() -> Iterator[WarmProgram]:
    with runner.llm() as program:
        yield program


@pytest.mark.parametrize("name", pages())
def test_lines_do_the_same_or_are_known_to_differ(name: str, tmp_path: Path, url: str, curta: WarmProgram) -> None:
    found = list(outcomes(name, tmp_path, url, curta))
    unknown = [f"{each.line.run}\n    {each.wrong}" for each in found if not each.same and not each.line.differs]
    mended = [each.line.run for each in found if each.same and each.line.differs]
    assert not unknown, "\n".join(unknown)
    assert not mended, f"known to differ, but do the same now: {mended}"


@pytest.mark.parametrize("name", ["aliases", "keys"])
def test_what_is_expected_of_a_line_is_what_llm_does(name: str, tmp_path: Path, url: str, llm: WarmProgram) -> None:
    """Two short pages; the others take minutes, and are on record."""
    found = list(outcomes(name, tmp_path, url, llm))
    untrue = [f"{each.line.run}\n    {each.wrong}" for each in found if not each.same and not each.line.llm]
    assert not untrue, "\n".join(untrue)


def test_llm_itself_was_held_to_every_page() -> None:
    on_record = json.loads(report.CHECKED.read_text())["pages"]
    changed = [name for name, expected in report.fingerprints().items() if on_record.get(name) != expected]
    assert not changed, f"Run: python -m tests.parity --llm {' '.join(changed)}"


def test_the_differences_are_told_to_those_who_come_from_llm() -> None:
    document = report.DOCUMENT.read_text(encoding="utf-8")
    assert document == report.written(document), "Run: python -m tests.parity --write"
    assert "| Line | Why |" in document


def test_the_share_of_lines_that_do_the_same() -> None:
    """Of the pages, which the tests above hold to be true."""
    every = [line for name in pages() for line in page(name)[1]]
    assert sum(not line.differs for line in every) / len(every) >= SHARE
