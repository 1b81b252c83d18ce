"""Loading: a thread of 1,000 comments and a page of 1 MB, beside what the standard library needs for less.

The peers do the least that could be called the same job: `html.parser` gathers text without any structure, and a
recursive walk of the parsed JSON joins authors and words as other tools do, keeping no offsets.

    python -m bench sources
"""

import json
import tempfile
import time
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from statistics import median
from typing import Any

from curta.sources import load
from curta.text.html import html_to_text

ROUNDS = 7

TEXT = "the team moved its pages into plain files and found that search was the part people missed most of all"
WORDS = TEXT.split()


def rows() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        saved, html = thread_file(Path(folder)), page()
        return [
            _row("a saved thread of 1,000 comments", *alternating(lambda: load(str(saved)), lambda: walk(saved))),
            _row(f"a page of {len(html) / 1e6:.1f} MB", *alternating(lambda: html_to_text(html), lambda: gather(html))),
        ]


def _row(what: str, ours: float, theirs: float) -> dict[str, Any]:
    peer = f"{theirs:.0f} CPU ms (html.parser alone)"
    return {"what": what, "curta": f"{ours:.0f} CPU ms", "peer": peer, "ratio": f"{ours / theirs:.2f}", "target": ""}


def sentence(seed: int) -> str:
    return " ".join(WORDS[(seed * 7 + i * (seed % 5 + 1)) % len(WORDS)] for i in range(18)).capitalize() + "."


def thread_file(folder: Path, comments: int = 1000) -> Path:
    """A thread of `comments` comments of about 350 characters, up to ten levels deep."""
    items = [_comment(number) for number in range(comments)]
    for number in range(comments - 1, 0, -1):
        if number % 10:
            items[number - 1]["children"].append(items[number])
    story = {**_comment(0), "type": "story", "title": "A title", "text": None, "children": items[::10]}
    path = folder / "thread.json"
    path.write_text(json.dumps(story))
    return path


def _comment(number: int) -> dict[str, Any]:
    text = f"{sentence(number)}<p>It&#x27;s &lt;b&gt; <i>{sentence(number + 1)}</i><p>{sentence(number + 2)}"
    return {"id": number + 1, "type": "comment", "author": f"user{number % 97}", "text": text, "children": []}


def page(size: int = 1_000_000) -> str:
    """A page of about `size` characters: headings, paragraphs with links and entities, lists and tables."""
    pieces, length = ["<!doctype html><title>A page</title>"], 0
    while length < size:
        n = len(pieces)
        pieces.append(
            f"<h2>{sentence(n)}</h2>\n"
            f"<p>{sentence(n + 1)} &amp; <a href='/x?{n}'>{sentence(n + 2)}</a> {sentence(n + 3)}</p>\n"
            f"<ul><li>{sentence(n + 4)}</li><li>{sentence(n + 5)}</li></ul>"
            f"<table><tr><td>{n}</td><td>{sentence(n + 6)}</td></tr></table>\n"
        )
        length += len(pieces[-1])
    return "".join(pieces)


def alternating(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """Median CPU milliseconds of each, run in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for job, taken in zip((first, second), times, strict=True):
            start = time.process_time()
            job()
            taken.append((time.process_time() - start) * 1000)
    return median(times[0]), median(times[1])


class _Gather(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def gather(html: str) -> str:
    parser = _Gather()
    parser.feed(html)
    parser.close()
    return "".join(parser.pieces)


def walk(path: Path) -> str:
    def tell(item: dict[str, Any]) -> None:
        parser = _Gather()
        parser.feed(item["text"] or "")
        parser.close()
        pieces.append(f"{item['author']}: {unescape(''.join(parser.pieces))}")
        for child in item["children"]:
            tell(child)

    pieces: list[str] = []
    tell(json.loads(path.read_text()))
    return "\n\n".join(pieces)
