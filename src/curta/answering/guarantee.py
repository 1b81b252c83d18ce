"""Who guarantees that a quotation is the source's own words: the grammar a model is held to, or the check alone.

A model that can be held to the Documents while it writes declares the option `verbatim`; it is set here unless the user
has set it. Every answer is checked all the same, and the log keeps who guaranteed what.
"""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from curta.conversations import Response
from curta.messages import JSON, Request
from curta.models.model import Model

OPTION, FREELY = "verbatim", "free"

Guarantee: TypeAlias = Literal["grammar", "check"]


def held(model: Model, how: Mapping[str, Any]) -> dict[str, Any]:
    """What `Conversation.prompt` takes, with the model held to quoting whole sentences where it can be."""
    options: Mapping[str, JSON] = how.get("options") or {}
    if OPTION in options or not _can_be_held(model):
        return dict(how)
    return {**how, "options": {**options, OPTION: "sentences"}}


def by(response: Response) -> Guarantee:
    """Who guaranteed the quotations of an answer."""
    return "grammar" if _is_held(response.model, response.request) else "check"


def kept(report: Mapping[str, JSON], response: Response) -> dict[str, JSON]:
    """A verdict as the log keeps it: with who guaranteed the quotations."""
    return {**report, "guaranteed_by": by(response)}


def _can_be_held(model: Model) -> bool:
    return any(option.name == OPTION for option in model.options)


def _is_held(model: Model, request: Request) -> bool:
    return _can_be_held(model) and request.options.get(OPTION, FREELY) != FREELY
