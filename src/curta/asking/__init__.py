"""What is asked: words, and all that goes with them, made into the parts of a message.

Everything can be said in two ways: as a value, or by the name under which it is found (a file, a template, a schema
kept under a name). Here names become values, and templates are filled; whoever holds the conversation gets values only.

schemas.py  which schema a name means, and which there are

May import `templates`, `fragments`, `schemas`, `store`, `sources` and the ground.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from curta.errors import UsageError
from curta.messages import JSON, Attachment, Document, Part, Text

if TYPE_CHECKING:
    from curta.store import Log
    from curta.templates import Composed, Template


class Asked(TypedDict, total=False):
    """What can go with the words of a prompt.

    documents: Documents, or what `load` reads. attachments: pictures and other files, or their names.
    system: a system prompt; system_documents: Documents that go into it.
    template, inputs: a kept prompt, or several that take effect from left to right, and the values of their variables.
    options: the model's options. schema: what the answer has to follow: a JSON schema, or what names one (`schemas`).
    """

    documents: "Iterable[Document | str]"
    attachments: "Iterable[Attachment | str]"
    system: str | None
    system_documents: "Iterable[Document | str]"
    template: "str | Template | Sequence[str | Template] | None"
    inputs: Mapping[str, str]
    options: Mapping[str, JSON]
    schema: Mapping[str, JSON] | str | None


class Question(NamedTuple):
    """What to say, and how, after the templates have had their say.

    how: what `Conversation.prompt` takes besides the parts.
    tools, functions: what the templates want the model to be able to call.
    """

    parts: tuple[Part, ...]
    model: str | None
    how: Mapping[str, Any]
    tools: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


def question(words: str, asked: Asked, *, log: "Log | None" = None, may_be_empty: bool = False) -> Question:
    """The question that `words` and `asked` come to.

    log: where hashes and ids are looked up. may_be_empty: nothing need be said. Raises CurtaError.
    """
    kept = _composed(words, asked)
    words = kept.words if kept else words
    documents = _read([*(kept.fragments if kept else ()), *asked.get("documents", ())], log)
    attachments = _attached([*(kept.attachments if kept else ()), *asked.get("attachments", ())])
    said = (Text(words),) if words.strip() else ()
    if not (documents or attachments or said or may_be_empty):
        raise UsageError(
            "There is no prompt.",
            then="For example: curta 'Three names for a pelican'   or   cat notes.txt | curta 'What was decided?'",
        )
    how = {
        "instructions": _instructions(asked, kept, log),
        "options": {**(kept.options if kept else {}), **(asked.get("options") or {})},
        "schema": kept.schema if kept and asked.get("schema") is None else named_schema(asked.get("schema"), log),
        "template": kept.name if kept else None,
        "notes": kept.notes if kept else (),
    }
    parts = (*documents, *attachments, *said)
    return Question(parts, kept.model or None, how, kept.tools, kept.functions) if kept else Question(parts, None, how)


def _composed(words: str, asked: Asked) -> "Composed | None":
    """The templates that are asked for, filled; None without any."""
    kept = named_templates(asked.get("template"))
    if not kept:
        return None
    from curta import templates

    return templates.compose(kept, words, asked.get("inputs") or {})


def named_templates(given: "str | Template | Sequence[str | Template] | None") -> "list[Template]":
    """The templates that these are, or name. Raises TemplateError."""
    if not given:
        return []
    from curta import templates

    several = [given] if isinstance(given, str | templates.Template) else given
    return [templates.load(each) if isinstance(each, str) else each for each in several]


def _read(documents: "Iterable[Document | str]", log: "Log | None") -> list[Document]:
    read: list[Document] = []
    for each in documents:
        if isinstance(each, str):
            from curta import fragments

            read += fragments.load(each, log=log)
        else:
            read.append(each)
    return read


def _attached(attachments: Iterable[Any]) -> list[Attachment]:
    found: list[Attachment] = []
    for each in attachments:
        if isinstance(each, Attachment):
            found.append(each)
        else:
            from curta.sources.attachments import attachment

            found.append(attachment(each) if isinstance(each, str) else attachment(each.value, each.type))
    return found


def _instructions(asked: Asked, kept: "Composed | None", log: "Log | None") -> str | tuple[Part, ...] | None:
    """The system prompt: words alone, or Documents and words."""
    system = asked.get("system") or (kept.system if kept else "")
    documents = _read([*(kept.system_fragments if kept else ()), *asked.get("system_documents", ())], log)
    if not documents:
        return system or None
    return (*documents, *((Text(system),) if system else ()))


def named_schema(given: Mapping[str, JSON] | str | None, log: "Log | None" = None) -> Mapping[str, JSON] | None:
    """The schema that this is, or names. Raises UsageError for what cannot be one."""
    if isinstance(given, str):
        from curta.asking.schemas import schema

        return schema(given, log=log)
    if given is not None:
        from curta.schemas import checked

        return checked(given)
    return None
