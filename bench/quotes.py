"""Checking quotations against a source of 1 MB, beside a search for the normalised string and difflib.

The source is a novel when the project's test collections are at hand (CURTA_SHARED), else generated; either way
quotations are drawn from it: true ones with altered typography, and the same with one word replaced.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path
from statistics import median
from typing import Any

from curta.messages import Document, Span
from curta.quotes import Sources
from curta.quotes.extract import extract
from curta.quotes.verify import verify
from curta.text.normalise import normalise

SIZE = 1_000_000
QUOTATIONS = 100
SHARED = Path(os.environ.get("CURTA_SHARED", Path(__file__).parents[2] / "shared"))
NOVEL = SHARED / "data/eltec-eng-pd/texts/ENG18480_Thackeray.txt"


def rows() -> list[dict[str, Any]]:
    """Build time, time for each true and altered quotation, and the command as a whole."""
    text, what = _source()
    document = _thread(text)
    true, altered = _quotations(text, random.Random(5))
    build = _cpu(lambda: Sources([document]))
    plain = _cpu(lambda: normalise(text).text)
    sources, haystack = Sources([document]), normalise(text).text
    _check(sources, altered[:1])
    checked, found = (
        _each(lambda words: _check(sources, words), true),
        _each(lambda words: _search(haystack, words), true),
    )
    located = _each(lambda words: _check(sources, words), altered)
    compared = _once(lambda: _difflib(haystack, altered[0]))
    return [
        _row(
            "build, ms per MB",
            build,
            plain,
            "250",
            f"{what}; {len(document.spans)} authors' spans; peer: fold the text",
        ),
        _row(
            "one true quotation, ms",
            checked,
            found,
            "1",
            "peer: search for the folded string, blind to edges and authors",
        ),
        _row("one altered quotation, located, ms", located, compared, "1", "peer: difflib over the whole text, once"),
        *_rapidfuzz(haystack, altered, located),
        _row(
            "30 quotations from the shell, CPU ms", _shell(document, true[:30]), None, "500", "a process, 1 MB loaded"
        ),
    ]


def _source() -> tuple[str, str]:
    if NOVEL.exists():
        return NOVEL.read_text(encoding="utf-8")[:SIZE], "a novel"
    rng = random.Random(1)
    words = ["".join(rng.choices("etaoinshrdlu", k=rng.randrange(2, 9))) for _ in range(8000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    text = ""
    while len(text) < SIZE:
        text += " ".join(rng.choices(words, weights, k=60)).capitalize() + ".\n\n"
    return text[:SIZE], "generated text"


def _thread(text: str) -> Document:
    """The text as a discussion: each paragraph by one of 200 authors."""
    spans, start = [], 0
    for paragraph in text.split("\n\n"):
        if paragraph:
            spans.append(Span(start, start + len(paragraph), f"user{len(spans) % 200}"))
        start += len(paragraph) + 2
    return Document(text, uri="thread", spans=tuple(spans))


def _quotations(text: str, rng: random.Random) -> tuple[list[str], list[str]]:
    """True quotations of 9 to 30 words, and the same with a word replaced."""
    paragraphs = [words for part in text.split("\n\n") if len(words := part.replace('"', "").split()) > 40]
    true, altered = [], []
    for words in rng.choices(paragraphs, k=QUOTATIONS):
        begin = rng.randrange(len(words) - 35)
        chosen = words[begin : begin + rng.randrange(9, 31)]
        true.append(" ".join(chosen).replace("'", "’"))
        chosen[len(chosen) // 2] = "zeppelin"
        altered.append(" ".join(chosen))
    return true, altered


def _check(sources: Sources, quotations: list[str]) -> None:
    for words in quotations:
        for quotation in extract(f"“{words}”"):
            verify(quotation, sources, _NO_PROMPT)


_NO_PROMPT = Sources([])


def _search(haystack: str, quotations: list[str]) -> None:
    for words in quotations:
        haystack.find(normalise(words).text)


def _difflib(haystack: str, words: str) -> float:
    return SequenceMatcher(None, haystack, normalise(words).text, autojunk=False).find_longest_match().size


def _rapidfuzz(haystack: str, altered: list[str], located: float) -> list[dict[str, Any]]:
    try:
        from rapidfuzz import fuzz
    except ImportError:
        return [{"what": "rapidfuzz partial_ratio", "note": "skipped: rapidfuzz is not installed"}]
    peer = _each(lambda words: [fuzz.partial_ratio(normalise(text).text, haystack) for text in words], altered[:20])
    return [_row("one altered quotation, ms", located, peer, "", "peer: rapidfuzz partial_ratio; accepts many of them")]


def _once(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1000


def _cpu(call: Callable[[], object]) -> float:
    return median(_once(call) for _ in range(5))


def _each(call: Callable[[list[str]], object], quotations: list[str]) -> float:
    return median(_once(lambda: call(quotations)) for _ in range(3)) / len(quotations)


def _shell(document: Document, true: list[str]) -> float:
    """CPU time of `curta check` with a discussion of 1 MB as a file."""
    item = {"id": 1, "type": "story", "author": "user0", "title": "A thread", "text": None, "children": []}
    for number, span in enumerate(document.spans, 2):
        text = document.text[span.start : span.end].replace("&", "&amp;").replace("<", "&lt;")
        child = {"id": number, "type": "comment", "author": span.author, "title": None, "text": text, "children": []}
        item["children"].append(child)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        thread, answer = Path(folder, "thread.json"), Path(folder, "answer.md")
        thread.write_text(json.dumps(item), encoding="utf-8")
        answer.write_text("\n\n".join(f"“{words}”" for words in true), encoding="utf-8")
        command = [sys.executable, "-m", "curta", "check", str(answer), "--against", str(thread)]
        return median(_process(command, folder) for _ in range(5))


def _process(command: list[str], home: str) -> float:
    before = os.times()
    subprocess.run(command, env={**os.environ, "CURTA_HOME": home}, capture_output=True, check=False)
    after = os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system) * 1000


def _row(what: str, curta: float, peer: float | None, target: str, note: str) -> dict[str, Any]:
    row = {"what": what, "curta": f"{curta:.3g}", "target": f"<= {target}" if target else "", "note": note}
    return row if peer is None else {**row, "peer": f"{peer:.3g}", "ratio": f"{curta / peer:.2g}"}


if __name__ == "__main__":
    for row in rows():
        print(row)
