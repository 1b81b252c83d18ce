"""What is asked: words, and all that goes with them, made into the parts of a message.

Everything can be said in two ways: as a value, or by the name under which it is found (a file, a template, a schema
kept under a name). Here names become values, and templates are filled; whoever holds the conversation gets values only.
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
    options: the model's options. schema: what the answer has to follow: a JSON schema, or what names one (`schema`).
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

    tools, functions: what the templates want the model to be able to call. notes: for the user.
    """

    parts: tuple[Part, ...]
    model: str | None
    how: Mapping[str, Any]
    tools: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


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
        "schema": _schema(asked.get("schema"), kept, log),
        "template": kept.name if kept else None,
    }
    parts = (*documents, *attachments, *said)
    return (
        Question(parts, kept.model or None, how, kept.tools, kept.functions, kept.notes)
        if kept
        else Question(parts, None, how)
    )


def schema(spec: str, *, multi: bool = False, log: "Log | None" = None) -> dict[str, JSON]:
    """The schema that `spec` names: JSON, the shorthand (`name, age int`), a file, the name of a kept schema, the id of
    one that was used or its beginning, or `t:NAME` for that of a template.

    multi: one for any number of what it describes, `{"items": [...]}`. Raises UsageError for what names none.
    """
    from curta import schemas

    found = schemas.checked(_named_schema(spec.strip(), log))
    return schemas.items_of(found) if multi else found


def _named_schema(spec: str, log: "Log | None") -> Any:
    from curta.schemas import saved, shorthand

    if spec.startswith("t:"):
        return _schema_of_template(spec[2:])
    if spec.startswith(("{", "[")):
        return _json(spec)
    if (kept := saved.saved().get(spec)) is not None:
        return kept
    if "," in spec or "\n" in spec or (" " in spec and not _exists(spec)):
        return shorthand(spec)
    if _exists(spec):
        from curta.sources import load

        return _json(load(spec)[0].text)
    if (used := _used_schema(spec, log)) is not None:
        return used
    return _unknown_schema(spec)


def _exists(path: str) -> bool:
    from os.path import isfile

    return isfile(path)


def _json(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The schema is not valid JSON: {error}.") from error


def _schema_of_template(name: str) -> Any:
    from curta import templates

    found = templates.load(name).schema_object
    if found is None:
        raise UsageError(f"The template {name!r} has no schema.", then="`schema_object:` gives it one.")
    return found


def _used_schema(spec: str, log: "Log | None") -> Any:
    """A schema by its id, or the beginning of it: kept under another name, or used before."""
    from curta.schemas import id_of
    from curta.schemas.saved import saved
    from curta.store import open_log

    if len(spec) < 4 or not set(spec) <= set("0123456789abcdef"):
        return None
    found = {id_of(each): each for each in saved().values()}
    found |= {id_of(each.schema): each.schema for each in (log or open_log()).schemas()}
    ids = [id for id in found if id.startswith(spec)]
    if len(ids) > 1:
        raise UsageError(f"The ids of several schemas begin with {spec!r}.", why=f"Among them: {', '.join(ids[:4])}.")
    return found[ids[0]] if ids else None


def _unknown_schema(spec: str) -> Any:
    from difflib import get_close_matches

    from curta.schemas.saved import saved

    close = get_close_matches(spec, saved(), n=2)
    raise UsageError(
        f"{spec!r} is no file, no schema that is kept or was used, and no description of one.",
        why=f"Close to it: {', '.join(close)}." if close else "",
        then="Describe one: --schema 'name, age int'   `curta schemas` lists those there are.",
    )


def _composed(words: str, asked: Asked) -> "Composed | None":
    """The templates that are asked for, filled; None without any."""
    given = asked.get("template")
    if not given:
        return None
    from curta import templates

    several = [given] if isinstance(given, str | templates.Template) else given
    loaded = [templates.load(each) if isinstance(each, str) else each for each in several]
    return templates.compose(loaded, words, asked.get("inputs") or {})


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


def _schema(given: Any, kept: "Composed | None", log: "Log | None") -> Mapping[str, JSON] | None:
    if isinstance(given, str):
        return schema(given, log=log)
    if given is not None:
        from curta.schemas import checked

        return checked(given)
    return kept.schema if kept else None
