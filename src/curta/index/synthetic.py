"""Questions for an index that nobody has written any for: its own titles and headings, whose document is the answer.

They say how well a document is found by the words that it has itself, and no more: people ask in words of their own. So
they flatter a search by words, and are always said to be synthetic.
"""

from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from curta.errors import UsageError
from curta.index.evaluation import Question, Questions
from curta.index.lexicon import is_code
from curta.index.query import plain_words
from curta.messages import Document
from curta.text.chunks import headings

if TYPE_CHECKING:
    from curta.index.stores.store import Store

MOST = 200
FEWEST_WORDS = 2


def questions(index: "Store") -> Questions:
    """Headings that only one document has, at most MOST; always the same. Raises UsageError when there are none."""
    where: dict[str, set[str]] = defaultdict(set)
    for each in index.kept():
        for heading in _headings(each.document):
            where[heading].add(each.document.uri)
    single = [(heading, uris.pop()) for heading, uris in where.items() if len(uris) == 1]
    drawn = sorted(single, key=lambda pair: sha256(pair[0].encode()).digest())[:MOST]
    if not drawn:
        raise UsageError(
            f"The documents of {index.name} have no titles or headings to make questions of.",
            then="Write some questions down: --queries FILE --qrels FILE",
        )
    found = [Question(f"s{number}", heading, {uri: 1.0}) for number, (heading, uri) in enumerate(drawn, 1)]
    return Questions(found, unknown=0, unjudged=0, synthetic=True)


def _headings(document: Document) -> Iterator[str]:
    """The title of a document, and its headings."""
    found = [] if is_code(document.uri) else headings(document.text)
    title = "" if document.uri.endswith(document.title) else document.title  # the name of a file is no question
    return filter(_tells, [title, *found])


def _tells(heading: str) -> bool:
    """Whether it has words enough to be a question."""
    return len(plain_words(heading)) >= FEWEST_WORDS
