"""The names that Tab completes and no script can know: models, aliases, templates, saved keys.

They are kept in `completion.txt`, a line each (the kind, a tab, the name), which the shells read themselves. Commands
that change a name call `refresh`. Keys stand there by their names alone.
"""

import re
from collections.abc import Iterator

from curta import config

FILE = "completion.txt"
KINDS = (
    "model",
    "added",
    "held",
    "offered",
    "alias",
    "template",
    "key",
    "schema",
    "fragment",
    "server",
    "tool",
    "plugin",
    "command",
    "index",
    "embedder",
)
"""model: any name for -m. added, alias: what the user added or pulled, and can remove. held: model files. offered: what
can be pulled. command: those of plugins."""

_SAFE = re.compile(r"[\w@%+=:,./-]+")  # a name that a shell would read as more than a word is not offered


def refresh() -> None:
    """Write the names anew. Raises ConfigError."""
    lines = sorted({f"{kind}\t{name}\n" for kind, name in _names() if _SAFE.fullmatch(name)})
    path = config.ensure_folder(config.home()) / FILE
    with config.replacing(path, 0o600) as file:
        file.writelines(lines)


def _models_of_llm() -> Iterator[str]:
    """The models of the plugins of `llm`, as they were listed last."""
    from curta.models.bridge import manifest

    kept = manifest.kept()
    yield from (each["name"] for each in (kept.models if kept else ()))


def _embedders() -> Iterator[str]:
    """The embedding models, those of the plugins of `llm` as they were listed last."""
    from curta import plugins
    from curta.engine.files.held import held
    from curta.models.bridge import manifest
    from curta.models.embedding import described

    kept = manifest.kept()
    yield from (*described.own(), *described.catalogued(), *described.aliases(), *plugins.provided("embedders"))
    yield from (file.name for file in held().values() if file.kind == "embedding")
    yield from (each["name"] for each in (kept.embedding_models if kept else ()))


def _names() -> Iterator[tuple[str, str]]:
    from curta import fragments, plugins, templates
    from curta.engine.files import catalogue
    from curta.engine.files.held import held
    from curta.index.stores import places
    from curta.models import keys, registry
    from curta.schemas import saved
    from curta.tools import available
    from curta.tools.mcp import servers

    yield "model", registry.BUILT_IN
    yield from (("model", name) for name in plugins.provided("models"))
    yield from (("plugin", plugin.name) for plugin in plugins.installed(all=True))
    yield from (("command", name) for name in plugins.provided("commands"))
    yield from (("model", name) for name in registry.files())
    yield from (("model", entry.name) for entry in registry.entries())
    yield from (("model", alias) for alias in registry.aliases())
    yield from (("model", name) for name in _models_of_llm())
    yield from (("added", name) for name in (*config.read(registry.MODELS_FILE), *held()))
    yield from (("held", name) for name in held())
    yield from (("offered", name) for each in catalogue.in_use().entries for name in (each.choice, each.id) if name)
    yield from (("alias", alias) for alias in config.read(registry.CONFIG_FILE).get("aliases", {}))
    yield from (("template", name) for name, _ in templates.names())
    yield from (("schema", name) for name in saved.saved())
    yield from (("fragment", alias) for alias in fragments.aliases())
    yield from (("key", name) for name in (*keys.saved(), *keys.of_llm()))
    yield from (("server", name) for name in servers.names())
    yield from (("index", name) for name in places.names())
    yield from (("embedder", name) for name in _embedders())
    yield from (("tool", name) for name in (*servers.names(), *(each.spec for each in available())))
