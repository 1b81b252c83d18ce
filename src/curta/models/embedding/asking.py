"""How texts are asked about: in batches, halved where a server refuses one, until the item at fault is alone.

`Asking.steps` yields what is to be sent and receives what came back; beside that it yields the results, in order. It
knows neither sync nor async: `driving.py` runs it.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from curta.errors import (
    BadKey,
    BrokenAnswer,
    ModelError,
    ProviderError,
    RateLimited,
    Refused,
    TimedOut,
)
from curta.http import HTTPRequest
from curta.models.embedding import openai
from curta.models.embedding.described import Described
from curta.models.embedding.embedder import EmbedError, Item, Used, Vector
from curta.models.wires.failures import Source, failure
from curta.models.wires.served import Endpoint
from curta.text.tokens import estimate

MOST_CHARACTERS = 200_000
"""In one request: OpenAI takes 300,000 tokens, and some scripts have one for each character."""

HOPELESS = 5
"""So many items refused one after the other, and none embedded before, mean that it is not the items."""

CUTS = 6
_TOO_LONG = ("context length", "too long", "too large", "token limit", "maximum input", "input length", "max_tokens")


class Reply(NamedTuple):
    """An answer that is there in full."""

    status: int
    headers: Mapping[str, str]
    body: bytes


_HOW_TO_SEE = "Where a model takes pictures, say in which form: curta embed-models add NAME --images FORM ..."

Result: TypeAlias = Vector | EmbedError
Steps: TypeAlias = Generator[HTTPRequest | Vector | EmbedError, Reply | None, None]
_Asked: TypeAlias = Generator[HTTPRequest, Reply | None, list[Result]]


class Asking:
    """One run of questions to a model. dim: the length of its vectors, once it is known."""

    def __init__(self, described: Described, endpoint: Endpoint, used: Used, dim: int | None = None) -> None:
        self.dim = dim
        self._described = described
        self._endpoint = endpoint
        self._used = used
        self._source = Source(endpoint.host, endpoint.model_id, endpoint.key)
        self._embedded = False
        self._refused = 0

    def steps(self, items: Iterable[Item], *, query: bool) -> Steps:
        """What to send, and the results. Raises a ModelError that concerns more than an item."""
        most = 1 if self._described.images == "vllm" else self._described.batch
        for batch in batches(items, most):
            prepared = [self._prepared(item, query) for item in batch]
            sent = [each for each in prepared if not isinstance(each, EmbedError)]
            found = iter((yield from self._batch(sent)) if sent else ())
            for each in prepared:
                yield each if isinstance(each, EmbedError) else next(found)

    def _prepared(self, item: Item, query: bool) -> Item | EmbedError:
        """What is sent for an item, or why nothing is."""
        if isinstance(item, bytes):
            return self._refusal(item) or item
        if not item.strip():
            return EmbedError("There is nothing to embed: it is empty.")
        return self._described.prefixes.put(item, query=query)

    def _refusal(self, data: bytes) -> EmbedError | None:
        if self._described.images is None:
            return EmbedError(f"{self._described.name} embeds texts, no binary data.", _HOW_TO_SEE)
        from curta.models.embedding.pictures import refusal

        return refusal(data)

    def _batch(self, items: Sequence[Item]) -> _Asked:
        try:
            found = yield from self._request(items)
        except ModelError as error:
            if not _may_be_an_item(error):
                raise
            return (yield from self._halves(items, error))
        self._embedded, self._refused = True, 0
        return found

    def _halves(self, items: Sequence[Item], error: ModelError) -> _Asked:
        if len(items) == 1:
            return [(yield from self._alone(items[0], error))]
        middle = len(items) // 2
        return (yield from self._batch(items[:middle])) + (yield from self._batch(items[middle:]))

    def _alone(self, item: Item, error: ModelError) -> Generator[HTTPRequest, Reply | None, Result]:
        """The result for an item that was refused by itself: shortened where it was too long, else the error."""
        cut = item if isinstance(item, str) else ""
        for _ in range(CUTS if cut and _says_too_long(error) else 0):
            cut = shortened(cut, self._described.facts.context)
            try:
                (found,) = yield from self._request([cut])
            except ModelError as again:
                if not _says_too_long(again) or len(cut) < 2:
                    error = again
                    break
                continue
            if isinstance(found, Vector):
                found.cut = len(cut)
            return found
        self._despair(error)
        return EmbedError(error.what, error.why)

    def _despair(self, error: ModelError) -> None:
        """Raise `error` when it is not the items: none was ever embedded, or the server has stopped answering."""
        server = isinstance(error, TimedOut | BrokenAnswer) or getattr(error, "status", 0) >= 500
        self._refused += 1
        if self._refused >= HOPELESS and (server or not self._embedded):
            raise error

    def _request(self, items: Sequence[Item]) -> _Asked:
        reply = yield self._encoded(items)
        assert reply is not None
        if reply.status >= 400:
            raise failure(self._source, reply.status, reply.headers, reply.body)
        if reply.status >= 300:
            then = "If you trust the address it redirects to, give that as the model's URL."
            raise ProviderError(f"{self._source.host} redirects to another address.", status=reply.status, then=then)
        answer = openai.decode(self._source, reply.body, len(items))
        self._used.add(answer.tokens)
        self._measure(answer.vectors)
        return answer.vectors

    def _encoded(self, items: Sequence[Item]) -> HTTPRequest:
        dimensions, form = self._described.dimensions, self._described.images
        if form is None:
            return openai.encode(self._endpoint, [item for item in items if isinstance(item, str)], dimensions)
        from curta.models.embedding import pictures

        return pictures.encode(self._endpoint, form, items, dimensions)

    def _measure(self, found: Iterable[Result]) -> None:
        for vector in found:
            if isinstance(vector, Vector):
                self.dim = self.dim or len(vector)
                require_length(self._described.name, vector, self.dim)


def require_length(name: str, vector: Vector, dim: int) -> None:
    """All vectors of a model have one length. Raises ModelError for one that has another than `dim`."""
    if len(vector) != dim:
        raise ModelError(
            f"{name} gave a vector of {len(vector)} dimensions; {dim} were expected.",
            why="Vectors of different lengths cannot be compared.",
            then="Is another model served under this name now?",
        )


def batches(items: Iterable[Item], most: int, characters: int = MOST_CHARACTERS) -> Iterator[list[Item]]:
    """`items` in lists of at most `most`, which hold at most `characters` unless a single item has more."""
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and (len(batch) >= most or size + len(item) > characters):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item)
    if batch:
        yield batch


def shortened(text: str, context: int | None) -> str:
    """The beginning of `text`, to the end of a sentence where there is one: what fits `context` tokens, or half."""
    tokens = estimate(text) if context else 0
    share = 0.9 * context / tokens if context and tokens > context else 0.5
    end = max(1, int(len(text) * share))
    from curta.text.sentences import sentences

    last = max(
        (stop for _, stop in sentences(text, 0, min(len(text), end + 1)) if end // 2 <= stop <= end), default=end
    )
    return text[:last]


def _may_be_an_item(error: ModelError) -> bool:
    """Whether the request may have failed for one of its items, so that the others are worth another try."""
    if isinstance(error, BadKey | RateLimited):
        return False
    if isinstance(error, ProviderError):
        return error.status in (400, 413, 422) or error.status >= 500
    return isinstance(error, Refused | TimedOut | BrokenAnswer)


def _says_too_long(error: ModelError) -> bool:
    return getattr(error, "status", 0) == 413 or any(words in error.why.lower() for words in _TOO_LONG)
