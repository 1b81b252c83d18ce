"""Local models held to a form: hard schemas, quotations of twenty documents, and what a grammar costs.

The model is the tiny one of the tests (`tests/tiny`), hot enough to write nonsense: what holds, the grammar holds.
Peers are the engine's own `response_format`, and the same model quoting freely, as it was trained to.
"""

import json
import os
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from curta import quotes
from curta.conversations import Conversation
from curta.engine import process
from curta.engine.constraints import quotable, quotations
from curta.errors import CurtaError
from curta.messages import Document, Request, user
from curta.models import exchange
from curta.models.local import Local
from curta.schemas import problems
from curta.training.export import to_gguf
from tests.tiny.fixtures import MODEL, held
from tests.tiny.hard_schemas import SCHEMAS
from tests.tiny.sentences import facts, text

GENERATIONS, QUOTATIONS, DOCUMENTS = 1000, 1000, 20
PEERS = 200
HOT = {"temperature": 1.5, "top_p": 1, "min_p": 0, "top_k": 0}
LENGTHS = (500, 2_000, 8_000, 28_000)


def is_possible() -> bool:
    return find_spec("xllamacpp") is not None and find_spec("gguf") is not None


def rows() -> list[dict[str, Any]]:
    with _tiny() as model:
        return [_schemas(model), *_quotations(model), *_cost(model)]


@contextmanager
def _tiny() -> Iterator[Local]:
    """The tiny model, in a home of its own, computed in one thread."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"CURTA_HOME": f"{folder}/home", "CURTA_ENGINE_THREADS": "1"}
        try:
            yield Local(held("tiny", to_gguf(MODEL, Path(folder) / "tiny.gguf")))
        finally:
            process.stop()


# Schemas


def _schemas(model: Local) -> dict[str, Any]:
    ours = Counter(_outcome(model, schema, seed) for seed, schema in _each(GENERATIONS))
    theirs = Counter(_outcome(model, schema, seed, own=True) for seed, schema in _each(PEERS))
    return {
        "what": f"valid answers, {len(SCHEMAS)} hard schemas, temperature {HOT['temperature']}",
        "curta": _of(ours["valid"], GENERATIONS),
        "peer": _of(theirs["valid"], PEERS),
        "target": f"{GENERATIONS} of {GENERATIONS}",
        "note": f"peer: the engine's own response_format, whose others were {_others(theirs)}; ours: {_others(ours)}",
    }


def _each(count: int) -> Iterator[tuple[int, dict[str, Any]]]:
    return enumerate(islice(cycle(SCHEMAS.values()), count))


def _outcome(model: Local, schema: dict[str, Any], seed: int, own: bool = False) -> str:
    """`valid`, `invalid`, or `cut` at the limit of tokens. own: by what the engine makes of a schema."""
    body = {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}}
    how: dict[str, Any] = {"options": {"extra_body": body}} if own else {"schema": schema, "options": {}}
    how["options"] |= {**HOT, "seed": seed}
    response = Conversation(model).prompt("Give Eva as JSON.", **how)
    try:
        response.text()
        valid = not problems(json.loads(response.partial()), schema)
    except (CurtaError, ValueError):
        valid = False
    return "valid" if valid else "cut" if response.finish == "length" else "invalid"


# Quotations


def _quotations(model: Local) -> Iterator[dict[str, Any]]:
    random = Random(1)
    told = [facts(random, 4) for _ in range(DOCUMENTS)]
    asked = [(Document(text(some), "a.txt"), f"Quote {random.choice(some).name}.") for some in told]
    verbatim, made, answers = _held_quotations(model, asked)
    for temperature in (0.0, 1.0):
        pairs = enumerate(islice(cycle(asked), PEERS))
        free = sum(_said(model, document, words, n, temperature) in document.text for n, (document, words) in pairs)
        yield {
            "what": f"verbatim quotations of {DOCUMENTS} documents",
            "curta": _of(verbatim, made),
            "peer": _of(free, PEERS),
            "target": "all",
            "note": f"temperature {HOT['temperature']}, {answers:,} answers that quote or say that they found nothing; "
            f"peer: the same model at temperature {temperature:g}, quoting freely",
        }


def _held_quotations(model: Local, asked: list[tuple[Document, str]]) -> tuple[int, int, int]:
    """How many quotations were verbatim, of how many, in how many answers."""
    verbatim = made = answers = 0
    for document, words in cycle(asked):
        if made >= QUOTATIONS:
            break
        report = quotes.check(_answer(model, document, words, answers), [document])
        made += len(report.quotes)
        verbatim += sum(quote.status == "verbatim" for quote in report.quotes)
        answers += 1
    return verbatim, made, answers


def _said(model: Local, document: Document, words: str, seed: int, temperature: float) -> str:
    """What the model quotes when it is asked in the way it was trained on."""
    options = {"temperature": temperature, "seed": seed, "max_tokens": 60}
    return Conversation(model).prompt(f"{document.text} {words}", options=options).text() or "nothing"


def _answer(model: Local, document: Document, words: str, seed: int) -> str:
    options = {**HOT, "seed": seed, "verbatim": "only"}
    return Conversation(model).prompt(document, words, options=options).text()


# What it costs


def _cost(model: Local) -> Iterator[dict[str, Any]]:
    """CPU seconds of the engine for an answer of at most twenty tokens."""
    random = Random(2)
    address = process.serve(model.file)
    words = " ".join(text(facts(random, 6)) for _ in range(200))
    for length in LENGTHS:
        document = Document(words[:length], "long.txt")
        for way, stretches in (
            ("sentences", quotable.whole_sentences([(1, document)])),
            ("words", quotable.running_text([(1, document)])),
        ):
            grammar = quotations.grammar(stretches, "words" if way == "words" else "only")
            held_, free = _alternating(model, address.process, grammar)
            yield {
                "what": f"CPU ms for a grammar of {length:,} characters, {way}",
                "curta": round(held_, 1),
                "peer": round(free, 1),
                "note": "peer: the same without a grammar; at most 20 tokens",
            }


def _alternating(model: Local, engine: int, grammar: str) -> tuple[float, float]:
    """Milliseconds with and without a grammar, medians of seven each. A grammar is new each time to the engine."""
    spent: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(14):
        with_grammar = bool(turn % 2)
        body = {"grammar": f"{grammar}\n// {turn}\n"} if with_grammar else {}
        options = {"max_tokens": 20, "seed": turn, "temperature": 1.0, "extra_body": body}
        before = _cpu(engine)
        list(exchange.events(model.exchange(Request("tiny", (user("Quote."),), options))))
        spent[with_grammar].append(_cpu(engine) - before)
    return statistics.median(spent[True]), statistics.median(spent[False])


def _cpu(process_id: int) -> float:
    """Milliseconds that a process has computed, by the kernel's finer clock."""
    tasks = Path(f"/proc/{process_id}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}"


def _others(outcomes: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in outcomes.items() if name != "valid") or "none"
