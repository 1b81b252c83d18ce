"""How well and how fast the built-in model answers: recall, abstention, CPU milliseconds.

    python bench/extractive.py [--misses]

The questions lie in `tests/models/extractive_questions`. With the project's shared data beside the repository (or under
CURTA_SHARED), it also asks XQuAD (Artetxe et al. 2020), whose even positions were used for tuning: only odd ones here.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

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


def own_questions(show_misses: bool) -> None:
    for name, held_out in (("dev (even)", False), ("held out (odd)", True)):
        asked = evaluation.questions(held_out)
        spent = cpu_ms(lambda asked=asked: evaluation.evaluate(ask, asked)) / len(asked)
        result = evaluation.evaluate(ask, asked)
        print(
            f"{name:15} recall {result.recall:.3f}  abstention {result.abstention:.3f}  "
            f"quotations {result.quotations:.2f}  {spent:.1f} cpu-ms a question, reading included"
        )
        for missed in result.missed if show_misses else ():
            print("   ", missed.text, missed.question, missed.gold)


def speed() -> None:
    texts = "\n\n".join(
        evaluation.document(name).text for name in ("essay.txt", "speech.txt", "manual.txt", "minutes.txt")
    )
    small = (texts * 5)[:28_000]
    print(f"reading 28 KB   {cpu_ms(lambda: read([Document(small)]), 10):.1f} cpu-ms")
    large = "".join(texts.replace("1", str(i)) for i in range(1_000_000 // len(texts) + 1))[:1_000_000]
    for question in ("How long do the batteries of the monitor last?", "summarize"):
        print(f"1 MB, {question[:9]} {cpu_ms(lambda q=question: ask(Document(large), q)):.0f} cpu-ms")


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


def xquad(language: str) -> None:
    if not (SHARED / "data" / f"xquad-{language}").is_dir():
        print(f"XQuAD {language}: skipped, {SHARED} has no data/xquad-{language}")
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
    print(f"XQuAD {language} (odd)  recall {right / found:.3f}  abstention on another article {silent / found:.3f}")


if __name__ == "__main__":
    own_questions("--misses" in sys.argv)
    speed()
    for code in ("en", "de", "zh", "ar"):
        xquad(code)
