"""Fragments: whatever `-f` names becomes Documents: a source, a name given to one, a Document that the log has.

Rules:
1. What can be read under a name wins: a file, then an alias, then the hash (or its beginning) of a logged Document,
   then what an `llm` on this computer has under that alias or hash.
2. An alias keeps the text as it was when the name was given, whatever becomes of the file: `fragments.json` in Curta's
   home says which Documents it stands for, and each is a file of the folder `fragments`, named by its SHA-256.

May import `models.bridge`, `sources`, `store`, `llm_home`, `plugins` and the ground.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from curta import config
from curta.errors import ConfigError, SourceError, SourceNotFound, UsageError
from curta.messages import Document, part_from_dict

if TYPE_CHECKING:
    from curta.store import Log

FILE, FOLDER = "fragments.json", "fragments"
_ALIAS = re.compile(r"\w[\w.-]*")


def load(spec: str, *, stdin: BinaryIO | None = None, log: "Log | None" = None) -> list[Document]:
    """The Documents that `spec` names: a source that `sources.load` reads, an alias, or the hash of a logged Document.

    log: where hashes are looked up, by default the log of this user. Raises SourceError.
    """
    from curta import sources

    if _ALIAS.fullmatch(spec) and not os.path.lexists(spec):
        if (kept := aliases().get(spec)) is not None:
            return [_read(sha256, spec) for sha256 in kept]
        if found := _logged(spec, log) or _of_llm(spec):
            return [found]
    try:
        return sources.load(spec, stdin=stdin)
    except SourceNotFound as error:
        if (bridged := _of_llm_plugin(spec)) is not None:
            return bridged
        raise _or_an_alias(error, spec) from error


def _of_llm_plugin(spec: str) -> list[Document] | None:
    """What a plugin of the user's `llm` loads for this `prefix:argument`; None when there is no such plugin."""
    prefix, colon, argument = spec.partition(":")
    if not colon or not _ALIAS.fullmatch(prefix) or len(prefix) < 2:
        return None
    from curta.models.bridge import loaders as bridged

    if prefix not in bridged.prefixes("fragment"):
        return None
    loaded = bridged.fragments(prefix, argument)
    documents = [each for each in loaded if isinstance(each, Document)]
    if len(documents) < len(loaded):
        raise SourceError(f"{spec} is more than text, and a fragment is a text.", then="A picture is given with -a.")
    return documents


def aliases() -> dict[str, list[str]]:
    """What each alias stands for: the SHA-256 of its Documents."""
    return {name: list(kept) for name, kept in config.read(FILE).items()}


class Fragment(NamedTuple):
    """A text that has an alias or was sent. times: calls it was sent with; latest: when, UTC."""

    sha256: str
    aliases: tuple[str, ...]
    uri: str
    title: str
    characters: int
    times: int
    latest: datetime | None


def known(queries: Sequence[str] = (), *, log: "Log | None" = None) -> list[Fragment]:
    """Every text that has an alias or that the log has, the one sent longest ago first; those never sent before all.

    queries: only those with each of these as an alias or hash, or in their name, title or text.
    """
    from curta.store import open_log

    names: dict[str, tuple[str, ...]] = {}
    for alias, kept in aliases().items():
        for sha256 in kept:
            names[sha256] = (*names.get(sha256, ()), alias)
    held = {each.sha256: each for each in (log or open_log()).documents()}
    wanted = {each.sha256 for each in (log or open_log()).documents(queries)} if queries else held.keys()
    unsent = [_read(sha256, named[0]) for sha256, named in names.items() if sha256 not in held]
    found = [
        Fragment(each.sha256, names[each.sha256], each.uri, each.title, len(each.text), 0, None)
        for each in unsent
        if all(_names(query, names[each.sha256], each) for query in queries)
    ]
    for sha256, each in held.items():
        if sha256 in wanted or (queries and all(query in names.get(sha256, ()) for query in queries)):
            found.append(Fragment(sha256, names.get(sha256, ()), *each[1:]))
    return found


def set_alias(alias: str, spec: str, *, log: "Log | None" = None) -> list[Document]:
    """Call what `spec` names now `alias`, in place of what had the name. Returns the Documents.

    Raises UsageError for what cannot be an alias, SourceError for what cannot be read.
    """
    if not _ALIAS.fullmatch(alias):
        raise UsageError(f"{alias!r} cannot be an alias.", then="Use letters, digits, dashes, dots and _.")
    if not (documents := load(spec, log=log)):
        raise SourceNotFound(f"There is nothing in {spec!r}.")
    keep(alias, documents)
    return documents


def keep(alias: str, documents: Sequence[Document]) -> None:
    """Call these Documents `alias`, in place of what had the name."""
    with config.changing(FILE) as known:
        for document in documents:
            _keep(document)
        known[alias] = [document.sha256 for document in documents]
        _forget_unnamed(known)


def remove_alias(alias: str) -> None:
    """Forget an alias, and its text unless another alias stands for it. Raises UsageError when there is none."""
    with config.changing(FILE) as known:
        if known.pop(alias, None) is None:
            raise UsageError(f"No fragment is called {alias!r}.", then="`curta fragments --aliases` lists them.")
        _forget_unnamed(known)


def redact(text: str, *, regex: bool = False, replacement: str = "[redacted]", dry_run: bool = False) -> int:
    """Replace a text in all that aliases stand for, as `Log.redact` does in the log. How often it was there."""
    from curta.store.redaction import Substitution

    substitution = Substitution(text, regex, replacement)
    kept = {sha256: _read(sha256, alias) for alias, several in aliases().items() for sha256 in several}
    changed = {old: new for old, document in kept.items() if (new := substitution.in_document(document)) != document}
    if changed and not dry_run:
        with config.changing(FILE) as known:
            for document in changed.values():
                _keep(document)
            for alias, several in known.items():
                known[alias] = [changed[sha256].sha256 if sha256 in changed else sha256 for sha256 in several]
            _forget_unnamed(known)
    return substitution.matches


def loaders() -> dict[str, str]:
    """What each prefix of a source loads, in a line: those here, and those of plugins."""
    from curta import plugins, sources
    from curta.models.bridge import loaders as bridged

    ours = {prefix: (loader.__doc__ or "").strip().split("\n")[0] for prefix, loader in sources.LOADERS.items()}
    theirs = {f"{name}:": str(each.about.get("help", "")) for name, each in plugins.provided("sources").items()}
    others = {f"{prefix}:": help for prefix, help in bridged.prefixes("fragment").items()}
    return {**others, **theirs, **{prefix: help for prefix, help in ours.items() if help}}


def _names(query: str, named: Sequence[str], document: Document) -> bool:
    wanted = query.casefold()
    text = "\n".join((document.uri, document.title, document.text)).casefold()
    return query in named or wanted in text or document.sha256.startswith(wanted)


def _keep(document: Document) -> None:
    folder = config.ensure_folder(config.home() / FOLDER)
    with config.replacing(folder / f"{document.sha256}.json", 0o600) as file:
        json.dump(document.to_dict(), file, ensure_ascii=False)


def _read(sha256: str, alias: str) -> Document:
    path = config.home() / FOLDER / f"{sha256}.json"
    try:
        document = part_from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"The text of the fragment {alias!r} is gone or damaged: {path}.", then=f"curta fragments set {alias} FILE"
        ) from error
    assert isinstance(document, Document)
    return document


def _logged(hash: str, log: "Log | None") -> Document | None:
    if not re.fullmatch(r"[0-9a-fA-F]{6,64}", hash):
        return None
    from curta.store import open_log

    return (log or open_log()).document(hash)


def _of_llm(name: str) -> Document | None:
    """The fragment that an `llm` on this computer has under this alias or hash."""
    from curta import llm_home

    if not (llm_home.location() / llm_home.LOG).is_file():
        return None
    from curta.llm_home import kept

    return kept.fragment(name)


def _forget_unnamed(known: Mapping[str, list[str]]) -> None:
    """Remove the texts that no alias stands for. The caller holds the lock of the file of aliases."""
    named = {sha256 for kept in known.values() for sha256 in kept}
    for path in (config.home() / FOLDER).glob("*.json"):
        if path.stem not in named:
            path.unlink(missing_ok=True)


def _or_an_alias(error: SourceNotFound, spec: str) -> SourceNotFound:
    """`error`, with the aliases that are spelt like `spec`."""
    from difflib import get_close_matches

    if not (close := get_close_matches(spec, aliases(), n=2)):
        return error
    meant = " or ".join(close)
    return SourceNotFound(error.what, why=error.why, then=error.then or f"Did you mean the fragment {meant}?")
