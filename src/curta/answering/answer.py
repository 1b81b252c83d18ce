"""An answer with its proof: passages are looked for, a model answers from them, each claim is verified, and mended.

The loop is a generator that yields what it waits for: a piece of work here, or a Response. One sync and one async
driver do the waiting; an Answer is driven by whoever reads it, as a Response is.
"""

from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from contextlib import aclosing, closing, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from curta.answering import rounds
from curta.answering.claims import Claim, Note, notes_of, text_of
from curta.answering.retrieval import Retrieved, Source, Wanted, retrieve
from curta.answering.rounds import Asking, Checked, Rounds
from curta.answering.verifying import Judged
from curta.conversations import Conversation, Response
from curta.conversations.arriving import Arriving
from curta.errors import CurtaError, UsageError
from curta.events import Event, told_apart
from curta.messages import JSON
from curta.models import registry
from curta.models.model import Model

if TYPE_CHECKING:
    from curta.store import Log

PASSAGES = 10
PASSAGES_TO_QUOTE = 50
"""How many passages a model gets at most; the built-in one, which costs nothing, gets more to weigh its words by."""

NOT_FOUND = "Not found in these sources."


@told_apart
class Found(NamedTuple):
    """The passages are known."""

    retrieved: Retrieved


@told_apart
class Told(NamedTuple):
    """The answer, whole."""

    text: str


AnswerEvent: TypeAlias = Event | Found | Asking | Checked | Told
_Steps: TypeAlias = Generator[Callable[[], Any] | Response | Found | Asking | Checked | Told, Any, None]


class Answer(Arriving[AnswerEvent]):
    """An answer from documents, each of its claims verified or struck out. It is worked out when it is first read.

    Ask for `text()`, `claims` or `notes`; `await answer` in async code; `events()` tell what happens meanwhile. The
    text is that of the claims, with the numbers of the notes.

    id: its row among the questions in the log, once it is there.
    """

    def __init__(
        self,
        conversation: Conversation,
        question: str,
        sources: Sequence[Source],
        wanted: Wanted,
        *,
        rounds: int = rounds.MOST,
        log: "Log | None" = None,
        caller: str = "ask",
        **how: Any,
    ) -> None:
        super().__init__()
        self.question = question
        self.id: str | None = None
        self._conversation, self._sources, self._wanted, self._most = conversation, sources, wanted, rounds
        self._log, self._caller, self._how = log, caller, {**how, "caller": caller}
        self._retrieved: Retrieved | None = None
        self._rounds: Rounds | None = None
        self._unlogged: list[str] = []

    # Working it out

    def _steps(self) -> _Steps:
        found = self._retrieved = yield lambda: retrieve(self.question, self._sources, self._wanted, log=self._log)
        yield Found(found)
        if found.passages:
            self._rounds = Rounds(self._conversation, self.question, found.passages, self._most, self._how)
            yield from self._rounds.steps()
        judged = self._judged
        yield Told(text_of(judged.claims) if judged and judged.claims else NOT_FOUND)

    def _drive(self) -> Generator[None, None, None]:
        with self._running():
            steps = _Pending(self._steps())
            while (effect := steps.next()) is not None:
                if isinstance(effect, Response):
                    try:
                        with closing(effect.events()) as events:
                            for event in events:
                                self._events.append(event)
                                yield
                        steps.answer = effect
                    except CurtaError as error:
                        steps.error = error
                elif callable(effect):
                    steps.answer = effect()
                else:
                    self._events.append(effect)
                    yield

    async def _adrive(self) -> AsyncGenerator[None, None]:
        import asyncio

        with self._running():
            steps = _Pending(self._steps())
            while (effect := steps.next()) is not None:
                if isinstance(effect, Response):
                    try:
                        async with aclosing(effect.aevents()) as events:
                            async for event in events:
                                self._events.append(event)
                                yield
                        steps.answer = effect
                    except CurtaError as error:
                        steps.error = error
                elif callable(effect):
                    steps.answer = await asyncio.to_thread(effect)
                else:
                    self._events.append(effect)
                    yield

    @contextmanager
    def _running(self) -> Iterator[None]:
        try:
            with super()._running():
                yield
        finally:
            self._record()

    def _record(self) -> None:
        """Keep in the log what was asked, found and verified, whatever the end is; not what could not be looked for."""
        if self._log is None or self._retrieved is None:
            return
        from curta.answering.recorded import record

        kept = record(self, self._caller)
        self._unlogged = self._log.record_ask(kept)
        self.id = None if self._unlogged else kept.id

    # Reading

    @property
    def known(self) -> tuple[Retrieved | None, Judged | None]:
        """What was found, and the verdict on the answer, as far as they are known by now; never waits."""
        return self._retrieved, self._judged

    @property
    def _judged(self) -> Judged | None:
        return self._rounds.judged if self._rounds else None

    def _words(self) -> Callable[[AnswerEvent], str]:
        return lambda event: event.text if isinstance(event, Told) else ""

    @property
    def model(self) -> Model:
        return self._conversation.model

    @property
    def responses(self) -> list[Response]:
        """The calls that were made so far, in order."""
        return self._rounds.responses if self._rounds else []

    @property
    def retrieved(self) -> Retrieved:
        """What was looked for and found."""
        found, _ = self._whole().known
        assert found is not None
        return found

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The sentences of the answer, verified or struck out."""
        _, judged = self._whole().known
        return judged.claims if judged else ()

    @property
    def notes(self) -> list[Note]:
        """What proves them, by number."""
        return notes_of(self.claims)

    @property
    def found(self) -> bool:
        """Whether the sources hold an answer: at least one claim that is verified."""
        return any(claim.ok for claim in self.claims)

    @property
    def ok(self) -> bool:
        """Whether nothing was struck out."""
        return all(claim.ok for claim in self.claims)

    @property
    def names(self) -> list[str]:
        """Names and links in the claims that no passage has: nothing that fails, but worth a look."""
        _, judged = self._whole().known
        return judged.names if judged else []

    @property
    def warnings(self) -> list[str]:
        """What a face should show, by now."""
        failures = self._retrieved.failures if self._retrieved else ()
        return [*(self._rounds.warnings if self._rounds else ()), *failures, *self._unlogged]

    @property
    def cost(self) -> float | None:
        """US dollars of all calls so far; None when one of them is not known."""
        return self._rounds.cost if self._rounds else 0.0

    def to_dict(self) -> dict[str, JSON]:
        """The answer as JSON; docs/ask.md has its shape."""
        from curta.answering.recorded import described

        told = {"id": self.id, "question": self.question, **described(self._whole())}
        texts = [{**each.to_dict(), "text": each.document.text} for each in self.retrieved.passages]
        return {**told, "passages": texts}

    def _whole(self) -> "Answer":
        """This, worked out. Raises what went wrong, if anything did."""
        self.text()
        return self


def ask(
    model: Model,
    question: str,
    sources: Sequence[Source],
    wanted: Wanted | None = None,
    *,
    log: "Log | None" = None,
    **how: Any,
) -> Answer:
    """The Answer of `model` to `question`, not yet begun.

    wanted: by default as many passages as suit the model. how: what Answer takes besides, and what
    `Conversation.prompt` does. Raises UsageError for a question without words, or without sources.
    """
    if not question.strip():
        raise UsageError("There is no question.", then="For example: curta ask notes.txt 'What was decided?'")
    if not sources:
        raise UsageError("There is nothing to ask.", then="Name an index, a file or a folder.")
    wanted = wanted or Wanted()
    if wanted.passages is None:
        most = PASSAGES_TO_QUOTE if model.name == registry.BUILT_IN else PASSAGES
        wanted = wanted._replace(passages=most)
    return Answer(Conversation(model, log=log), question, sources, wanted, log=log, **how)


class _Pending:
    """A loop, and what its last effect came to: an answer to send, or an error to throw."""

    def __init__(self, steps: _Steps) -> None:
        self._steps = steps
        self.answer: Any = None
        self.error: CurtaError | None = None

    def next(self) -> Any:
        """The next effect; None at the end."""
        answer, error, self.answer, self.error = self.answer, self.error, None, None
        try:
            return self._steps.throw(error) if error else self._steps.send(answer)
        except StopIteration:
            return None
