"""How a row becomes a request: columns are put into the words, bound to inputs of templates, or sent as Documents."""

from collections.abc import Iterable, Mapping, Sequence
from string import Template as StringTemplate
from typing import TYPE_CHECKING, Any

from curta import asking
from curta.errors import UsageError
from curta.messages import JSON, Document, Request, system, user
from curta.models.default_options import options_for
from curta.models.model import Model
from curta.models.registry import BUILT_IN
from curta.sources.records import as_words
from curta.sources.tables import LINE, TableRow

if TYPE_CHECKING:
    from curta.templates import Template


class _Words(StringTemplate):
    """Words with `$column`, or `${any column}`; `$$` is a dollar sign, and so is one that no name follows."""

    braceidpattern = r"[^{}\n]+"


class Binding:
    """What is asked about each row.

    words, system: with `$column` for the row's value of it. templates: kept prompts, whose inputs are the columns of
    the same names, but for the values of `inputs`. documents: columns that are sent as Documents; when nothing names a
    column, the one that is called `text`, or the only one. source: what the rows are from, for people.
    """

    def __init__(
        self,
        model: Model,
        words: str = "",
        *,
        system: str | None = None,
        templates: "Sequence[Template]" = (),
        inputs: Mapping[str, str] | None = None,
        options: Mapping[str, JSON] | None = None,
        schema: Mapping[str, JSON] | None = None,
        documents: Sequence[str] = (),
        source: str = "rows",
    ) -> None:
        _refuse_tools(templates)
        if not (words.strip() or templates):
            raise UsageError("There is no prompt.", then="For example: curta map 'Translate to French: $text' rows.csv")
        self.model, self.source, self.schema = model, source, schema
        self.template = " + ".join(each.name for each in templates) or None
        self._words, self._system = _Words(words), _Words(system or "")
        self._templates, self._inputs = tuple(templates), dict(inputs or {})
        self._options = {**options_for(model), **(options or {})}
        self._said = dict(options or {})
        self._documents = tuple(documents)

    @property
    def identity(self) -> JSON:
        """All that it depends on but the rows."""
        return {
            "words": [self._words.template, self._system.template],
            "templates": [repr(each) for each in self._templates],
            "inputs": self._inputs,
            "options": self._options,
            "schema": self.schema,
            "documents": list(self._documents),
        }

    def bind(self, columns: Iterable[str]) -> None:
        """Take note of which columns there are. Raises UsageError for one that is named and is not there."""
        there = list(dict.fromkeys(columns))
        named = [*self._named(), *self._documents]
        if missing := [name for name in named if name not in there]:
            raise self._unknown(missing[0], there)
        if unfilled := [each for each in self._required() if each not in there]:
            raise UsageError(
                f"The template {self.template!r} needs {unfilled[0]!r}, and {self.source} has no such column.",
                why=f"It has: {', '.join(there)}.",
                then=f"Give a value for all rows: -p {unfilled[0]} TEXT",
            )
        if not (named or any(name in there for name in self._variables())):
            self._documents = (self._text_of(there),)

    def request(self, row: TableRow) -> Request:
        """The request for a row. Raises UsageError for a row that lacks a column, or whose value does not fit."""
        values = {name: as_words(value) for name, value in row.values.items()}
        for name in (*self._named(), *self._documents):
            if name not in values:
                raise UsageError(f"{self.source}, {row.place}, has no {name!r}.")
        asked: Any = {
            "documents": [Document(values[name], self._uri(row)) for name in self._documents],
            "system": self._system.safe_substitute(values),
            "template": self._templates,
            "inputs": {**{name: values[name] for name in self._variables() if name in values}, **self._inputs},
        }
        question = asking.question(self._words.safe_substitute(values), asked)
        told = question.how["instructions"]
        instructions = () if not told else (system(told) if isinstance(told, str) else system(*told),)
        options = {**self._options, **question.how["options"], **self._said}
        schema = self.schema if self.schema is not None else question.how["schema"]
        return Request(self.model.name, (*instructions, user(*question.parts)), options, schema)

    def try_out(self, request: Request) -> None:
        """Prepare a request without sending it. Raises MissingKey, UnsupportedRequest, UsageError."""
        if self.model.name == BUILT_IN and not request.documents:
            raise UsageError(
                "The built-in model answers with sentences of a text, and is given none.",
                then="Send a column as a document (--document NAME), or choose another model with -m.",
            )
        self.model.exchange(request, stream=False)

    def _named(self) -> list[str]:
        return [*self._words.get_identifiers(), *self._system.get_identifiers()]

    def _variables(self) -> list[str]:
        """What the templates take a value for and are not given one."""
        names = (each.name for template in self._templates for each in template.asks_for)
        return [name for name in dict.fromkeys(names) if name not in self._inputs]

    def _required(self) -> list[str]:
        have = {each.name for template in self._templates for each in template.asks_for if each.default is not None}
        have |= {name for template in self._templates for name in template.defaults}
        used = {name for template in self._templates for name in template.variables}
        return [name for name in self._variables() if name in used and name not in have]

    def _text_of(self, columns: Sequence[str]) -> str:
        """The column to ask about, when nothing names one."""
        if LINE in columns or len(columns) == 1:
            return LINE if LINE in columns else columns[0]
        raise UsageError(
            "The prompt names no column, so nothing of the rows would be sent.",
            why=f"{self.source} has: {', '.join(columns)}.",
            then=f"Put one into the words (${columns[0]}), or send it as a document: --document {columns[0]}",
        )

    def _unknown(self, name: str, there: Sequence[str]) -> UsageError:
        from difflib import get_close_matches

        close = get_close_matches(name, there, n=1)
        meant = f" Did you mean ${close[0]}?" if close else ""
        return UsageError(
            f"{self.source} has no column {name!r}.{meant}",
            why=f"It has: {', '.join(there)}.",
            then="For a dollar sign before a word, write $$. A name that is not one plain word: ${first name}.",
        )

    def _uri(self, row: TableRow) -> str:
        """As an index names rows: by the id, or by the line (RFC 5147)."""
        return f"{self.source}#{as_words(row.values.get('id')) or row.place.replace(' ', '=')}"


def _refuse_tools(templates: "Sequence[Template]") -> None:
    if with_tools := [each for each in templates if each.tools or each.functions]:
        raise UsageError(
            f"The template {with_tools[0].name!r} has tools, and rows are asked about without.",
            then="Use one without tools.",
        )
