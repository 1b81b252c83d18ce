"""The models there are, as listings show them: without loading any that is not built in."""

import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from curta.errors import CurtaError, UnknownModel
from curta.models import registry
from curta.models.model import Facts


class Listing(NamedTuple):
    """A model as listings show it.

    ready: whether it could be asked now. needs: the command that would make it ready, or what is in the way.
    """

    name: str
    aliases: tuple[str, ...]
    facts: Facts
    wire: str
    ready: bool
    needs: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {**self._asdict(), "facts": self.facts.to_dict()}


def listing() -> Iterator[Listing]:
    """Every model that is known by name."""
    from curta.models.extractive import Extractive

    others: dict[str, list[str]] = {}
    for alias, name in registry.aliases().items():
        others.setdefault(name, []).append(alias)
    built_in = Extractive()
    yield Listing(built_in.name, tuple(others.get(built_in.name, ())), built_in.facts, "built in", ready=True)
    yield from (_of_file(name, tuple(others.get(name, ()))) for name in registry.files())
    for entry in registry.entries():
        needs = "" if entry.ready else f"curta keys set {entry.key}"
        yield Listing(entry.name, tuple(others.get(entry.name, ())), entry.facts, entry.wire, entry.ready, needs)
    yield from _of_plugins({each.name for each in registry.entries()} | {registry.BUILT_IN, *registry.files()})
    yield from _of_servers()
    yield from _of_llm()


def _of_servers() -> Iterator[Listing]:
    """The models of other servers on this computer, of those that answer."""
    from curta.models import servers

    for name, models in servers.listed().items():
        about = servers.facts(servers.SERVERS[name])
        yield from (Listing(f"{name}/{each}", (), about, servers.SERVERS[name].title, ready=True) for each in models)


def _of_file(name: str, aliases: tuple[str, ...]) -> Listing:
    """A model file on this computer; what stands in its way is said where others say which key they need."""
    from curta.models.local import Local
    from curta.text.sizes import size

    file = registry.held(name)
    assert file is not None
    model = Local(file)
    try:
        facts, planned = model.facts, model.plan
    except CurtaError as error:
        return Listing(name, aliases, Facts(where="this computer", bytes=file.bytes), "engine", False, error.what)
    needs = "" if planned.fits else f"{size(planned.bytes)} of memory; {size(planned.spare or 0)} are to spare"
    return Listing(name, aliases, facts, "engine", planned.fits, needs)


def _of_plugins(taken: set[str]) -> Iterator[Listing]:
    """The models of plugins, but those whose name is taken."""
    from curta import plugins
    from curta.models import keys, plugged

    for name, found in plugins.provided("models").items():
        if name == found.name and name not in taken:
            key = found.about.get("key")
            ready = not key or keys.find(key) is not None
            needs = "" if ready else f"curta keys set {key}"
            aliases = tuple(found.about.get("aliases", ()))
            yield Listing(name, aliases, plugged.facts(found), f"plugin {found.plugin.name}", ready, needs)


def _of_llm() -> Iterator[Listing]:
    """The models of the plugins of the user's `llm` that no name finds elsewhere first."""
    from curta.models import keys
    from curta.models.bridge import manifest
    from curta.models.bridge.plugin_model import facts

    kept = manifest.listed()
    offered = {each["name"]: each for each in kept.models} if kept else {}
    for name in registry.not_found_elsewhere(offered):
        each = offered[name]
        key = each["key"]
        ready = not key or keys.find(key) is not None or bool(os.environ.get(each["key_variable"] or ""))
        needs, wire = "" if ready else f"curta keys set {key}", f"llm plugin {each['plugin']}"
        yield Listing(each["name"], tuple(each["aliases"]), facts(each), wire, ready, needs)


def matching(queries: Sequence[str]) -> str:
    """The model whose name or alias holds each of `queries`, the one with the shortest name. Raises UnknownModel."""
    wanted = [query.lower() for query in queries]
    found = [
        each.name
        for each in listing()
        if any(all(query in name.lower() for query in wanted) for name in (each.name, *each.aliases))
    ]
    if not found:
        raise UnknownModel(
            f"No model has {' and '.join(map(repr, queries))} in its name.", then="`curta models` lists them."
        )
    return min(found, key=len)
