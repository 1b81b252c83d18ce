"""The model of a prompt, when it is not called by its name: by part of it, or by the address of its server."""

from typing import Any

from curta.cli import output
from curta.errors import UsageError
from curta.models import addresses, registry
from curta.models.listing import matching


def choose(given: dict[str, Any]) -> None:
    """Put the name of the model that -q or --endpoint means into `given`. Raises UnknownModel, UsageError."""
    if given["endpoint"]:
        if given["queries"]:
            raise UsageError("-q looks among the models that are known; --endpoint names a server.", then="Use -m.")
        given["model"] = addresses.at_address(given["endpoint"], given["model"])
    elif given["queries"] and not given["model"]:
        given["model"] = matching(given["queries"])


def show_options(given: dict[str, Any]) -> int:
    """The options of the model that would be asked."""
    named = given["model"] or next((each.model for each in given["template"] if each.model), None)
    model = registry.get(named, key=given["key"])
    output.line(model.name)
    for option in model.options:
        default = "" if option.default is None else f" ({option.default})"
        output.line(f"  -o {option.name} {option.type.__name__}{default}: {option.help}")
    if not model.options:
        output.line("  takes no options")
    return 0
