"""`curta ask` with the built-in model: how often it answers, whether from the right document, and what is proven.

Asked are the questions of XQuAD-en over an index of its 240 paragraphs, the claims of SciFact over its 5,183 abstracts,
and, for what cannot be answered, XQuAD's questions over SciFact. Every quotation that is shown as verified is compared,
as bytes, with the collection's own file at the offsets that are shown. The last row has a model that misquotes: each
right quotation is put to the verifier with one word replaced, dropped, or moved.

How many passages the built-in model gets was chosen on every twelfth question of XQuAD from the first on; asked here
are others.
"""

import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import curta
import curta.index
from curta.answering import Answer
from curta.answering.form import Draft
from curta.answering.verifying import Verifier
from curta.index.index import Index
from curta.messages import Document

SHARED = Path(os.environ.get("CURTA_SHARED", Path(__file__).parents[2] / "shared")) / "data"
EVERY, FIRST = 12, 5


class Collection(NamedTuple):
    """texts: of the documents, by id. questions: (text, ids of the documents that answer it, words of the answer)."""

    name: str
    texts: dict[str, str]
    questions: list[tuple[str, set[str], list[str]]]


def rows() -> list[dict[str, Any]]:
    if not (SHARED / "xquad-en").is_dir():
        return []
    with tempfile.TemporaryDirectory() as home:
        os.environ["CURTA_HOME"] = home
        xquad, scifact = _read("xquad-en", EVERY), _read("scifact", 3)
        with _indexed(xquad) as paragraphs, _indexed(scifact) as abstracts:
            return [*_asked(xquad, paragraphs), *_asked(scifact, abstracts), _unanswerable(xquad, abstracts)]


def _read(name: str, every: int) -> Collection:
    def lines(file: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (SHARED / name / file).open(encoding="utf-8")]

    relevant: dict[str, set[str]] = {}
    for row in lines("qrels.jsonl"):
        relevant.setdefault(str(row["q"]), set()).add(str(row["d"]))
    questions = [
        (row["text"], relevant.get(str(row["id"]), set()), row.get("answers", [])) for row in lines("queries.jsonl")
    ]
    return Collection(name, {str(row["id"]): row["text"] for row in lines("docs.jsonl")}, questions[FIRST::every])


def _indexed(collection: Collection) -> Index:
    index = curta.index.open(collection.name, create=True)
    with index.writing():
        for id, text in collection.texts.items():
            index.add(Document(text, id))
    return index


def _asked(collection: Collection, index: Index) -> Iterator[dict[str, Any]]:
    begun = time.process_time()
    answers = [_ask(index, question) for question, _, _ in collection.questions]
    spent = (time.process_time() - begun) / len(answers) * 1000
    found = [answer.found for answer in answers]
    pairs = list(zip(answers, collection.questions, strict=True))
    right = [bool(relevant & {note.uri for note in answer.notes}) for answer, (_, relevant, _) in pairs]
    holds = [_holds(answer, words) for answer, (_, _, words) in pairs if words]
    yield {
        "what": f"{collection.name}: questions answered, built-in model",
        "curta": f"{_share(found)}",
        "note": f"{len(found)} questions; {_share(right)} quote a document that is judged to answer"
        + (f"; {_share(holds)} quote the very answer" if holds else "")
        + f"; {spent:.0f} CPU ms a question",
    }
    exact = [_is_exact(note, collection.texts) for answer in answers for note in answer.notes]
    yield {
        "what": f"{collection.name}: quotations shown as verified that are byte-exact at their offsets",
        "curta": f"{sum(exact):,} of {len(exact):,}",
        "target": "100 %",
    }
    wrong = [claim for answer in answers for claim in _misquoted(answer)]
    yield {
        "what": f"{collection.name}: misquotations shown as verified",
        "curta": f"{sum(wrong):,} of {len(wrong):,}",
        "target": "0",
        "note": "one word replaced, dropped, or two exchanged in a right quotation",
    }


def _ask(index: Index, question: str) -> Answer:
    answer = curta.ask(question, index, model="extractive", log=False)
    answer.text()
    return answer


def _unanswerable(questions: Collection, index: Index) -> dict[str, Any]:
    declined = [not _ask(index, question).found for question, _, _ in questions.questions]
    return {
        "what": f"{questions.name} asked of {index.name}: not found",
        "curta": _share(declined),
        "note": "questions of general knowledge over abstracts of biomedicine; a few have their words by chance",
    }


def _holds(answer: Answer, words: Sequence[str]) -> bool:
    quoted = " ".join(note.quotation for note in answer.notes)
    return any(each in quoted for each in words)


def _is_exact(note: Any, texts: dict[str, str]) -> bool:
    """Whether each part of a note is what the collection has at its offsets."""
    parts = [(place.text, texts[place.document.uri][place.start : place.end]) for place in note.places]
    return all(shown.encode() == stored.encode() and shown for shown, stored in parts)


def _misquoted(answer: Answer) -> list[bool]:
    """For each misquotation of what the answer quotes, whether it passes."""
    verifier = Verifier(answer.question, answer.retrieved.passages)
    drafts = [
        Draft("So it is.", wrong, note.passage) for note in answer.notes[:2] for wrong in _corrupted(note.quotation)
    ]
    return [claim.ok for claim in verifier.claims(drafts, "").claims]


def _corrupted(quotation: str) -> list[str]:
    words = quotation.split()
    middle = len(words) // 2
    if len(words) < 6 or words[middle] == words[middle - 1]:
        return []
    replaced = [*words[:middle], "zeppelin", *words[middle + 1 :]]
    dropped = [*words[:middle], *words[middle + 1 :]]
    exchanged = [*words[: middle - 1], words[middle], words[middle - 1], *words[middle + 1 :]]
    return [" ".join(each) for each in (replaced, dropped, exchanged)]


def _share(found: Sequence[bool]) -> str:
    return f"{sum(found) / len(found):.3f}"


if __name__ == "__main__":
    for row in rows():
        print(row)
