"""Several templates in a row, and the words typed with them, made into one question.

They take effect from left to right: the words fill the first, what comes of that fills the second, and so on. Lists
(what to read, tools) follow each other in that order, and come before what was typed. Of the model, the system prompt,
each option and the block to extract, the first that says something is heard; of schemas, the last.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from curta.messages import JSON
from curta.templates.template import Template, TypedAttachment, values_of


class Composed(NamedTuple):
    """What some templates and some words come to. Empty where none says anything.

    functions: Python code, one text for each template that has some. notes: what a face should tell the user.
    """

    name: str
    words: str
    system: str
    model: str
    options: Mapping[str, JSON]
    schema: Mapping[str, JSON] | None
    fragments: tuple[str, ...]
    system_fragments: tuple[str, ...]
    attachments: tuple[str | TypedAttachment, ...]
    tools: tuple[str, ...]
    functions: tuple[str, ...]
    extract: bool
    extract_last: bool
    notes: tuple[str, ...]


def compose(templates: Sequence[Template], words: str, given: Mapping[str, str]) -> Composed:
    """`templates`, in their order, filled with `words` and the values `given` for their variables.

    Raises UsageError for a value that does not fit, TemplateError for one that is missing.
    """
    values = values_of(templates, given)
    system = ""
    for template in templates:
        words, instructions = template.place(words, values)
        system = system or instructions
    blocks = next((each for each in templates if each.extract or each.extract_last), None)
    return Composed(
        name=" + ".join(each.name for each in templates),
        words=words,
        system=system,
        model=next((each.model for each in templates if each.model), ""),
        options={name: value for each in reversed(templates) for name, value in each.options.items()},
        schema=next((each.schema_object for each in reversed(templates) if each.schema_object), None),
        fragments=tuple(source for each in templates for source in each.fragments),
        system_fragments=tuple(source for each in templates for source in each.system_fragments),
        attachments=tuple(source for each in templates for source in _attachments(each)),
        tools=tuple(tool for each in templates for tool in each.tools),
        functions=tuple(each.functions for each in templates if each.functions),
        extract=bool(blocks and blocks.extract),
        extract_last=bool(blocks and blocks.extract_last),
        notes=tuple(_note(each) for each in templates if each.distrusted),
    )


def _attachments(template: Template) -> list[str | TypedAttachment]:
    return [*template.attachments, *template.attachment_types]


def _note(template: Template) -> str:
    return (
        f"The template {template.origin} is not a file of yours: its {' and '.join(template.distrusted)} are left out."
    )
