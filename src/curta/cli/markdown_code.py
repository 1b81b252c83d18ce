"""The colours of code, line by line as it arrives.

Pygments (https://pygments.org) knows the languages. Its lexers are state machines, but only `ExtendedRegexLexer` lets
the state be kept from one text to the next; it is borrowed here for all that take it, so that a string of many
lines keeps its colour and no line waits for the end of the block. Other lexers see each line on its own.
"""

from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from typing import Any

from curta.cli.markdown_inline import Run

_STYLES = {
    "Comment": "2;3",
    "Keyword": "35",
    "Keyword.Constant": "36",
    "Operator.Word": "35",
    "Name.Function": "34",
    "Name.Class": "34",
    "Name.Builtin": "36",
    "Name.Decorator": "33",
    "Name.Tag": "34",
    "Name.Attribute": "33",
    "Literal.String": "32",
    "Literal.Number": "36",
    "Generic.Deleted": "31",
    "Generic.Inserted": "32",
    "Generic.Heading": "1",
    "Generic.Subheading": "1",
}


class Code:
    """A block of code in `language`; without colours when the language is unknown."""

    def __init__(self, language: str) -> None:
        self._lexer = _lexer(language)
        self._state = ["root"]

    def line(self, text: str) -> list[Run]:
        """The next line, without its end."""
        if self._lexer is None:
            return [Run(text, "")]
        runs = [Run(piece.removesuffix("\n"), _style(str(kind))) for _, kind, piece in self._tokens(text + "\n")]
        return runs if "".join(run.text for run in runs) == text else [Run(text, "")]

    def _tokens(self, text: str) -> Iterable[tuple[int, Any, str]]:
        from pygments.lexer import ExtendedRegexLexer, LexerContext, RegexLexer  # type: ignore[import-untyped]

        if self._state and isinstance(self._lexer, RegexLexer):
            context = LexerContext(text, 0, list(self._state))
            with suppress(Exception):  # whatever comes of it where a lexer's own rules know no context
                tokens = list(ExtendedRegexLexer.get_tokens_unprocessed(self._lexer, context=context))
                self._state = context.stack
                return tokens
            self._state = []
        with suppress(Exception):  # a lexer that stumbles over a text costs its colours, not the text
            return list(self._lexer.get_tokens_unprocessed(text))
        return []


@cache
def _lexer(language: str) -> Any:
    """The lexer of a language, by any of its names; None when there is none."""
    if not language:
        return None
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None


@cache
def _style(kind: str) -> str:
    """The style of `Token.Literal.String.Doc`: that of the nearest kind above it that has one."""
    names = kind.split(".")[1:]
    return next((_STYLES[name] for size in range(len(names), 0, -1) if (name := ".".join(names[:size])) in _STYLES), "")
