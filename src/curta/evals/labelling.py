"""Labels by hand: a person says how good answers are, without knowing which way of asking gave them.

Units come in an order drawn from the experiment's id, so that those that are labelled are a random sample, and with all
their answers, so that what differs between ways of asking can be corrected by them. Each label is kept at once.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from curta.errors import UsageError
from curta.evals import reporting
from curta.evals.scorers import Scorer
from curta.evals.scorers.judge import JUDGE
from curta.evals.scorers.settings import unknown
from curta.messages import sha256
from curta.store.labels import LabelRecord

if TYPE_CHECKING:
    from curta.store import Log

QUESTION = "Is it a good answer?"
"""What is asked of a person where no judge is asked anything."""
COLUMNS = ("call", "input", "question", "prompt", "answer", "label")
_WORDS: Mapping[str, float | None] = {"good": 1, "yes": 1, "bad": 0, "no": 0, "skip": None}
_FORMULA = "=+-@\t\r"


class Shown(NamedTuple):
    """What a person sees of an answer. call: its id."""

    call: str
    prompt: str
    answer: str


def question_of(scorer: Scorer) -> str:
    """What a person is asked, so that their labels can stand beside the scores of this scorer."""
    return str(scorer.settings["asks"]) if scorer.name == JUDGE else QUESTION


class Labelling:
    """The answers of an experiment, to be labelled. id: of the experiment, or its beginning; the latest without.

    scorer: the name of the judge whose question is answered; not needed where there is one alone, or none. question:
    what is asked; labels: what was said so far, by call; None where it was skipped. Raises UsageError, UnknownCall.
    """

    def __init__(self, log: "Log", id: str | None = None, scorer: str | None = None) -> None:
        report = reporting.report(log, id)
        self.id, self.question = report.id, _question(report.study.spec.score, scorer)
        self._log = log
        self._inputs = {each.call: each.unit for each in report.study.answers if each.call is not None}
        self._calls = sorted(self._inputs, key=self._order)
        self.labels = log.labels().of(self.question, self.id)

    @property
    def total(self) -> int:
        return len(self._calls)

    @property
    def done(self) -> int:
        """How many answers have a label, or were skipped."""
        return len(self.labels)

    def next(self) -> Shown | None:
        """The first answer that nothing was said of; None when that is none."""
        return next((self._shown(each) for each in self._calls if each not in self.labels), None)

    def put(self, call: str, value: float | None) -> None:
        """Say how good an answer is, in [0, 1]; None to skip it."""
        self.put_all({call: value})

    def put_all(self, labels: Mapping[str, float | None]) -> None:
        if wrong := [each for each in labels if each not in self._inputs]:
            raise UsageError(f"{wrong[0]} is no answer of the experiment {self.id}.")
        if bad := [each for each in labels.values() if each is not None and not 0 <= each <= 1]:
            raise UsageError(f"A label lies in [0, 1], not at {bad[0]:g}.")
        self._log.labels().put(self.question, [LabelRecord(*each) for each in labels.items()])
        for call, value in labels.items():
            self.labels.pop(call, None)
            self.labels[call] = value

    def undo(self) -> bool:
        """Take the last label back; whether there was one."""
        if not self.labels:
            return False
        call, _ = self.labels.popitem()
        self._log.labels().take_back(self.question, call)
        return True

    def csv(self) -> str:
        """All answers with their labels, as a table to be filled in elsewhere. It does not say how they were asked."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for call in self._calls:
            shown = self._shown(call)
            texts = map(_harmless, (self._inputs[call], self.question, shown.prompt, shown.answer))
            writer.writerow((call, *texts, _written(self.labels, call)))
        return file.getvalue()

    def take_csv(self, table: str, name: str = "the table") -> int:
        """Keep the labels that stand in such a table: numbers in [0, 1], good, bad, skip. How many there were.

        Raises UsageError for what is none, after which none is kept.
        """
        rows = csv.DictReader(io.StringIO(table))
        if not {"call", "label"} <= set(rows.fieldnames or ()):
            raise UsageError(f"{name} has no columns `call` and `label`.")
        found = {row["call"]: _read(row["label"], f"{name}, line {rows.line_num}") for row in rows if row["label"]}
        self.put_all(found)
        return len(found)

    def _shown(self, call: str) -> Shown:
        logged = self._log.call(call)
        documents = [f"[{each.title or each.uri}]\n{each.text}" for each in logged.documents]
        return Shown(call, "\n\n".join([*documents, logged.prompt]), logged.response)

    def _order(self, call: str) -> tuple[str, str]:
        return _drawn(self.id, self._inputs[call]), _drawn(self.id, call)


def _question(scorers: Sequence[Scorer], name: str | None) -> str:
    judges = [each for each in scorers if each.name == JUDGE]
    questions = [question_of(each) for each in judges]
    if name is not None:
        if name in questions:
            return name
        if name not in (known := [each.name for each in scorers]):
            raise unknown("scorer of this experiment", name, [*known, *questions])
        judges = [each for each in scorers if each.name == name]
    if len({question_of(each) for each in judges}) > 1:
        raise UsageError(
            "Several judges scored it.",
            why=f"They are asked: {'; '.join(questions)}",
            then="Name one: --about QUESTION",
        )
    return question_of(judges[0]) if judges else QUESTION


def _drawn(*of: str) -> str:
    return sha256(" ".join(of).encode())


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, "CSV injection")."""
    return f"'{text}" if text[:1] and text[0] in _FORMULA else text


def _written(labels: Mapping[str, float | None], call: str) -> str:
    if call not in labels:
        return ""
    value = labels[call]
    return "skip" if value is None else f"{value:g}"


def _read(text: str, place: str) -> float | None:
    word = text.strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    try:
        return float(word)
    except ValueError:
        raise UsageError(
            f"{place}: {text!r} is no label.", then="Write good, bad, skip, or a number in [0, 1]."
        ) from None
