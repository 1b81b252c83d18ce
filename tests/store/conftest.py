"""What every test of the log starts from: a log in an empty folder, and requests to put in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from curta.messages import Message, Request, assistant, user
from curta.store import Entry, Log, Outcome, Tip, open_log


@pytest.fixture
def log(home: Path) -> Iterator[Log]:
    log = open_log()
    yield log
    log.close()


Say = Callable[..., Entry]


@pytest.fixture
def say(log: Log) -> Say:
    """Log a whole call: `say(prompt, answer)`."""

    def say(
        *prompt: object,
        answer: str | Message | None = "yes",
        before: tuple[Message, ...] = (),
        conversation: str | None = None,
        base: Tip | None = None,
        model: str = "test-model",
        outcome: Outcome | None = None,
        **settings: object,
    ) -> Entry:
        request = Request(model, (*before, user(*prompt)), **settings)  # type: ignore[arg-type]
        entry = log.begin(request, conversation=conversation, base=base)
        message = assistant(answer) if isinstance(answer, str) else answer
        entry.finish(outcome or Outcome("ok", message))
        return entry

    return say
