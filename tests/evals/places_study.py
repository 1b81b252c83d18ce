"""A study in which all kinds of verdicts come out, run against a server on this computer.

python -m tests.evals.places_study docs/images/eval-report.png   takes the picture of its report that the docs show
"""

import json
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import curta
from curta.models import registry
from tests.browser import open_page
from tests.servers.crowd import Crowd

PLACES = Path(__file__).parents[2] / "examples/studies/places.jsonl"
INSTRUCTIONS = {
    "plain": "Answer from the text only, in one sentence.",
    "capitals": "Answer from the text ONLY, in ONE sentence.",
    "tip": "Answer from the text only, in one sentence. I will tip you $$20.",
    "december": "It is December. Answer from the text only, in one sentence.",
    "example": "Example: It is 40 metres high. Answer from the text only, in one sentence.",
}


def spec(inputs: int = 80) -> dict[str, Any]:
    return {
        "name": "How to ask about a place",
        "prompt": "$question $how",
        "documents": ["text"],
        "factors": {"how": INSTRUCTIONS},
        "inputs": rows()[:inputs],
        "score": [{"contains": "$answer"}, "size"],
        "rope": 0.1,
        "seed": 4,
    }


@cache
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in PLACES.read_text().splitlines()]


def answer(words: str) -> str:
    """Right a little more than half of the time, more often for a tip, less often in December; capitals do nothing."""
    row = next(row for row in rows() if row["question"] in words)
    right = _chance(row, "plain") < 0.55
    if "tip" in words:
        right = right or _chance(row, "tip") < 0.7
    elif "December" in words:
        right = right and _chance(row, "december") < 0.4
    elif "Example" in words:
        right = _chance(row, "other") < 0.6 if _chance(row, "example") < 0.3 else right
    if not right:
        return "The text mentions the place, but it does not say that anywhere I can see."
    return f"It is {row['answer']}, according to the text.{' I hope that this helps you!' * ('tip' in words)}"


def run(**change: Any) -> str:
    """The id of the study, after it ran."""
    with Crowd(answer) as server:
        registry.add("small-chat", url=server.url, model="small-chat")
        return str(curta.experiment({**spec(), **change}, model="small-chat").run().id)


def _chance(row: dict[str, Any], of: str) -> float:
    return int(sha256(f"{row['question']} {of}".encode()).hexdigest()[:8], 16) / 2**32


def picture(path: Path) -> None:
    """The upper part of the report, as a browser shows it."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CURTA_HOME", folder)
        page = Path(folder, "report.html")
        page.write_text(curta.experiment_report(run(score={"contains": "$answer"})).html(), encoding="utf-8")
        with open_page(page, width=1000, height=1230) as shown:
            shown.screenshot(path=path)


if __name__ == "__main__":
    picture(Path(sys.argv[1]))
