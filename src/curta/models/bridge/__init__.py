"""The bridge to the user's own `llm`: its installed `llm-*` plugins work here, unchanged, in a process of their own.

Rules:
1. Nothing of `llm` is imported into this process, and nothing of Curta into theirs. `llm_side/` is what runs under
   their interpreter; the two speak JSON lines over pipes.
2. It costs nothing until a name is asked for that Curta does not know: then one JSON file is read (`manifest.py`).
   Plugins are listed, which takes seconds, only when that file is missing or older than what is installed.
3. A child does one thing at a time. It lives as long as this process at most, and never touches Curta's files.
4. A key goes over the pipe, never into an argument or the environment; what a plugin says about a failure is cleaned of
   keys before it becomes an error of ours.

interpreter.py   whose `llm` it is          manifest.py   what its plugins offer, kept
child.py         one process, and the questions put to it     pool.py   the processes that are kept warm
plugin_model.py  a model of a plugin        history.py    a request as `llm` has it    answer.py   lines -> events
tools.py         functions and toolboxes    embedding.py  vectors    loaders.py   templates and fragments
failures.py      their errors as ours

May import `curta.models` and the ground.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curta.models.bridge.embedding import Embedder
    from curta.models.bridge.plugin_model import PluginModel


def model(name: str, key: str | None = None, *, listed: bool = False) -> "PluginModel | None":
    """The model that a plugin of the user's `llm` calls `name`, or `llm:name`; None when there is none.

    key: the name of a saved key, or a key. listed: look at the kept manifest only, whatever may have changed.
    Raises ModelError when the plugins have to be listed and cannot be.
    """
    from curta.models.bridge import manifest

    kept = manifest.kept() if listed else manifest.current()
    entry = kept.model(name.removeprefix("llm:")) if kept else None
    if kept is None or entry is None:
        return None
    from curta.models.bridge.plugin_model import PluginModel

    return PluginModel(kept.python, entry, key, name if name.startswith("llm:") else entry["name"])


def embedder(name: str, key: str | None = None) -> "Embedder | None":
    """The embedding model that a plugin of the user's `llm` calls `name`, or None. Raises ModelError as `model`."""
    from curta.models.bridge import manifest

    kept = manifest.current()
    entry = kept.embedding_model(name) if kept else None
    if kept is None or entry is None:
        return None
    from curta.models.bridge.embedding import Embedder

    return Embedder(kept.python, entry, key)
