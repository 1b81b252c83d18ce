"""An answer with its proof: passages are looked for, a model answers from them, each claim is verified, and mended.

The loop is a generator that yields what it waits for: a piece of work here, or a Response. One sync and one async
driver do the waiting; an Answer is driven by whoever reads it, as a Response is.
"""

from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import aclosing, closing, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from curta.answering import form
from curta.answering.claims import Claim, Note, notes_of, text_of
from curta.answering.retrieval import Retrieved, Source, Wanted, retrieve
from curta.answering.verifying import MOST_CLAIMS, Judged, Verifier
from curta.conversations import Conversation, Response
from curta.conversations.arriving import Arriving
from curta.errors import CurtaError, ModelError, ProviderError, Refused, SchemaNotFollowed, TooExpensive, UsageError
from curta.events import Event, told_apart
from curta.messages import JSON
from curta.models import registry
from curta.models.model import Model
from curta.quotes.extract import Quotation

if TYPE_CHECKING:
    from curta.store import Log

ROUNDS = 3
PASSAGES = 10
PASSAGES_TO_QUOTE = 50
"""How many passages a model gets at most; the built-in one, which costs nothing, gets more to weigh its words by."""

NOT_FOUND = "Not found in these sources."
_REFUSED_FORM = (400, 422)
"""What servers answer to a schema that they do not know."""


@told_apart
class Found(NamedTuple):
    """The passages are known."""

    retrieved: Retrieved


@told_apart
class Asking(NamedTuple):
    """The model is asked, for the `round`th time (from 1)."""

    round: int
    response: Response


@told_apart
class Checked(NamedTuple):
    """An answer was verified. judged: None when it was not of the form that was asked for."""

    round: int
    response: Response
    judged: Judged | None


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

    responses: the calls that were made, in order. warnings: for a face to show.
    """

    def __init__(
        self,
        conversation: Conversation,
        question: str,
        sources: Sequence[Source],
        wanted: Wanted,
        *,
        rounds: int = ROUNDS,
        log: "Log | None" = None,
        caller: str = "ask",
        **how: Any,
    ) -> None:
        super().__init__()
        self.question = question
        self.responses: list[Response] = []
        self._conversation, self._sources, self._wanted, self._rounds = conversation, sources, wanted, rounds
        self._log, self._caller, self._how = log, caller, how
        self._retrieved: Retrieved | None = None
        self._judged: Judged | None = None
        self._own_warnings: list[str] = []
        self.id: str | None = None

    # The loop

    def _steps(self) -> _Steps:
        self._retrieved = yield lambda: retrieve(self.question, self._sources, self._wanted, log=self._log)
        self._own_warnings += self._retrieved.failures
        yield Found(self._retrieved)
        if self._retrieved.passages:
            yield from self._answered(Verifier(self.question, self._retrieved.passages))
        yield Told(text_of(self._judged.claims) if self._judged and self._judged.claims else NOT_FOUND)

    def _answered(self, verifier: Verifier) -> _Steps:
        """Ask and verify, until every claim holds or the rounds are used up; the last answer of use counts."""
        retrieved = self._retrieved
        assert retrieved is not None
        parts: tuple[Any, ...] = (*(each.document for each in retrieved.passages), self.question)
        for number in range(1, self._rounds + 2):
            try:
                response = yield from self._asked(number, parts)
            except (ModelError, TooExpensive) as error:
                if self._judged is None:
                    raise
                self._own_warnings.append(f"The answer could not be mended any further. {error.what}")
                return
            judged = _judge(response, verifier)
            yield Checked(number, response, judged)
            if judged and (judged.claims or not (self._judged and self._judged.verified)):
                self._judged = judged
            if (judged and judged.ok) or self._is_built_in:
                return  # the built-in model has nothing to mend
            parts = (_complaint(judged),)
        if self._judged is None:
            raise SchemaNotFollowed(
                f"{self.model.name} did not answer in claims with quotations, which could be verified.",
                why="What it said is in the log: curta logs -r" if self.responses[-1].id else "",
                then="Choose another model with -m; or without any, -m extractive quotes from the sources.",
            )

    def _asked(self, number: int, parts: Sequence[Any]) -> Generator[Any, Any, Response]:
        """The model's answer. One whose abilities are unknown is asked again in words when it refuses the schema."""
        schemas: list[Mapping[str, JSON] | None] = [None]
        if not (self._is_built_in or self._is_asked_in_words):
            schemas.insert(0, form.SCHEMA)
        for schema in schemas:
            instructions = None if self._is_built_in else form.INSTRUCTIONS
            how = {**self._how, "caller": self._caller, "schema": schema, "instructions": instructions}
            response = self._conversation.prompt(*parts, **how)
            self.responses.append(response)
            yield Asking(number, response)
            try:
                yield response
            except ProviderError as error:
                if schema is None or error.status not in _REFUSED_FORM or self.model.facts.schema:
                    raise
                continue
            if response.finish == "refused":
                raise Refused(f"{self.model.name} declined to answer.")
            return response
        raise AssertionError("the last form is never passed over")

    @property
    def _is_built_in(self) -> bool:
        return self.model.name == registry.BUILT_IN

    @property
    def _is_asked_in_words(self) -> bool:
        """Whether the model cannot be sent a schema, as far as is known."""
        refused = any(isinstance(each.error, ProviderError) and each.request.schema for each in self.responses)
        return refused or self.model.facts.schema is False

    # Driving

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
        self._state = "running"
        try:
            yield
        except BaseException as error:
            self.error = error
            raise
        finally:
            self._state = "done"
            self._record()

    def _record(self) -> None:
        """Keep in the log what was asked, found and verified, whatever the end is; not what could not be looked for."""
        if self._log is None or self._retrieved is None:
            return
        from curta.answering.recorded import record

        kept = record(self, self._caller)
        if warnings := self._log.record_ask(kept):
            self._own_warnings += warnings
        else:
            self.id = kept.id

    # Reading

    @property
    def known(self) -> tuple[Retrieved | None, Judged | None]:
        """What is known by now; never waits."""
        return self._retrieved, self._judged

    def _words(self) -> Callable[[AnswerEvent], str]:
        return lambda event: event.text if isinstance(event, Told) else ""

    @property
    def model(self) -> Model:
        return self._conversation.model

    @property
    def retrieved(self) -> Retrieved:
        """What was looked for and found."""
        found = self._whole()._retrieved
        assert found is not None
        return found

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The sentences of the answer, verified or struck out."""
        judged = self._whole()._judged
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
        judged = self._whole()._judged
        return [each.text for each in judged.report.names] if judged else []

    @property
    def warnings(self) -> list[str]:
        said = [each for response in self.responses for each in response.warnings]
        more = self._judged.more if self._judged else 0
        left = [f"{more:,} more claims were made; only the first {MOST_CLAIMS} were checked."] if more else []
        return list(dict.fromkeys([*said, *self._own_warnings, *left]))

    @property
    def cost(self) -> float | None:
        """US dollars of all calls; None when one of them is not known."""
        costs = [response.cost for response in self.responses]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

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


def _judge(response: Response, verifier: Verifier) -> Judged | None:
    """The verdict on a finished answer, kept in the log; None when it is not of the form that was asked for."""
    answer = response.partial()
    if response.model.name == registry.BUILT_IN:
        judged: Judged | None = verifier.quotations(_cited(response))
    else:
        drafts = form.read(answer)
        judged = None if drafts is None else verifier.claims(drafts, answer)
    if judged:
        response.report = judged.report
    if response.log is not None and response.id:
        verdict = judged.report.to_dict() if judged else {"ok": False}
        problems = list(judged.problems) if judged else [form.MALFORMED]
        response.warnings += response.log.record_check(response.id, {**verdict, "problems": problems})
    return judged


def _cited(response: Response) -> list[Quotation]:
    """What the built-in model quotes. A sentence that stands in several passages counts for the first."""
    documents = {each.sha256: each for each in response.request.documents}
    first = {citation.start: citation for citation in reversed(response.citations)}
    return [
        Quotation(
            documents[each.document].text[each.source_start : each.source_end],
            *(each.start, each.end) * 2,
            form="citation",
            citation=each,
        )
        for each in sorted(first.values())
    ]


def _complaint(judged: Judged | None) -> str:
    """What failed, as a message a model can act on."""
    if judged is None:
        return f"{form.MALFORMED} Write the whole answer again as that JSON, and nothing besides."
    problems = "\n".join(f"- {problem}" for problem in judged.problems)
    return (
        f"Your answer was checked against the documents, and this does not hold:\n{problems}\n"
        "Write the whole JSON again with these mended and the rest unchanged. Do not mention this check."
    )
