"""What was typed and piped, made into what the API takes."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from curta.cli import output
from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.conversations import Conversation
    from curta.messages import Attachment, Document
    from curta.store import Log


def asked(words: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """What goes with the prompt: the words, the Documents, and everything named by flags."""
    options = read_options(given["options"])
    if given["inputs"] and not given["template"]:
        raise UsageError("-p fills in an input of a template, and there is no template.", then="Name one with -t.")
    documents: list[Document | str] = list(given["sources"])
    piped = _piped_beside(given)
    _guard_against_names(words, bool(documents or piped or given["paste"]))
    if piped is not None and words is None and not (given["template"] or given["system"] or documents):
        words, piped = _as_words(piped, given["model"])
    if piped is not None:
        documents.insert(0, piped)
    if given["paste"]:
        from curta.cli.clipboard import paste

        documents.append(paste())
    return {
        "words": words or "",
        "documents": documents,
        "attachments": [*read_attachments(given["attached"]), *typed_attachments(given["typed"])],
        "system": given["system"],
        "system_documents": list(given["system_sources"]),
        "template": given["template"],
        "inputs": dict(given["inputs"]),
        "options": options,
        "schema": schema(given),
    }


def piped_text(given: Mapping[str, Any]) -> str:
    """The words that were piped in."""
    piped = _piped_beside(given)
    return piped.text if piped else ""


def _piped_beside(given: Mapping[str, Any]) -> "Document | None":
    """What was piped in, unless a flag reads it: `-f -`, `-a -`."""
    names = (*given["sources"], *given["system_sources"], *given["attached"], *(name for name, _ in given["typed"]))
    return None if "-" in names else _piped()


def _piped() -> "Document | None":
    """What was piped in; None when stdin is a terminal or empty."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return None
    from curta.sources import load_stdin

    return load_stdin(sys.stdin.buffer)


def _as_words(piped: "Document", model: str | None) -> "tuple[str | None, Document | None]":
    """What is piped alone is the prompt. For the built-in model it is the text, unless it ends in a question."""
    from curta.models import registry

    quotes_only = registry.resolve(model or registry.default()) == registry.BUILT_IN
    return (None, piped) if quotes_only and not piped.text.rstrip().endswith("?") else (piped.text, None)


def _guard_against_names(words: str | None, has_sources: bool) -> None:
    """The name of a file or a URL alone, where a prompt belongs, is a slip of the hand."""
    if words is None or has_sources or not words or any(c.isspace() for c in words):
        return
    from os.path import exists

    if words.startswith(("http://", "https://")) or exists(words):
        raise UsageError(
            f"{words!r} names a source, not a prompt.", then=f"Ask about it: curta -f {words} 'a question'"
        )


def read_attachments(names: tuple[str, ...]) -> "list[Attachment]":
    if not names:
        return []
    from curta.sources.attachments import attachment

    return [attachment(name) for name in names]


def typed_attachments(typed: tuple[tuple[str, str], ...]) -> "list[Attachment]":
    if not typed:
        return []
    from curta.sources.attachments import attachment

    return [attachment(name, media_type) for name, media_type in typed]


def read_options(pairs: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Options as JSON values where they are JSON, as text otherwise: `-o seed 7`, `-o stop END`."""
    import json

    def read(value: str) -> Any:
        try:
            return json.loads(value)
        except ValueError:
            return value

    for name, value in pairs:
        if "=" in name:
            option, _, given = name.partition("=")
            raise UsageError(f"-o takes two words, not {name!r}.", then=f"-o {option} {given or value}")
    return {name: read(value) for name, value in pairs}


def schema(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schema that --schema or --schema-multi names. Raises UsageError."""
    spec = given["schema_multi"] if given["schema"] is None else given["schema"]
    if spec is None:
        return None
    if given["schema"] and given["schema_multi"]:
        raise UsageError("--schema and --schema-multi exclude each other.")
    from curta.api import prompting

    return prompting.schema(spec, multi=bool(given["schema_multi"]), log=database(given))


def database(given: Mapping[str, Any]) -> "Log | None":
    """The log that -d names."""
    if not given["database"]:
        return None
    from curta.store import open_log

    return open_log(given["database"])


def log(given: Mapping[str, Any]) -> "Log | bool":
    """Where this call is logged."""
    return (database(given) or True) if is_logged(given) else False


def is_logged(given: Mapping[str, Any]) -> bool:
    """Whether this call is logged: the flags decide, then the setting of `curta logs on/off`."""
    if given["no_log"] or given["force_log"]:
        return not given["no_log"]
    from curta.store import logging_is_on

    return logging_is_on()


def resumed(given: Mapping[str, Any], log: "Log | bool") -> "Conversation | None":
    """The conversation to go on with; None for a new one. Raises UnknownCall."""
    if not (given["resume"] or given["cid"] or given["from_call"]):
        return None
    if given["from_call"] and (given["resume"] or given["cid"]):
        raise UsageError("--from names a call: the conversation is the one that it belongs to.", then="Leave out -c.")
    from curta.api import prompting

    where = {"resume": given["cid"] or True, "from_call": given["from_call"]}
    return prompting.conversation(given["model"], **where, log=log, key=given["key"])


def warn_about_key(key: str | None) -> None:
    """A key on the command line is readable by every user of the machine and stays in the shell's history."""
    from curta.models import keys

    if key is not None and key not in keys.saved() and output.is_terminal(sys.stderr):
        output.note(
            "--key takes the name of a saved key; a key itself is visible to others. Save it: curta keys set NAME"
        )
