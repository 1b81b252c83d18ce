"""Texts into vectors, with all there is to do around it: the cache, the log, and a word about where the texts go.

What the cache has is not sent. What is sent is one row of the log for each run, begun before the first byte leaves:
what was embedded (the text itself when it is one, a count when there are more), how it ended, its tokens and cost.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from curta import errors
from curta.errors import CurtaError
from curta.events import UsageReport
from curta.index.cache import Cache, key
from curta.messages import Message, Request, Text
from curta.models import prices
from curta.models.embedders import Embedder, EmbedError, Item, Vector

if TYPE_CHECKING:
    from curta.store import Entry, Log, Outcome
    from curta.store.recording import Status

CALLER = "embed"
WINDOW = 1000
"""Items that are looked up at once; of these, what the cache lacks is sent in the batches of the model."""

LONGEST_LOGGED = 20_000
_told: set[str] = set()


def embedded(
    embedder: Embedder,
    items: Sequence[Item],
    *,
    query: bool = False,
    log: "Log | None" = None,
    about: str = "",
) -> Iterator[Vector | EmbedError]:
    """A vector for each item, in order, as they come; an EmbedError for one that has none.

    query: the items are what is searched for. log: where the run is logged; None leaves no trace. about: what is said
    of it there, when it is more than one text. Raises a ModelError when none can be embedded.
    """
    with Run(embedder, log=log, about=_described(items, about)) as run:
        yield from run.embed(items, query=query)


class Run:
    """A run of an embedder, as a context: any number of items, one row of the log.

    The row is begun with the first item that is sent, and closed at the end of the context. about: what is said of it
    in the log.
    """

    def __init__(self, embedder: Embedder, *, log: "Log | None" = None, about: str = "") -> None:
        self.embedder, self._log, self._about = embedder, log, about
        self._cache = Cache()
        self._entry: Entry | None = None
        self._began = False
        self._vectors = self._dim = 0
        self._failed: list[EmbedError] = []
        self._tokens_before = embedder.used.tokens or 0

    def embed(self, items: Iterable[Item], *, query: bool = False) -> Iterator[Vector | EmbedError]:
        """As `embedded`."""
        remaining = iter(items)
        while window := list(islice(remaining, WINDOW)):
            for each in self._window(window, query):
                self._count(each)
                yield each

    def _window(self, window: Sequence[Item], query: bool) -> Iterator[Vector | EmbedError]:
        keys = [_key(self.embedder, item, query) for item in window]
        known = self._cache.get(keys)
        missing = [item for item, each in zip(window, keys, strict=True) if each not in known]
        if missing:
            self._begin()
        found = self.embedder.embed(missing, query=query) if missing else iter(())
        fresh: list[tuple[bytes, Vector]] = []
        try:
            for each in keys:
                result = known.get(each) or next(found)
                if each not in known and isinstance(result, Vector) and result.cut is None:
                    fresh.append((each, result))
                yield result
        finally:
            if fresh:
                self._cache.put(fresh)

    def _begin(self) -> None:
        if self._began:
            return
        self._began = True
        _say_where(self.embedder)
        if self._log is not None:
            words = Message("user", (Text(self._about),))
            self._entry = self._log.begin(Request(self.embedder.name, (words,)), caller=CALLER)

    def _count(self, result: Vector | EmbedError) -> None:
        if isinstance(result, EmbedError):
            self._failed.append(result)
        else:
            self._vectors, self._dim = self._vectors + 1, len(result)

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *_: object) -> None:
        self._cache.close()
        if self._entry is not None:
            self._entry.finish(self._outcome(error))
            for warning in self._entry.warnings:
                errors.tell(warning)

    def _outcome(self, error: BaseException | None) -> "Outcome":
        from curta.store import Outcome

        why = _reason(error) or (str(self._failed[0]) if self._failed and not self._vectors else None)
        usage = self._usage()
        return Outcome(
            _status(error, why),
            Message("assistant", (Text(self._summary()),)),
            usage=usage,
            cost=prices.cost(self.embedder.facts.price, usage),
            finish="stop" if error is None else None,
            error=why,
        )

    def _usage(self) -> UsageReport | None:
        tokens = self.embedder.used.tokens
        return None if tokens is None else UsageReport(input=tokens - self._tokens_before, output=0)

    def _summary(self) -> str:
        made = f"{self._vectors:,} vector{'s' * (self._vectors != 1)} of {self._dim} dimensions"
        return f"{made}; {len(self._failed):,} without one, the first: {self._failed[0]}" if self._failed else made


def _key(embedder: Embedder, item: Item, query: bool) -> bytes:
    """What a vector is kept under. A plugin may treat queries otherwise without saying how: they are kept apart."""
    side = "query" if query and not any(embedder.prefixes) else ""
    put = embedder.prefixes.put(item, query=query) if isinstance(item, str) else item
    return key(f"{embedder.facts.where}\n{embedder.identity}\n{side}", put)


def _described(items: Sequence[Item], about: str) -> str:
    """What is said of a run in the log."""
    if len(items) == 1 and isinstance(items[0], str):
        text = items[0]
        return text if len(text) <= LONGEST_LOGGED else f"{text[:LONGEST_LOGGED]} ... ({len(text):,} characters)"
    return f"Embed {len(items):,} item{'s' * (len(items) != 1)}{f' for {about}' if about else ''}"


def _say_where(embedder: Embedder) -> None:
    """Tell, once for each place, when what is embedded leaves this computer."""
    where = embedder.facts.where
    if where != "this computer" and where not in _told:
        _told.add(where)
        errors.tell(f"What is embedded goes {where if where.startswith('through') else f'to {where}'}.")


def _status(error: BaseException | None, why: str | None) -> "Status":
    if error is not None and not isinstance(error, Exception):
        return "interrupted"
    return "failed" if why else "ok"


def _reason(error: BaseException | None) -> str | None:
    if error is None or isinstance(error, GeneratorExit):
        return None
    return str(error) if isinstance(error, CurtaError) else f"{type(error).__name__}: {error}".rstrip(": ")
