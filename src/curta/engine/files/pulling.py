"""Bring a model file onto this computer, by a name of the catalogue, an address at the hub, or a URL.

    resolve (which commit, how large, which SHA-256) -> lock -> is it there? -> download -> verify -> link -> know it

A file that was pulled is pinned: pulled again, it is the same commit with the same hash, until it is removed.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from curta import config, errors, http
from curta.engine.files import catalogue, held, hub, places
from curta.engine.files.catalogue import Entry
from curta.engine.files.held import Kind, ModelFile
from curta.engine.files.places import Place
from curta.engine.files.reading import described
from curta.engine.files.transfer import Got, OnProgress, download
from curta.engine.files.verifying import sha256_of
from curta.engine.files.wanted import MAIN, HubFile, WebFile, parse
from curta.errors import ModelError, ModelFileError, NoHash, UsageError, WrongFile


class Pulled(NamedTuple):
    """A file that is here now. new: it was fetched. said: what said which SHA-256 it should have; empty for nobody."""

    file: ModelFile
    new: bool
    said: str


class Told(NamedTuple):
    """Who wants to hear how a pull goes. on_wait: called when another process pulls the same file."""

    on_progress: OnProgress = lambda progress: None
    on_retry: http.OnRetry | None = None
    on_wait: Callable[[], object] = lambda: None


class _Wish(NamedTuple):
    """What is to be pulled, and all that is known of it beforehand."""

    source: HubFile | WebFile
    name: str
    entry: Entry | None = None
    sha256: str | None = None
    said: str = ""
    verify: bool = True
    kind: Kind | None = None


def pull(
    what: str,
    *,
    name: str | None = None,
    kind: Kind | None = None,
    sha256: str | None = None,
    verify: bool = True,
    told: Told = Told(),  # noqa: B008 - a value
) -> Pulled:
    """The model file that `what` names, fetched if it is not here, verified, and known by its name from now on.

    what: a name of the catalogue, `hf:OWNER/REPOSITORY/FILE[@REVISION]`, or a URL. name: what to call it here.
    sha256: what it must have. verify: False to take a file that nobody gives a hash for.
    Raises UnknownModel, UsageError, NoHash, WrongFile, ModelFileError, or a ModelError of the network.
    """
    wish = _wish(what, name, sha256)._replace(verify=verify, kind=kind)
    known = held.held().get(wish.name)
    if known and not _is_of(known, wish):
        raise UsageError(f"{wish.name} is another file: {known.origin}.", then="Give this one a name: --name NAME")
    if known and _fits(known, wish):
        if known.path.is_file() and known.path.stat().st_size == known.bytes:
            return Pulled(known, False, "the pull before")
        wish = _pinned(wish, known)
    return _pull(wish, told)


def _wish(what: str, name: str | None, sha256: str | None) -> _Wish:
    entry = None if "/" in what else catalogue.find(what)
    source = entry.source if entry else parse(what, hub.endpoint())
    if source is None:
        raise catalogue.unknown(what)
    source = _one_file(source)
    own_name = entry.id if entry else source.file.rpartition("/")[2].removesuffix(".gguf")
    held.check_name(name := name or own_name)
    if sha256:
        return _Wish(source, name, entry, _hexadecimal(sha256), "you")
    return _Wish(source, name, entry, entry and entry.sha256, "the catalogue" if entry and entry.sha256 else "")


def _hexadecimal(sha256: str) -> str:
    if len(sha256) != 64 or set(sha256.lower()) - set("0123456789abcdef"):
        raise UsageError(f"{sha256!r} is no SHA-256: it has 64 hexadecimal digits.")
    return sha256.lower()


def _one_file(source: HubFile | WebFile) -> HubFile | WebFile:
    """`source`, with the only model of its repository when it names no file."""
    if source.file:
        return source
    if isinstance(source, WebFile):
        raise UsageError(f"{source.url} names no file.", then="It has to end in the name of a GGUF file.")
    files = hub.files(source.repo, source.revision)
    if len(files) == 1:
        return source._replace(file=files[0])
    shown = ", ".join(files[:12]) + (" ..." if len(files) > 12 else "")
    raise UsageError(
        f"{source.repo} has {len(files)} model files in one piece.",
        why=shown and f"{shown}.",
        then=f"Name one: curta models pull hf:{source.repo}/FILE" if files else "",
    )


def _is_of(known: ModelFile, wish: _Wish) -> bool:
    """Whether what is known by this name came from where the wish points, at whatever revision."""
    if isinstance(wish.source, WebFile):
        return known.origin == wish.source.url
    return known.origin.partition("@")[0] == str(wish.source._replace(revision=MAIN))


def _fits(known: ModelFile, wish: _Wish) -> bool:
    """Whether what is known is the very file that is wished for."""
    revision = wish.source.revision if isinstance(wish.source, HubFile) else MAIN
    same_revision = revision in (MAIN, known.origin.partition("@")[2])
    return known.sha256 == wish.sha256 if wish.sha256 else same_revision


def _pinned(wish: _Wish, known: ModelFile) -> _Wish:
    commit = known.origin.partition("@")[2]
    source = wish.source._replace(revision=commit) if isinstance(wish.source, HubFile) and commit else wish.source
    return wish._replace(source=source, sha256=wish.sha256 or known.sha256, said=wish.said or "the pull before")


def _pull(wish: _Wish, told: Told) -> Pulled:
    if isinstance(wish.source, WebFile):
        return _from_web(wish, wish.source, told)
    if hub.is_offline():
        return _from_cache(wish, wish.source, None)
    try:
        remote = hub.resolve(wish.source, told.on_retry)
    except ModelError as unreachable:
        return _from_cache(wish, wish.source, unreachable)
    return _from_hub(wish, wish.source, remote, told)


def _from_hub(wish: _Wish, source: HubFile, remote: hub.Remote, told: Told) -> Pulled:
    _agree(wish, remote)
    expected = wish.sha256 or remote.sha256
    if expected is None:
        _insist(wish)
        place = places.of_name(wish.name)
    else:
        place = places.of_hub(source, remote.commit, expected)
    got, new = _fetched(remote, place, expected, told)
    place.link()
    if expected:
        places.remember_commit(source, remote.commit)
    origin = str(source._replace(revision=remote.commit))
    said = wish.said or (hub.endpoint() if expected else "")
    return _kept(wish, place.path, got, origin, new, said)


def _agree(wish: _Wish, remote: hub.Remote) -> None:
    """Raise WrongFile when the hub has another file than was wished for: before anything is fetched."""
    if wish.sha256 and remote.sha256 and wish.sha256 != remote.sha256:
        raise WrongFile(
            f"{hub.endpoint()} has another file as {wish.source}.",
            why=f"Its SHA-256 is {remote.sha256}, not {wish.sha256}, as {wish.said} had it.",
            then="It was changed at its source. Nothing was fetched.",
        )


def _insist(wish: _Wish) -> None:
    """Raise NoHash when nobody says what the hash should be and that was not agreed to."""
    if wish.verify:
        raise NoHash(
            f"Nobody says which SHA-256 {wish.source} should have.",
            why="So nobody could tell whether what comes is the model.",
            then="Give it with --sha256 HEX, or take the file as it comes with --no-verify.",
        )


def _from_web(wish: _Wish, source: WebFile, told: Told) -> Pulled:
    if hub.is_offline():
        raise ModelFileError(f"{source.url} is not here.", why="HF_HUB_OFFLINE is set: nothing is fetched.")
    if wish.sha256 is None:
        _insist(wish)
    place = places.of_name(wish.name)
    got, new = _fetched(hub.Remote(source.url), place, wish.sha256, told)
    return _kept(wish, place.path, got, source.url, new, wish.said)


def _fetched(remote: hub.Remote, place: Place, expected: str | None, told: Told) -> tuple[Got, bool]:
    """The bytes at their place, and whether they were fetched. One process at a time."""
    try:
        place.make_folders()
    except OSError as error:
        raise ModelFileError(
            f"Cannot make {place.blob.parent}: {error.strerror}.", then="Set HF_HUB_CACHE to a folder you can write."
        ) from error
    with config.exclusive(place.lock, told.on_wait):
        if expected and place.blob.exists() and sha256_of(place.blob) == expected:
            return Got(expected, place.blob.stat().st_size), False
        got = download(remote, place.unfinished, sha256=expected, on_progress=told.on_progress, on_retry=told.on_retry)
        os.replace(place.unfinished, place.blob)
        _sync(place.blob.parent)
        return got, True


def _sync(folder: Path) -> None:
    """Have the new name of a file survive a power cut."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _from_cache(wish: _Wish, source: HubFile, unreachable: ModelError | None) -> Pulled:
    """The file as another program, or an earlier pull, left it in the Hub's cache."""
    commit = places.commit_known(source)
    path = places.folder(source.repo) / "snapshots" / commit / source.file
    if not path.is_file():
        if unreachable:
            raise unreachable
        raise ModelFileError(
            f"{source} is not in {places.hub_cache()}.",
            why="HF_HUB_OFFLINE is set: nothing is fetched.",
            then="Unset it to fetch the file.",
        )
    expected = wish.sha256 or places.hash_of_name(path)
    if expected is None:
        _insist(wish)
    if unreachable:
        errors.tell(f"{unreachable.what} The file is in the cache, and is used as it is there.")
    found = sha256_of(path)
    if expected and found != expected:
        raise WrongFile(f"{path} is damaged.", why=f"Its SHA-256 is {found}, not {expected}.", then="Pull it again.")
    got = Got(found, path.stat().st_size)
    said = wish.said or ("the Hub's cache" if expected else "")
    return _kept(wish, path, got, str(source._replace(revision=commit)), False, said)


def _kept(wish: _Wish, path: Path, got: Got, origin: str, new: bool, said: str) -> Pulled:
    entry, facts = wish.entry, described(path)
    file = ModelFile(
        name=wish.name,
        path=path,
        sha256=got.sha256,
        bytes=got.bytes,
        kind=wish.kind or (entry.kind if entry else facts.kind),
        origin=origin,
        licence=entry.licence if entry else facts.licence,
        context=(entry and entry.context) or facts.context,
        choice=entry.choice if entry else "",
        training_data=entry.data if entry else "",
    )
    held.keep(file)
    return Pulled(file, new, said)
