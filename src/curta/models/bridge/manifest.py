"""What the plugins of the user's `llm` offer, kept in `llm-plugins.json`, so that no plugin is loaded to be listed.

It is true as long as its stamp is: the distributions installed beside `llm`, and the files in the folder of `llm` by
which plugins learn of models. To compare it, folders are listed; no Python is started.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from curta import config, errors
from curta.errors import ConfigError, ModelError
from curta.models.bridge import interpreter
from curta.models.bridge.interpreter import Installation

FILE = "llm-plugins.json"
FORM = 1
"""Of the file. A file of another form is written anew."""


class Manifest(NamedTuple):
    """What the plugins offer. Each entry is what `llm_side/listing.py` says of it.

    stamp: what was installed when it was listed. failed: plugin -> why it could not be loaded.
    """

    python: str
    llm: str
    user_dir: str
    folders: tuple[str, ...]
    stamp: str
    models: tuple[Mapping[str, Any], ...]
    embedding_models: tuple[Mapping[str, Any], ...]
    tools: tuple[Mapping[str, Any], ...]
    template_loaders: tuple[Mapping[str, Any], ...]
    fragment_loaders: tuple[Mapping[str, Any], ...]
    failed: Mapping[str, str]

    def model(self, name: str) -> Mapping[str, Any] | None:
        return _called(self.models, name)

    def embedding_model(self, name: str) -> Mapping[str, Any] | None:
        return _called(self.embedding_models, name)

    @property
    def plugins(self) -> list[str]:
        """The plugins that offer something, by name."""
        entries = (*self.models, *self.embedding_models, *self.tools, *self.template_loaders, *self.fragment_loaders)
        return sorted({each["plugin"] for each in entries})

    @property
    def is_current(self) -> bool:
        """Whether what is installed is still what was listed."""
        return self.stamp == _stamp(self.python, self.folders, self.user_dir)


def current() -> Manifest | None:
    """What the plugins offer now; None when there is no `llm`. Raises ModelError when they cannot be listed."""
    installation = interpreter.find()
    if installation is None:
        return None
    known = kept()
    if known is not None and known.python == installation.python and known.is_current:
        return known
    return refresh(installation)


def listed() -> Manifest | None:
    """`current()` for a list of more than this: when `llm` does not start, that is told and the list goes on."""
    try:
        return current()
    except (ModelError, ConfigError) as error:
        errors.tell(str(error))
        return None


def kept() -> Manifest | None:
    """What was listed last, if anything was; it may be out of date."""
    path = config.home() / FILE
    try:
        modified = path.stat().st_mtime_ns
    except OSError:
        return None
    return _read(path, modified)


def refresh(installation: Installation | None = None) -> Manifest | None:
    """List the plugins anew. Raises ModelError when `llm` does not start."""
    installation = installation or interpreter.find()
    if installation is None:
        return None
    errors.tell(f"Listing the plugins of llm ({installation.command[0]}); again only when they change.")
    listed = _with_what_was_known(_listed(installation), installation.python)
    folders = tuple(listed["folders"])
    found = Manifest(
        installation.python,
        folders=folders,
        stamp=_stamp(installation.python, folders, listed["user_dir"]),
        **{name: listed[name] for name in Manifest._fields if name not in ("python", "folders", "stamp")},
    )
    config.write(FILE, {"form": FORM, **found._asdict()})
    return found


OFFERS = ("models", "embedding_models", "tools", "template_loaders", "fragment_loaders")


def _with_what_was_known(listed: dict[str, Any], python: str) -> dict[str, Any]:
    """`listed`, and of plugins that fail now (a server that is not reached) what they offered before."""
    before = kept()
    for plugin, reason in listed["failed"].items():
        errors.tell(f"The llm plugin {plugin} fails: {reason}")
        for each in OFFERS if before and before.python == python else ():
            if not any(entry["plugin"] == plugin for entry in listed[each]):
                listed[each] += [entry for entry in getattr(before, each) if entry["plugin"] == plugin]
    return listed


def _listed(installation: Installation) -> dict[str, Any]:
    """Ask a process of its own: it has every plugin loaded, and is not kept."""
    from curta.models.bridge import failures, pool
    from curta.models.bridge.child import Child, ChildEnded

    try:
        child = Child(installation.python)
        try:
            child.put({"op": "offers"})
            while not (line := child.next()).get("done"):
                pass
        finally:
            child.close()
    except ChildEnded as error:
        raise _not_listed(failures.ended("llm", error, arrived=False)) from error
    if wrong := line.get("error"):
        raise _not_listed(failures.failure("llm", wrong))
    pool.retire()  # they know the plugins of before
    return line


def _not_listed(error: ModelError) -> ModelError:
    return ModelError(
        "The plugins of llm cannot be listed.",
        why=f"{error.what} {error.why}".strip(),
        then=f"Try `curta llm models`; to do without them: {interpreter.VARIABLE}={interpreter.OFF}",
    )


@cache
def _read(path: Path, modified: int) -> Manifest | None:
    try:
        value = config.read(path.name)
        if value.pop("form", None) != FORM:
            return None
        return Manifest(**value)
    except (ConfigError, TypeError):
        return None  # a cache that cannot be read is written anew


def _called(entries: tuple[Mapping[str, Any], ...], name: str) -> Mapping[str, Any] | None:
    """The entry of this name, else the last that has it as an alias, as in `llm`."""
    named = next((each for each in entries if each["name"] == name), None)
    return named or next((each for each in reversed(entries) if name in each["aliases"]), None)


def _stamp(python: str, folders: tuple[str, ...] | list[str], user_dir: str) -> str:
    from curta.messages import canonical, sha256

    seen = [[each, *_entries(each, _is_distribution)] for each in folders] + [
        [user_dir, *_entries(user_dir, _tells_of_models)]
    ]
    chosen = [os.environ.get(name, "") for name in ("LLM_LOAD_PLUGINS", "LLM_USER_PATH", "PYTHONPATH")]
    return sha256(canonical([python, _modified(python), chosen, seen]))


def _entries(folder: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, int]]:
    """The entries of a folder that matter, each with the time of its last change."""
    try:
        names = sorted(name for name in os.listdir(folder) if wanted(name))
    except OSError:
        return
    for name in names:
        yield name, _modified(os.path.join(folder, name))


def _is_distribution(name: str) -> bool:
    return name.endswith((".dist-info", ".egg-info", ".egg-link", ".pth"))


def _tells_of_models(name: str) -> bool:
    """Plugins keep the lists of models they have fetched as JSON there, users theirs as YAML."""
    return name.endswith((".json", ".yaml", ".yml")) and name not in ("keys.json", "default_model.txt")


def _modified(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
