"""The rounds of an answer: a model is asked, what it claims is verified, and what fails goes back to be mended.

`Rounds.steps` is the whole loop: a generator that yields each Response for a driver to wait for, and tells between them
what happens.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from curta.answering import form, guarantee
from curta.answering.passages import Passage
from curta.answering.verifying import MOST_CLAIMS, Judged, Verifier
from curta.conversations import Conversation, Response
from curta.errors import ModelError, ProviderError, Refused, SchemaNotFollowed, TooExpensive
from curta.events import told_apart
from curta.messages import JSON, Part
from curta.models import registry
from curta.quotes.extract import Quotation

MOST = 3
"""How often an answer goes back to be mended."""

_REFUSED_FORM = (400, 422)
"""What servers answer to a schema that they do not know."""


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


Steps: TypeAlias = Generator[Response | Asking | Checked, Any, None]


class Rounds:
    """The rounds of one answer.

    responses: the calls, in order. judged: the last answer of use, with its verdicts. how: what `Conversation.prompt`
    takes besides.
    """

    def __init__(
        self, conversation: Conversation, question: str, passages: Sequence[Passage], most: int, how: Mapping[str, Any]
    ) -> None:
        self.responses: list[Response] = []
        self.judged: Judged | None = None
        self._conversation, self._most, self._how = conversation, most, guarantee.held(conversation.model, how)
        self._verifier = Verifier(question, passages)
        self._parts: tuple[Part | str, ...] = (*(each.document for each in passages), question)
        self._is_built_in = conversation.model.name == registry.BUILT_IN
        self._schema = None if self._is_built_in or conversation.model.facts.schema is False else form.SCHEMA
        self._failed = ""

    def steps(self) -> Steps:
        """Ask and verify, until every claim holds or the rounds are used up."""
        for number in range(1, self._most + 2):
            try:
                response = yield from self._asked(number)
            except (ModelError, TooExpensive) as error:
                if self.judged is None:
                    raise
                self._failed = f"The answer could not be mended any further. {error.what}"
                return
            judged = self._judge(response)
            yield Checked(number, response, judged)
            if judged and (judged.claims or not (self.judged and self.judged.verified)):
                self.judged = judged
            if (judged and judged.ok) or self._is_built_in:
                return  # the built-in model has nothing to mend
            self._parts = (_complaint(judged),)
        if self.judged is None:
            raise _not_followed(self.responses[-1])

    @property
    def warnings(self) -> list[str]:
        """What a person should know, each once."""
        told = [each for response in self.responses for each in response.warnings]
        if self.judged and self.judged.more:
            told.append(f"{self.judged.more:,} more claims were made; only the first {MOST_CLAIMS} were checked.")
        return list(dict.fromkeys([*told, *filter(None, [self._failed])]))

    @property
    def cost(self) -> float | None:
        """US dollars of all calls that were made; None when one of them is not known."""
        costs = [response.cost for response in self.responses if response.status != "new"]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    def _asked(self, number: int) -> Generator[Response | Asking, Any, Response]:
        """The answer of a round. A server that refuses the schema, and is not known to take any, is asked in words."""
        instructions = None if self._is_built_in else form.INSTRUCTIONS
        response = self._conversation.prompt(*self._parts, instructions=instructions, schema=self._schema, **self._how)
        self.responses.append(response)
        yield Asking(number, response)
        try:
            yield response
        except ProviderError as error:
            if self._schema is None or error.status not in _REFUSED_FORM or self._conversation.model.facts.schema:
                raise
            self._schema = None
            return (yield from self._asked(number))
        if response.finish == "refused":
            raise Refused(f"{response.model.name} declined to answer.")
        return response

    def _judge(self, response: Response) -> Judged | None:
        """The verdict on a finished answer, kept in the log; None when it is not of the form that was asked for."""
        drafts = None if self._is_built_in else form.read(response.partial())
        if self._is_built_in:
            judged: Judged | None = self._verifier.quotations(_cited(response))
        else:
            judged = None if drafts is None else self._verifier.claims(drafts, response.partial())
        response.report = judged.report if judged else None
        if response.log is not None and response.id:
            verdict: Mapping[str, JSON] = judged.report.to_dict() if judged else {"ok": False}
            problems = list(judged.problems) if judged else [form.MALFORMED]
            told = guarantee.kept({**verdict, "problems": problems}, response)
            response.warnings += response.log.record_check(response.id, told)
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


def _not_followed(response: Response) -> SchemaNotFollowed:
    return SchemaNotFollowed(
        f"{response.model.name} did not answer in claims with quotations, which could be verified.",
        why="What it said is in the log: curta logs -r" if response.id else "",
        then="Choose another model with -m; or without any, -m extractive quotes from the sources.",
    )
