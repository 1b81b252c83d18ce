"""An answer whose quotations are verified against the Documents that were sent, mended by the model where they fail.

The loop is the one people use for programs: run it, read the errors, rewrite, run it again. At most three rounds; what
fails even then is replaced by the words of the source where these were found, and struck out where they were not.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from curta import quotes
from curta.answering import guarantee
from curta.conversations import Conversation, Response
from curta.events import Citation
from curta.messages import Part, Text, user
from curta.models import registry

if TYPE_CHECKING:
    from curta.store import Call

ROUNDS = 3

INSTRUCTIONS = """\
Support what you say with direct quotations from the documents. Copy the exact words, put them in double quotation \
marks, and after each quotation write a dash and its author where the document names one: "the exact words" — author
Quote one author at a time. Mark what you leave out inside a quotation with an ellipsis. Change nothing inside the \
marks. Use double quotation marks for nothing else. Where the documents do not say it, say so and quote nothing."""

Report: TypeAlias = "quotes.Report"
OnAsk = Callable[[Response], None]
OnRound = Callable[[int, Response, Report], None]


@dataclass(frozen=True, slots=True)
class QuotedAnswer:
    """An answer and what checking it found.

    text: the answer to show: as the model last wrote it, with what stayed unverified mended or struck out.
    report: the verdict on `written`, the model's last answer as it stands in the log.
    rounds: the calls it took, in order.
    """

    text: str
    written: str
    report: Report
    rounds: tuple[Response, ...] = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether every decided claim of the model's last answer holds."""
        return self.report.ok

    @property
    def response(self) -> Response:
        return self.rounds[-1]


Steps: TypeAlias = Generator[Response, None, QuotedAnswer]


def ask(
    conversation: Conversation,
    *parts: Part | str,
    instructions: str | Sequence[Part] | None = None,
    rounds: int = ROUNDS,
    on_ask: OnAsk | None = None,
    on_round: OnRound | None = None,
    **how: Any,
) -> Steps:
    """Ask, check, have it mended. A generator: it yields each Response for a driver to wait for (`drive`, `adrive`).

    instructions: the system prompt; the request for quotations is added to it.
    on_ask: told of each call before it is made. on_round: told of each verdict as it is reached.
    how: what `Conversation.prompt` takes besides.
    """
    both = instructed(instructions)
    how = guarantee.held(conversation.model, how)
    question = user(*parts).text
    answered: list[Response] = []
    for number in range(1, rounds + 2):
        response = conversation.prompt(*parts, instructions=both, **how)
        if on_ask:
            on_ask(response)
        yield response
        answered.append(response)
        if number > 1 and not response.partial().strip():
            break  # a repair that says nothing does not replace an answer
        written, report = response.partial(), verify(response, question)
        if on_round:
            on_round(number, response, report)
        if report.ok or number > rounds or response.model.name == registry.BUILT_IN:
            break  # the built-in model has nothing to mend: it would only be asked the complaint
        parts = (_errors(report),)
    return QuotedAnswer(quotes.fix(written, report), written, report, tuple(answered))


def instructed(instructions: str | Sequence[Part] | None) -> str | tuple[Part, ...]:
    """A system prompt, with the request for quotations added to it."""
    if instructions and not isinstance(instructions, str):
        return (*instructions, Text(INSTRUCTIONS))
    return f"{instructions}\n\n{INSTRUCTIONS}" if instructions else INSTRUCTIONS


def verify(response: Response, question: str | None = None) -> Report:
    """The verdict on a finished answer, against the Documents that its request carried; kept in the log.

    question: the user's own words, which an answer may repeat; by default those of the last message.
    """
    report = quotes.check(
        response.partial(),
        response.request.documents,
        citations=response.citations,
        prompt=response.request.messages[-1].text if question is None else question,
    )
    response.report = report
    if response.log is not None and response.id:
        response.warnings += response.log.record_check(response.id, guarantee.kept(report.to_dict(), response))
    return report


def citations_of(call: "Call") -> list[Citation]:
    """The citations of a logged answer of the built-in model, which the log does not keep.

    It answers the same question with the same words, so asking it again finds them.
    """
    if call.model != registry.BUILT_IN or call.status != "ok":
        return []
    again = Response(registry.get(registry.BUILT_IN), call.request())
    return again.citations if again.text() == call.response else []


def _errors(report: Report) -> str:
    """What failed, as a message a model can act on."""
    problems = "\n".join(f"- {problem}" for problem in report.problems())
    return (
        f"Your answer was checked against the documents, and this does not hold:\n{problems}\n"
        "Write the whole answer again with these mended and the rest unchanged. Do not mention this check."
    )


def drive(steps: Steps) -> QuotedAnswer:
    """Run the loop from sync code."""
    while True:
        try:
            next(steps).text()
        except StopIteration as done:
            answer: QuotedAnswer = done.value
            return answer


async def adrive(steps: Steps) -> QuotedAnswer:
    """Run the loop from async code."""
    while True:
        try:
            response = next(steps)
        except StopIteration as done:
            answer: QuotedAnswer = done.value
            return answer
        await response
