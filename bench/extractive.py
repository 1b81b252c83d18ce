"""The built-in model: recall, abstention, CPU milliseconds.

The questions lie in `tests/models/extractive_questions`. With the project's shared data beside the repository (or under
CURTA_SHARED), XQuAD (Artetxe et al. 2020) is asked too; its even positions were used for tuning, so only odd ones here.
`python -m bench.extractive` also prints the questions that were missed.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from curta.events import TextDelta
from curta.messages import Document, Request, user
from curta.models.extractive import Extractive
from curta.models.extractive.reading import read

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "models" / "extractive_questions"))

import evaluation  # noqa: E402

SHARED = Path(os.environ.get("CURTA_SHARED", ROOT / ".." / "shared"))
PARAGRAPHS = 5  # of an XQuAD article


def ask(document: Document, question: str) -> list[str]:
    request = Request("extractive", (user(document, question),))
    return "".join(e.text for e in Extractive().exchange(request).events if isinstance(e, TextDelta)).splitlines()


def cpu_ms(work: Callable[[], object], times: int = 1) -> float:
    begun = time.process_time()
    for _ in range(times):
        work()
    return 1000 * (time.process_time() - begun) / times


Row = dict[str, Any]


def rows() -> list[Row]:
    return [*own_questions(), *speed(), *(row for code in ("en", "de", "zh", "ar") for row in xquad(code))]


def own_questions() -> Iterator[Row]:
    for name, held_out in (("even positions, used while tuning", False), ("odd positions, held out", True)):
        asked = evaluation.questions(held_out)
        result = evaluation.evaluate(ask, asked)
        spent = cpu_ms(lambda asked=asked: evaluation.evaluate(ask, asked)) / len(asked)
        note = f"{len(asked)} questions, {result.quotations:.2f} quotations to an answer"
        yield {"what": f"recall, {name}", "curta": f"{result.recall:.3f}", "target": ">= 0.85", "note": note}
        yield {"what": f"abstention, {name}", "curta": f"{result.abstention:.3f}", "target": ">= 0.85"}
        yield {"what": "a question, reading the text included", "curta": f"{spent:.1f} cpu-ms", "note": name}


def speed() -> Iterator[Row]:
    names = ("essay.txt", "speech.txt", "manual.txt", "minutes.txt")
    texts = "\n\n".join(evaluation.document(name).text for name in names)
    small = Document((texts * 5)[:28_000])
    yield {
        "what": "reading 28 KB",
        "curta": f"{cpu_ms(lambda: read([small]), 10):.1f} cpu-ms",
        "target": "<= 38 cpu-ms",
    }
    large = "".join(texts.replace("1", str(i)) for i in range(1_000_000 // len(texts) + 1))[:1_000_000]
    for question in ("How long do the batteries of the monitor last?", "summarize"):
        spent = cpu_ms(lambda question=question: ask(Document(large), question))
        yield {"what": f"1 MB: {question}", "curta": f"{spent:.0f} cpu-ms", "target": "<= 1500 cpu-ms"}


def articles(language: str) -> Iterator[tuple[Document, list[dict[str, str]]]]:
    """Each article of XQuAD with its questions at odd positions."""
    folder = SHARED / "data" / f"xquad-{language}"
    paragraphs = [json.loads(line) for line in (folder / "docs.jsonl").read_text(encoding="utf-8").splitlines()]
    judged = [json.loads(line) for line in (folder / "qrels.jsonl").read_text(encoding="utf-8").splitlines()]
    relevant = {row["q"]: row["d"] for row in judged}
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()][1::2]
    for i in range(0, len(paragraphs), PARAGRAPHS):
        ids = {row["id"] for row in paragraphs[i : i + PARAGRAPHS]}
        text = "\n\n".join(row["text"] for row in paragraphs[i : i + PARAGRAPHS])
        yield Document(text), [query for query in queries if relevant[query["id"]] in ids]


def xquad(language: str) -> Iterator[Row]:
    if not (SHARED / "data" / f"xquad-{language}").is_dir():
        yield {"what": f"XQuAD {language}", "note": "skipped: the shared data is not there"}
        return
    every = list(articles(language))
    right = found = silent = 0
    for i, (document, queries) in enumerate(every):
        other = every[(i + 7) % len(every)][0]
        for query in queries:
            quoted = ask(document, query["text"])
            right += any(answer in line for line in quoted for answer in query["answers"])
            silent += not ask(other, query["text"])
            found += 1
    yield {
        "what": f"recall, XQuAD {language}, odd positions",
        "curta": f"{right / found:.3f}",
        "note": f"{found} questions",
    }
    yield {"what": f"abstention, XQuAD {language}, on another article", "curta": f"{silent / found:.3f}"}


if __name__ == "__main__":
    for row in rows():
        print(*row.values(), sep="  ")
    for held_out in (False, True):
        for missed in evaluation.evaluate(ask, evaluation.questions(held_out)).missed:
            print("missed:", missed.text, missed.question, missed.gold)
