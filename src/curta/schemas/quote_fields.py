"""Which fields of JSON hold quotations, and which say whose and where from: by their names."""

import re

QUOTE_FIELDS = frozenset(
    {"quotation", "quotations", "excerpt", "excerpts", "evidence", "verbatim", "citation", "citations", "source_text"}
    | {"supporting_text", "quoted_text"}
)
AUTHOR_FIELDS = frozenset({"author", "by", "speaker", "user", "username", "claimed_author", "attribution"})
PASSAGE_FIELDS = frozenset({"passage", "document"})


def folded(name: str) -> str:
    """The name of a field as the sets above have it."""
    return re.sub(r"[\s-]+", "_", name.casefold())


def is_quote_field(name: str) -> bool:
    """Whether a field of this `folded` name holds words of somebody else's."""
    return name in QUOTE_FIELDS or name.endswith(("quote", "quotes"))
