"""Scorers of plugins: functions of an answer, found by name."""

from curta import plugins
from curta.evals.scorers.kinds import Kind


def names() -> list[str]:
    """The names of all scorers that plugins provide."""
    return list(plugins.provided("scorers"))


def kind_of(name: str) -> Kind | None:
    """The kind that a plugin provides under this name, if one does. Imports the plugin; raises PluginError."""
    found = plugins.find("scorers", name)
    return Kind(found.load(), version=int(found.about.get("version", 1)), slow=True) if found else None
