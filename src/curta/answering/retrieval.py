"""From what the user names to the passages that are given to a model: indexes are searched, files are made an index.

One way for all: files, folders, addresses and Documents become an index for as long as the question takes, by the very
code that fills one to keep. Where there are no more passages than are wanted, all of them are given: a small text is
read whole, also when it shares no word with the question.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import curta.index
from curta.answering import passages
from curta.answering.passages import Passage
from curta.errors import SourceError, UnknownIndex
from curta.index import adding
from curta.index.search import Hit, stored
from curta.index.stores import places
from curta.index.stores.store import Store
from curta.messages import JSON, Document

if TYPE_CHECKING:
    from curta.store import Log

Source: TypeAlias = "str | os.PathLike[str] | Document | Store"


class Wanted(NamedTuple):
    """How to look. passages: how many at most; None for as many as suit the model.

    filter: an SQL condition on the documents. lexical: by words alone. exact: compare all vectors.
    """

    passages: int | None = None
    filter: str | None = None
    lexical: bool = False
    exact: bool = False


class Retrieved(NamedTuple):
    """What was found. how: `all` (everything was given), `lexical`, or `hybrid (MODEL)`.

    words: what of the question was looked for. documents: how many there are. sources: their names, as they were given.
    failures: what could not be read, while the rest was.
    """

    passages: tuple[Passage, ...]
    how: str
    words: tuple[str, ...]
    documents: int
    sources: tuple[str, ...]
    failures: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {**self._asdict(), "passages": [passage.to_dict() for passage in self.passages]}


def retrieve(question: str, sources: Sequence[Source], wanted: Wanted, *, log: "Log | None" = None) -> Retrieved:
    """The passages that answer `question` best, of indexes and of whatever else can be read.

    log: where it is logged that the question was embedded. Raises UnknownIndex, SourceError, UsageError, ModelError.
    """
    with ExitStack() as stack:
        failures: list[str] = []
        there = [stack.enter_context(each) for each in _indexes(sources, failures)]
        documents = sum(each.count() for each in there)
        looked_at = Retrieved((), "all", (), documents, tuple(map(_name, sources)), tuple(failures))
        if wanted.filter is None and _is_few(there, documents, wanted.passages):
            return looked_at._replace(passages=passages.whole(_everything(there)))
        return _found(question, there, wanted, log, looked_at)


def _is_few(there: Sequence[Store], documents: int, most: int | None) -> bool:
    """Whether there are no more passages than are wanted."""
    return most is None or documents <= most >= sum(each.info().chunks for each in there)


def _everything(there: Sequence[Store]) -> Iterator[tuple[Document, JSON]]:
    """All documents with their metadata."""
    rows = ((each, row) for each in there for row in each.documents())
    return ((document, row.metadata) for each, row in rows if (document := each.document(row.uri)) is not None)


def _found(question: str, there: Sequence[Store], wanted: Wanted, log: "Log | None", looked_at: Retrieved) -> Retrieved:
    """What a search of each index finds, the best of each first: scores of different indexes cannot be compared."""
    hits: list[tuple[Hit, Store]] = []
    how: dict[str, None] = {}
    words: dict[str, None] = {}
    most = wanted.passages or 0
    for each in there:
        recipe = replace(stored(each), lexical=wanted.lexical)
        results = each.search(question, most, filter=wanted.filter, exact=wanted.exact, recipe=recipe, log=log)
        hits += ((hit, each) for hit in results)
        how[f"hybrid ({results.model})" if results.model else "lexical"] = None
        words |= dict.fromkeys(results.words)
    best = sorted(hits, key=lambda pair: pair[0].rank)[:most]
    named = {(id(each), hit.uri): each for hit, each in best}
    whole = {(number, uri): each.document(uri) for (number, uri), each in named.items()}
    kept = [(hit, source) for hit, each in best if (source := whole[id(each), hit.uri]) is not None]
    return looked_at._replace(passages=passages.found(kept), how=", ".join(how), words=tuple(words))


# Sources


def _indexes(sources: Sequence[Source], failures: list[str]) -> "Iterator[Any]":
    """A context with each index that is named, and one with an index of all the other sources."""
    others: list[str | Document] = []
    for each in sources:
        if isinstance(each, Document):
            others.append(each)
        elif not isinstance(each, str | os.PathLike):
            yield _kept_open(each)
        elif is_index(os.fspath(each)):
            yield places.open(each)
        else:
            others.append(os.fspath(each))
    if others:
        yield _made(others, failures)


def is_index(name: str) -> bool:
    """Whether `name` is that of an index, or the path of one. Raises UnknownIndex for what is no source either."""
    if name in places.names():
        return True
    if name.endswith(".db") and os.path.isfile(name):
        return True
    if _can_only_be_a_name(name):
        have = ", ".join(places.names())
        raise UnknownIndex(
            f"There is no index {name!r}, and no file or folder of that name.",
            why=f"Indexes: {have}." if have else "There is no index yet.",
            then=f"Name a file or folder, or make the index first: curta index add {name} FOLDER",
        )
    return False


def _can_only_be_a_name(word: str) -> bool:
    """Whether a word is no path, pattern, address or `-`, nor anything with a dot or a slash as these have."""
    return word != "-" and not os.path.lexists(word) and all(char.isalnum() or char in "_-" for char in word)


@contextmanager
def _kept_open(index: Store) -> Iterator[Store]:
    yield index


@contextmanager
def _made(sources: Sequence[str | Document], failures: list[str]) -> Iterator[Store]:
    """An index of these sources, which is gone afterwards. Raises SourceError for one that cannot be read at all."""
    with (
        TemporaryDirectory(prefix="curta-") as folder,
        curta.index.open(Path(folder) / "sources.db", create=True) as made,
    ):
        for number, each in enumerate(sources, 1):
            if isinstance(each, str):
                failures += _read(made, each)
            else:
                is_named = each.uri and made.document(each.uri) is None
                made.add(each if is_named else replace(each, uri=f"{each.uri}#{number}"))
        yield made


def _read(made: Store, source: str) -> list[str]:
    """What of a source could not be read."""
    events = list(adding.add(made, [source]))
    failed = [each for each in events if each.status == "failed"]
    if failed and len(failed) == len(events):
        raise SourceError(failed[0].why)
    return [f"{each.uri}: {each.why}" if each.uri else each.why for each in failed]


def _name(source: Source) -> str:
    if isinstance(source, Document):
        return source.uri or source.title or "a document"
    return os.fspath(source) if isinstance(source, str | os.PathLike) else source.name
