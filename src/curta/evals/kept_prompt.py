"""An experiment with a template: what of a kept prompt belongs into a spec."""

from string import Template as Words
from typing import TYPE_CHECKING, Any

from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.templates import Template

_COLUMN = "text"
_BESIDES = ("fragments", "system_fragments", "attachments", "attachment_types", "tools", "functions")


def of_template(template: "Template") -> dict[str, Any]:
    """The keys of a spec that a template fills. Its variables without a default are columns or factors.

    `$input` is the text of an input, which goes along as a document. Raises UsageError for a template that brings more
    than words, options and a schema.
    """
    from curta.templates.template import GIVEN_ABOVE

    if more := [key for key in _BESIDES if getattr(template, key)]:
        raise UsageError(f"The template {template.name!r} has `{more[0]}:`, which an experiment cannot vary around.")
    defaults = {each.name: each.default for each in template.asks_for if each.default is not None}
    asks_input = "input" in [*Words(template.prompt).get_identifiers(), *Words(template.system).get_identifiers()]
    values = {**defaults, "input": GIVEN_ABOVE}
    told = {
        "prompt": Words(template.prompt).safe_substitute(_kept(values)),
        "system": Words(template.system).safe_substitute(_kept(values)),
        "options": dict(template.options),
        "schema": template.schema_object,
        "documents": [_COLUMN] if asks_input else None,
    }
    return {key: each for key, each in told.items() if each}


def _kept(values: dict[str, Any]) -> dict[str, str]:
    """The values as they stand in words that are filled once more: a dollar sign stays one."""
    return {name: str(value).replace("$", "$$") for name, value in values.items()}
