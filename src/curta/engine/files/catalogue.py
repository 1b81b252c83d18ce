"""The models Curta proposes: data, renewable without a release.

The catalogue comes with Curta. `update` puts another in its place, from a file or a URL; its SHA-256 is noted, and a
catalogue that was changed afterwards is refused. A hash in it overrules what a hub says. Where it has none (the hub
could not be asked when it was written), that of the first pull is kept and holds from then on.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256 as digest
from pathlib import Path
from typing import Any, NamedTuple

from curta import config
from curta.engine.files.held import KINDS, Kind, check_name
from curta.engine.files.wanted import MAIN, HubFile, hub_file
from curta.errors import ConfigError, CurtaError, UnknownModel, UsageError, WrongFile

FILE = "model_catalogue.json"
TAKEN = "model_catalogue_taken.json"  # where the catalogue in FILE came from, and its SHA-256
LARGEST = 1 << 20
BUILT_IN = "Curta itself"


class Entry(NamedTuple):
    """A model that can be pulled by its id, or by the choice it is: `small`, `better`, `open`, `embedding`.

    sha256, bytes: None where they were not known. ram: bytes of memory it takes with a context of some thousand tokens,
    estimated. context: in tokens, the most it was made for. data: what is known of what it was trained on.
    """

    id: str
    repo: str
    file: str
    revision: str = MAIN
    sha256: str | None = None
    bytes: int | None = None
    ram: int | None = None
    context: int | None = None
    licence: str = ""
    licence_url: str = ""
    data: str = ""
    notes: str = ""
    template: str = ""
    kind: Kind = "chat"
    choice: str = ""

    @property
    def source(self) -> HubFile:
        return hub_file(self.repo, self.file, self.revision)


class Catalogue(NamedTuple):
    """All entries, who wrote them and when, and where this catalogue came from with which SHA-256."""

    entries: tuple[Entry, ...]
    by: str
    date: str
    source: str
    sha256: str


def in_use() -> Catalogue:
    """The catalogue that holds now. Raises ConfigError when it is not what was taken in use, or no catalogue."""
    taken = config.read(TAKEN)
    if not taken:
        return _built_in()
    path = config.home() / FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror}.", then=_RESET) from error
    if digest(content).hexdigest() != taken.get("sha256"):
        raise ConfigError(f"{path} was changed after it was taken in use.", then=_RESET)
    return _read(content, str(taken.get("source")))


_RESET = "Go back to Curta's own: curta models catalogue --reset"


@cache
def _built_in() -> Catalogue:
    return _read(Path(__file__).with_name("catalogue.json").read_bytes(), BUILT_IN)


def find(name: str) -> Entry | None:
    """The entry with this id, or the one that is this choice."""
    entries = in_use().entries
    return next((each for each in entries if each.id == name), None) or next(
        (each for each in entries if each.choice and each.choice == name), None
    )


def unknown(name: str) -> UnknownModel:
    from difflib import get_close_matches

    names = [name for each in in_use().entries for name in (each.choice, each.id) if name]
    close = get_close_matches(name, names, n=3) or [each for each in names if name and name.lower() in each.lower()]
    return UnknownModel(
        f"The catalogue has no model called {name!r}.",
        why=f"Close to it: {', '.join(close)}." if close else f"It has: {', '.join(names)}.",
        then="A file of a hub is named so: hf:OWNER/REPOSITORY/FILE.gguf",
    )


def update(source: str, sha256: str | None = None) -> Catalogue:
    """Take the catalogue at `source`, a file or a URL, in use. sha256: what it must have, where somebody said.

    Raises WrongFile when it has another, UsageError when it is no catalogue, SourceError when it cannot be read.
    """
    content = _content(source)
    if sha256 and (found := digest(content).hexdigest()) != sha256.lower():
        raise WrongFile(f"{source} is not the catalogue it should be.", why=f"Its SHA-256 is {found}, not {sha256}.")
    try:
        catalogue = _read(content, source)
    except ConfigError as error:
        raise UsageError(error.what, why=error.why) from error
    config.ensure_folder(config.home())
    with config.replacing(config.home() / FILE, 0o600) as file:
        file.write(content.decode())
    config.write(TAKEN, {"source": source, "sha256": catalogue.sha256})
    return catalogue


def reset() -> None:
    """Go back to the catalogue that came with Curta."""
    config.write(TAKEN, {})
    (config.home() / FILE).unlink(missing_ok=True)


def _content(source: str) -> bytes:
    if source.startswith(("http://", "https://")):
        from curta import http

        return http.fetch(source, max_bytes=LARGEST).body
    try:
        with open(source, "rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"Cannot read {source}: {error.strerror}.") from error
    if len(content) > LARGEST:
        raise UsageError(f"{source} is larger than a catalogue may be: {LARGEST:,} bytes.")
    return content


def _read(content: bytes, source: str) -> Catalogue:
    try:
        value = json.loads(content)
        entries = tuple(map(_entry, value["models"]))
        found = Catalogue(entries, str(value["by"]), str(value["date"]), source, digest(content).hexdigest())
        _check_names(entries)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, CurtaError) as error:
        raise ConfigError(f"{source} is no catalogue of models.", why=f"{type(error).__name__}: {error}") from error
    return found


def _entry(what: Mapping[str, Any]) -> Entry:
    """An entry whose fields are of the types they should be. Raises CurtaError, ValueError, KeyError or TypeError."""
    entry = Entry(**{name: value for name, value in what.items() if name in Entry._fields})
    numbers, texts = {"bytes", "ram", "context"}, {"sha256"}
    for name, value in entry._asdict().items():
        kind = int if name in numbers else str
        if not isinstance(value, kind) and not (value is None and name in numbers | texts):
            raise ValueError(f"{name} of {what.get('id')!r} is {value!r}")
    if entry.kind not in KINDS or not entry.source.file:
        raise ValueError(f"{entry.id} has no file, or is of no kind that is known")
    if entry.sha256 is not None and (len(entry.sha256) != 64 or set(entry.sha256) - set("0123456789abcdef")):
        raise ValueError(f"{entry.sha256!r} is no SHA-256")
    return entry


def _check_names(entries: tuple[Entry, ...]) -> None:
    def names() -> Iterator[str]:
        for each in entries:
            yield each.id
            if each.choice:
                yield each.choice

    for name in names():
        check_name(name)
    if len(set(names())) != len(list(names())):
        raise ValueError("two models have the same name")
