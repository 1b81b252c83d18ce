"""The nouns of plugins."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["models", "embedders", "sources", "tools", "templates", "commands", "keys", "scorers"]
"""What a plugin can provide; its hook is `register_` and this."""

Origin: TypeAlias = Literal["environment", "home", "file"]
"""Where a plugin lives: in Curta's own environment, in the user's (`curta install`), a file in the `plugins` folder."""


TOO_SLOW = "it took longer than"
"""How the error of a plugin begins that hangs: it is not asked again before it changes, or somebody wants to know."""


class Plugin(NamedTuple):
    """A plugin that is installed.

    name, version: of its distribution; a file has its name and no version.
    entry: what is imported: `module`, `module:attribute`, or the path of a file.
    folder: the site folder it was found in. stamp: changes when it is installed anew.
    files: its modules, each with its time of change, when the manifest has to notice an edit.
    provides: kind -> name -> what is known of it without importing it.
    error: why it does not work, or only in part; empty when it does.
    """

    name: str
    version: str
    entry: str
    folder: str
    origin: Origin
    stamp: int
    files: Mapping[str, int] = {}
    provides: Mapping[Kind, Mapping[str, Mapping[str, Any]]] = {}
    error: str = ""

    @property
    def label(self) -> str:
        return f"{self.name} {self.version}".strip()

    def blamed(self, *passing: type[BaseException]) -> AbstractContextManager[None]:
        """Errors raised inside the block become a PluginError that names this plugin, but for `passing` ones."""
        from curta.plugins.loading import blamed

        return blamed(self, *passing)


class Provided(NamedTuple):
    """Something that a plugin provides. about: what is known of it without importing the plugin."""

    kind: Kind
    name: str
    plugin: Plugin
    about: Mapping[str, Any]

    def load(self) -> Any:
        """What the plugin registered under this name; imports the plugin. Raises PluginError."""
        from curta.plugins.loading import load

        return load(self.plugin, self.kind, self.name)
