"""What was typed and piped, made into what the API takes."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from curta.cli import output
from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.conversations import Conversation
    from curta.messages import Attachment, Document


def asked(words: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """What goes with the prompt: the words, the Documents, and everything named by flags."""
    options = read_options(given["options"])
    if given["inputs"] and not given["template"]:
        raise UsageError("-p fills in an input of a template, and there is no template.", then="Name one with -t.")
    documents: list[Document | str] = list(given["sources"])
    piped = None if "-" in documents else _piped()
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
        "attachments": read_attachments(given["attached"]),
        "system": given["system"],
        "template": given["template"],
        "inputs": dict(given["inputs"]),
        "options": options,
        "schema": _schema(given["schema"]),
    }


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


def _schema(named: str | None) -> dict[str, Any] | None:
    """A schema from its JSON or from a file that holds it."""
    if named is None:
        return None
    import json

    source = named
    if not named.lstrip().startswith(("{", "[")):
        from curta.sources import load

        source = load(named)[0].text
    try:
        value = json.loads(source)
    except ValueError as error:
        raise UsageError(f"The schema is not valid JSON: {error}.") from error
    if not isinstance(value, dict):
        raise UsageError('A JSON schema is an object, such as {"type": "object", ...}.')
    return value


def is_logged(given: Mapping[str, Any]) -> bool:
    """Whether this call is logged: the flags decide, then the setting of `curta logs on/off`."""
    if given["no_log"] or given["force_log"]:
        return not given["no_log"]
    from curta.store import logging_is_on

    return logging_is_on()


def resumed(given: Mapping[str, Any], log: bool) -> "Conversation | None":
    """The conversation to go on with; None for a new one. Raises UnknownCall."""
    if not (given["resume"] or given["cid"] or given["from_call"]):
        return None
    if given["from_call"] and (given["resume"] or given["cid"]):
        raise UsageError("--from names a call: the conversation is the one that it belongs to.", then="Leave out -c.")
    from curta import api

    where = {"resume": given["cid"] or True, "from_call": given["from_call"]}
    return api.conversation(given["model"], **where, log=log, key=given["key"])


def warn_about_key(key: str | None) -> None:
    """A key on the command line is readable by every user of the machine and stays in the shell's history."""
    from curta.models import keys

    if key is not None and key not in keys.saved() and output.is_terminal(sys.stderr):
        output.note(
            "--key takes the name of a saved key; a key itself is visible to others. Save it: curta keys set NAME"
        )
